"""A channel's message: kept as it came, applied once, parked with its cause, never lost."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from oms import clock
from oms.channels import inbox, messages
from oms.channels.base import BadSignature, RawRequest
from oms.channels.models import ChannelMessage, MessageStatus
from oms.channels.reference import signature
from oms.channels.registry import channel
from oms.errors import Conflict
from oms.exceptions import cases
from oms.exceptions.models import ExceptionKind, OpenException
from oms.orders import queries as orders
from oms.orders.models import Order, OrderStatus
from tests.builders import a_listing, contents, refused, stock
from tests.oms.shop import Shop, buckets, fill

KEY = signature.key_from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", field="secret")


def an_event(
    identifier: str = "5001", *, kind: str = "order.created", minute: int = 0, **changes: Any
) -> dict[str, Any]:
    """An event of the reference channel: two mugs to an address in New York."""
    order: dict[str, Any] = {
        "id": identifier,
        "placed_at": "2026-03-02T12:00:00Z",
        "updated_at": f"2026-03-02T12:{minute:02}:00Z",
        "currency": "USD",
        "total": "25.00",
        "payment": "paid",
        "customer": {"name": "Ada Example", "email": "ada@example.com"},
        "delivery": {
            "method": "ship",
            "address": {
                "name": "Ada Example",
                "street": "5 Main Street",
                "city": "New York",
                "country": "US",
                "postcode": "10002",
                "latitude": 40.71,
                "longitude": -74.0,
            },
        },
        "lines": [{"id": "1", "sku": "MUG", "quantity": 2, "unit_price": "12.50"}],
    }
    return {"type": kind, "timestamp": "2026-03-02T12:00:00Z", "data": order | changes}


def signed(body: bytes, *, message_id: str = "msg_1") -> RawRequest:
    headers = signature.sign(body, identifier=message_id, now=clock.now(), keys=[KEY])
    return RawRequest(headers=tuple(headers.items()), body=body)


def kept(session: Session, event: dict[str, Any] | bytes, *, message_id: str = "msg_1") -> UUID:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    receipt = inbox.store(session, channel("reference"), signed(body, message_id=message_id))
    return receipt.message_id


def applied(
    session: Session, event: dict[str, Any] | bytes, *, message_id: str = "msg_1"
) -> ChannelMessage:
    found = kept(session, event, message_id=message_id)
    inbox.apply_stored(session, found)
    session.flush()
    return session.get_one(ChannelMessage, found)


def the_order(session: Session, identifier: str = "5001") -> Order:
    order = orders.by_reference(session, channel="reference", external_id=identifier)
    assert order is not None
    return order


def the_case(session: Session) -> OpenException:
    [case] = cases.open_cases(session)
    return case


def test_a_message_is_kept_exactly_as_it_came_before_anything_is_done(
    session: Session, shop: Shop
) -> None:
    body = json.dumps(an_event(), ensure_ascii=False, indent=3).encode() + b"  \n"
    receipt = inbox.store(session, channel("reference"), signed(body))
    assert (receipt.status, receipt.repeated) == (MessageStatus.RECEIVED, False)
    message = session.get_one(ChannelMessage, receipt.message_id)
    assert message.body == body
    assert (message.channel, message.topic, message.reference, message.dedupe_key) == (
        "reference",
        "order.created",
        "5001",
        "msg_1",
    )
    assert set(message.headers) == {"webhook-id", "webhook-timestamp"}
    assert session.exec(select(Order)).all() == []


def test_a_message_is_applied_once(session: Session, shop: Shop) -> None:
    fill(session, shop)
    message = applied(session, an_event())
    order = the_order(session)
    assert (message.status, message.outcome, message.order_id) == (
        MessageStatus.APPLIED,
        "placed",
        order.id,
    )
    assert message.settled_at is not None
    assert [row.id for row in messages.of_order(session, order.id)] == [message.id]
    before = contents(session)
    assert inbox.apply_stored(session, message.id) is MessageStatus.APPLIED
    assert contents(session) == before


def test_a_repeated_message_is_counted_and_has_no_effect(session: Session, shop: Shop) -> None:
    fill(session, shop)
    first = applied(session, an_event())
    for repeats in (1, 2):
        receipt = inbox.store(
            session, channel("reference"), signed(json.dumps(an_event()).encode())
        )
        assert (receipt.message_id, receipt.status, receipt.repeated) == (
            first.id,
            MessageStatus.APPLIED,
            True,
        )
        session.refresh(first)
        assert first.repeats == repeats
    assert len(session.exec(select(Order)).all()) == 1


def test_the_same_event_under_another_id_changes_nothing(session: Session, shop: Shop) -> None:
    fill(session, shop)
    applied(session, an_event())
    again = applied(session, an_event(), message_id="msg_2")
    assert (again.status, again.outcome) == (MessageStatus.APPLIED, "unchanged")
    assert buckets(session, the_order(session)) == [{"reserved": 2}]


def test_one_event_from_two_shops_is_two_messages(session: Session, shop: Shop) -> None:
    fill(session, shop)
    applied(session, an_event())
    body = b'{"id": 5001}'
    digest = base64.b64encode(hmac.new(b"shopify-secret-new", body, hashlib.sha256).digest())
    headers = {"x-shopify-hmac-sha256": digest.decode(), "x-shopify-webhook-id": "msg_1"}
    request = RawRequest(headers=tuple(headers.items()), body=body)
    channel("shopify").verify(request, now=clock.now())
    assert not inbox.store(session, channel("shopify"), request).repeated


def test_a_newer_message_revises_and_an_older_one_is_superseded(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    applied(session, an_event())
    newer = an_event(kind="order.updated", minute=5, total="30.00")
    assert applied(session, newer, message_id="msg_2").outcome == "revised"
    older = an_event(kind="order.updated", minute=3, total="99.00")
    late = applied(session, older, message_id="msg_3")
    assert (late.status, late.outcome) == (MessageStatus.SUPERSEDED, "superseded")
    assert the_order(session).total_minor == 3_000


def test_a_topic_that_carries_no_order_is_ignored(session: Session, shop: Shop) -> None:
    message = applied(session, {"type": "shop.renamed", "timestamp": "now", "data": {}})
    assert (message.status, message.outcome) == (
        MessageStatus.IGNORED,
        "shop.renamed carries no order",
    )
    assert cases.open_cases(session) == []


def test_an_unknown_article_parks_the_message_until_its_listing_is_there(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    cup = {"id": "1", "sku": "CUP-1", "quantity": 2, "unit_price": "12.50"}
    message = applied(session, an_event(lines=[cup]))
    assert (message.status, message.order_id) == (MessageStatus.PARKED, None)
    case = the_case(session)
    assert (case.kind, case.cause_type, case.cause_id, case.owner) == (
        ExceptionKind.UNKNOWN_SKU,
        "message",
        message.id,
        "operations",
    )
    assert case.detail == "reference order 5001: not in the catalogue: CUP-1"
    assert "replay" in case.remedy
    assert session.exec(select(Order)).all() == []

    inbox.replay(session, message.id, actor="operator:olga")
    assert message.status is MessageStatus.PARKED
    assert the_case(session).id == case.id

    a_listing(session, channel="reference", channel_sku="CUP-1", sku="MUG")
    inbox.replay(session, message.id, actor="operator:olga")
    session.flush()
    assert (message.status, message.outcome) == (
        MessageStatus.APPLIED,
        "placed; replayed by operator:olga",
    )
    assert buckets(session, the_order(session)) == [{"reserved": 2}]
    assert cases.open_cases(session) == []
    session.refresh(case)
    assert (case.resolved_by, case.resolution) == ("system", "applied")


@pytest.mark.parametrize(
    ("event", "kind", "words"),
    [
        (b"{", ExceptionKind.MALFORMED_ORDER, "not JSON"),
        (b"[1, 2]", ExceptionKind.MALFORMED_ORDER, "JSON array"),
        (b"\xff\xfe", ExceptionKind.MALFORMED_ORDER, "not UTF-8"),
        (an_event(lines=[]), ExceptionKind.MALFORMED_ORDER, "data.lines: has no line"),
        (an_event(total="12,50"), ExceptionKind.MALFORMED_ORDER, "data.total"),
        (an_event(currency="usd"), ExceptionKind.MALFORMED_ORDER, "data.currency"),
        (an_event(currency="CHF"), ExceptionKind.MALFORMED_ORDER, "no tariff sheet in CHF"),
        (
            an_event(delivery={"method": "pickup", "store": "Nowhere"}),
            ExceptionKind.UNKNOWN_STORE,
            "'Nowhere'",
        ),
        (
            an_event(lines=[{"id": "1", "sku": "MUG", "quantity": -2, "unit_price": "1"}]),
            ExceptionKind.MALFORMED_ORDER,
            "data.lines[0].quantity",
        ),
    ],
)
def test_what_cannot_be_read_is_parked_with_the_place_that_is_wrong(
    session: Session, shop: Shop, event: dict[str, Any] | bytes, kind: ExceptionKind, words: str
) -> None:
    fill(session, shop)
    assert applied(session, event).status is MessageStatus.PARKED
    case = the_case(session)
    assert case.kind is kind
    assert words in case.detail
    assert case.remedy
    assert session.exec(select(Order)).all() == []


def test_a_location_code_that_is_mapped_but_not_there_is_an_unknown_store(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    session.execute(text("UPDATE locations SET code = 'S77' WHERE code = 'S01'"))
    session.expire_all()
    message = applied(session, an_event(delivery={"method": "pickup", "store": "S01"}))
    assert message.status is MessageStatus.PARKED
    assert the_case(session).kind is ExceptionKind.UNKNOWN_STORE


def test_a_cancellation_that_overtakes_its_order_is_kept(session: Session, shop: Shop) -> None:
    fill(session, shop)
    gone = an_event(kind="order.cancelled", minute=9)
    assert applied(session, gone).outcome == "placed"
    late = applied(session, an_event(), message_id="msg_2")
    assert late.status is MessageStatus.SUPERSEDED
    assert the_order(session).status is OrderStatus.CANCELLED


def test_only_a_parked_message_is_replayed(session: Session, shop: Shop) -> None:
    fill(session, shop)
    message = applied(session, an_event())
    with refused(session, Conflict, "is applied, not parked") as refusal:
        inbox.replay(session, message.id, actor="operator:olga")
    assert refusal.error.remedy


def test_a_message_that_an_error_left_behind_is_taken_up_after_a_moment(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    start = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with clock.at(start):
        found = kept(session, an_event())
        assert inbox.unsettled(session, older_than_s=5) is None
    with clock.at(start + timedelta(seconds=6)):
        assert inbox.unsettled(session, older_than_s=5) == found
        assert inbox.apply_stored(session, found) is MessageStatus.APPLIED
        assert inbox.unsettled(session, older_than_s=5) is None


def test_a_poisonous_message_is_parked_after_five_attempts_and_blocks_nobody(
    session: Session, shop: Shop
) -> None:
    start = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with clock.at(start):
        poison = kept(session, an_event("1"), message_id="msg_1")
        other = kept(session, an_event("2"), message_id="msg_2")
    with clock.at(start + timedelta(minutes=1)):
        taken = [inbox.unsettled(session, older_than_s=5) for _ in range(2)]
        assert taken == [poison, other]
        session.get_one(ChannelMessage, other).attempts = 0
        inbox.apply_stored(session, other)  # it has no stock, but that is no poison
        session.flush()
        assert [inbox.unsettled(session, older_than_s=5) for _ in range(4)] == [poison] * 4
        assert session.get_one(ChannelMessage, poison).status is MessageStatus.RECEIVED
        assert inbox.unsettled(session, older_than_s=5) == poison
        session.flush()
        assert inbox.unsettled(session, older_than_s=5) is None
    message = session.get_one(ChannelMessage, poison)
    assert (message.status, message.attempts) == (MessageStatus.PARKED, 6)
    case = the_case(session)
    assert (case.kind, case.cause_id) == (ExceptionKind.INTERNAL, poison)
    assert inbox.apply_stored(session, poison) is MessageStatus.PARKED


def test_a_parked_message_may_be_resolved_by_hand(session: Session, shop: Shop) -> None:
    applied(session, an_event(currency="CHF"))
    case = the_case(session)
    cases.resolve(session, case.id, actor="operator:olga", resolution="entered by hand")
    assert cases.open_cases(session) == []
    with refused(session, Conflict, "was resolved already by operator:olga"):
        cases.resolve(session, case.id, actor="operator:olga", resolution="again")


@pytest.mark.parametrize(
    "tamper",
    [
        lambda request: RawRequest(request.headers, request.body + b" "),
        lambda request: RawRequest(request.headers[:-1], request.body),
        lambda request: RawRequest((), request.body),
    ],
)
def test_a_message_that_proves_nothing_is_not_even_looked_at(
    tamper: Callable[[RawRequest], RawRequest],
) -> None:
    with pytest.raises(BadSignature) as refusal:
        channel("reference").verify(tamper(signed(b"{}")), now=clock.now())
    assert refusal.value.field


def test_messages_of_an_order_are_listed_oldest_first(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=5)
    first = applied(session, an_event())
    second = applied(session, an_event(kind="order.updated", minute=5), message_id="msg_2")
    rows = messages.of_order(session, the_order(session).id)
    assert [row.id for row in rows] == [first.id, second.id]
    assert messages.message(session, first.id) is first
    newest = select(ChannelMessage).order_by(col(ChannelMessage.id).desc())
    assert session.exec(newest).first() is second
