"""A batch writes what the ordinary way writes, order by order, to the last column."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from oms import clock, db
from oms.capture.arrivals import Arrival, Fate, Message, is_plain
from oms.catalogue.models import Product
from oms.channels import inbox
from oms.channels.base import RawRequest
from oms.channels.models import MessageStatus
from oms.channels.registry import channel
from oms.db import transaction
from oms.sourcing import bid_prices, overriding, policies
from oms.sourcing.policy import parse
from tests.oms.capture.both_ways import ADDRESS, EMAIL, LINE, NOW, at_once, cleared, rows
from tests.oms.channels.test_inbox import an_event
from tests.oms.shop import Shop


def arrivals(events: Sequence[RawRequest]) -> list[Arrival]:
    adapter = channel("reference")
    found = []
    for request in events:
        hint = adapter.hint(request)
        new = adapter.to_order(request.body, topic=hint.topic)
        assert is_plain(new)
        found.append(Arrival(new, Message(hint, request.body), clock.now(), None))
    return found


def one_by_one(session: Session, events: Sequence[RawRequest]) -> None:
    for request in events:
        receipt = inbox.store(session, channel("reference"), request)
        if not receipt.repeated:
            assert inbox.apply_stored(session, receipt.message_id) is MessageStatus.APPLIED
    session.flush()


EVENT = st.fixed_dictionaries(
    {
        "lines": st.lists(LINE, min_size=1, max_size=4),
        "store": st.sampled_from([None, None, "S01"]),
        "email": EMAIL,
        "address": ADDRESS,
        "payment": st.sampled_from(["paid", "paid", "pending"]),
        "again": st.booleans(),
    }
)


def request(number: int, drawn: dict[str, Any]) -> RawRequest:
    """The message that the reference channel would send."""
    made = an_event(
        str(number),
        payment=drawn["payment"],
        customer={"name": "Ada Example", "email": drawn["email"]},
        lines=[
            {"id": str(at), "unit_price": "12.50"} | one
            for at, one in enumerate(drawn["lines"], start=1)
        ],
    )
    if drawn["store"]:
        made["data"]["delivery"] = {"method": "pickup", "store": drawn["store"]}
    else:
        made["data"]["delivery"]["address"] |= drawn["address"]
    return RawRequest(headers=(("webhook-id", f"msg_{number}"),), body=json.dumps(made).encode())


POLICY = {
    "name": "peak",
    "limits": {"max_parcels": 2, "late_days": 1},
    "exclusions": [
        {"location": "S01", "reason": "too busy", "service": "standard"},
        {"location": "S02", "reason": "no licence", "category": "heavy"},
    ],
    "holds": [{"channel": "reference", "service": "standard", "minutes": 30}],
    "unfilled": {"cents_per_line": 900, "cents_per_unit": 300},
}


def same_rows(drawn: list[dict[str, Any]]) -> None:
    messages = [request(number, one) for number, one in enumerate(drawn, start=1)]
    messages += [message for message, one in zip(messages, drawn, strict=True) if one["again"]]
    with clock.at(NOW):
        with Session(db.engine()) as session:
            one_by_one(session, messages)
            expected = rows(session)
            session.rollback()
        outcomes = at_once(arrivals(messages))
    with transaction() as session:
        assert rows(session) == expected
    assert [one.fate for one in outcomes] == [Fate.PLACED] * len(drawn) + [Fate.REPEATED] * (
        len(messages) - len(drawn)
    )
    cleared()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=st.lists(EVENT, min_size=1, max_size=8))
def test_a_batch_leaves_the_rows_that_one_after_the_other_leaves(
    shop: Shop, drawn: list[dict[str, Any]]
) -> None:
    same_rows(drawn)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=st.lists(EVENT, min_size=1, max_size=6))
def test_a_batch_follows_the_policy_in_force(shop: Shop, drawn: list[dict[str, Any]]) -> None:
    with clock.at(NOW), transaction() as session:
        session.get_one(Product, "ANVIL").category = "heavy"
        policies.add(session, parse(POLICY), effective_from=NOW, actor="test")
    same_rows(drawn)


WEIGHING = {
    "name": "weighing",
    "weights": {
        "opportunity_percent": 100,
        "acceptance_percent": 400,
        "congestion_cents": 300,
        "lateness_cents_per_day": 250,
    },
}


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=st.lists(EVENT, min_size=1, max_size=6))
def test_a_batch_weighs_what_the_policy_weighs(shop: Shop, drawn: list[dict[str, Any]]) -> None:
    with clock.at(NOW), transaction() as session:
        session.get_one(Product, "ANVIL").category = "heavy"
        policies.add(session, parse(WEIGHING), effective_from=NOW, actor="test")
        worth = {("MUG", "S01"): 600, ("LAMP", "S02"): 375, ("ANVIL", "S01"): 67}
        bid_prices.learn(session, worth, run_id=uuid4(), skus=(), smoothing_percent=100)
        overriding.set_override(session, "S02", probability=0.4, reason="short", actor="test")
    same_rows(drawn)


def test_a_pickup_that_may_be_sent_to_its_store_is_left_for_a_closer_look(shop: Shop) -> None:
    with clock.at(NOW), transaction() as session:
        lanes = [{"parcel_cents": 100, "store": "S01"}]
        policy = parse({"name": "sent on", "transfers": lanes})
        policies.add(session, policy, effective_from=NOW, actor="test")
    wants = {"payment": "paid", "email": "", "lines": [{"sku": "ANVIL", "quantity": 7}]}
    here = {"sku": "MUG", "quantity": 1}
    drawn = [wants | {"store": "S01"}, wants | {"store": "S01", "lines": [here]}]
    messages = [request(number, one) for number, one in enumerate(drawn, start=1)]
    with clock.at(NOW):
        outcomes = at_once(arrivals(messages))
    assert [one.fate for one in outcomes] == [Fate.LEFT, Fate.PLACED]
    cleared()
