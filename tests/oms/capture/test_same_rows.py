"""A batch writes what the ordinary way writes, order by order, to the last column."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from oms import clock, db
from oms.capture import batch, network
from oms.capture.arrivals import Arrival, Fate, Outcome, is_plain
from oms.capture.stock_view import StockView
from oms.capture.writer import connect
from oms.catalogue.models import Product
from oms.channels import inbox
from oms.channels.base import RawRequest
from oms.channels.models import MessageStatus
from oms.channels.registry import channel
from oms.db import transaction
from oms.locations.models import Postcode
from oms.sourcing import policies
from oms.sourcing.policy import parse
from oms.tables import METADATA
from tests.oms.channels.test_inbox import an_event
from tests.oms.shop import Shop, a_shop, fill

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
WRITTEN = (
    "customers", "addresses", "orders", "order_lines", "order_holds", "order_revisions",
    "reservations", "stock_movements", "stock_balances", "audit", "outbox", "channel_message_keys",
    "channel_messages",
)  # fmt: skip
NAMES = """
SELECT id::text, 'location ' || code FROM locations
UNION ALL SELECT id::text, 'customer ' || email || name FROM customers
UNION ALL SELECT id::text, 'order ' || external_id FROM orders
UNION ALL SELECT l.id::text, 'line ' || o.external_id || ' ' || l.position
          FROM order_lines l JOIN orders o ON o.id = l.order_id
UNION ALL SELECT id::text, 'message ' || dedupe_key FROM channel_messages
"""
SERIAL = {"stock_movements", "audit", "outbox"}


@pytest.fixture
def shop(live_database: str) -> Shop:
    with transaction() as session:
        made = a_shop(session)
        fill(session, made)
        session.add(Postcode(country="US", postcode="10002", latitude=40.7, longitude=-73.9))
        session.add(Postcode(country="US", postcode="02116", latitude=42.3, longitude=-71.0))
    return made


def arrivals(events: Sequence[RawRequest]) -> list[Arrival]:
    adapter = channel("reference")
    found = []
    for request in events:
        hint = adapter.hint(request)
        new = adapter.to_order(request.body, topic=hint.topic)
        assert is_plain(new)
        found.append(Arrival(new, hint, request.body, at=clock.now(), request_id=None))
    return found


def one_by_one(session: Session, events: Sequence[RawRequest]) -> None:
    for request in events:
        receipt = inbox.store(session, channel("reference"), request)
        if not receipt.repeated:
            assert inbox.apply_stored(session, receipt.message_id) is MessageStatus.APPLIED
    session.flush()


def at_once(events: Sequence[RawRequest]) -> list[Outcome]:
    async def write() -> list[Outcome]:
        with transaction() as session:
            view = network.read(session)
        connection = await connect()
        try:
            return await batch.write(connection, view, StockView(view.index), arrivals(events))
        finally:
            await connection.close()

    return asyncio.run(write())


def rows(session: Session) -> dict[str, list[str]]:
    """Every row, ids replaced by what they stand for."""
    names = dict(session.execute(text(NAMES)).all())  # type: ignore[arg-type]
    found = {}
    for table in WRITTEN:
        dropped = {"number"} if table == "orders" else set()
        if table in SERIAL or "id" in METADATA.tables[table].columns:
            dropped.add("id")
        found[table] = sorted(
            json.dumps(
                {
                    key: "an address"
                    if key == "address_id" and value
                    else names.get(value, value)
                    if isinstance(value, str)
                    else value
                    for key, value in row.items()
                    if key not in dropped
                },
                sort_keys=True,
            )
            for row in session.scalars(text(f'SELECT to_jsonb(t) FROM "{table}" t'))
        )
    return found


def cleared() -> None:
    with transaction() as session:
        session.execute(
            text(
                "TRUNCATE orders, customers, channel_message_keys, channel_messages, outbox, audit"
                " CASCADE"
            )
        )
        session.execute(text("DELETE FROM stock_movements WHERE kind = 'reserve'"))
        session.execute(text("UPDATE stock_balances SET reserved = 0"))


LINE = st.fixed_dictionaries(
    {"sku": st.sampled_from(["MUG", "LAMP", "ANVIL"]), "quantity": st.integers(1, 7)}
)
ADDRESS = st.sampled_from(
    [
        {"postcode": "10002-1234", "latitude": None, "longitude": None},
        {"postcode": "02116", "latitude": None, "longitude": None},
        {"postcode": "02199", "latitude": None, "longitude": None},
        {"postcode": "99999", "latitude": None, "longitude": None},
        {"postcode": "60601", "latitude": 41.8, "longitude": -87.6},
    ]
)
EVENT = st.fixed_dictionaries(
    {
        "lines": st.lists(LINE, min_size=1, max_size=4),
        "store": st.sampled_from([None, None, "S01"]),
        "email": st.sampled_from(["", "ada@example.com", "Ada@Example.com", "Ä@example.com"]),
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
        outcomes = at_once(messages)
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
