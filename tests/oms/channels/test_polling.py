"""What a channel did not tell is found by asking, applied once, and counted."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from api.sandbox.doubles import settings_for
from oms import clock
from oms.channels import inbox, listening, polling
from oms.channels.amazon import mapping, notifications
from oms.channels.base import Channel, Found, Hint, Malformed
from oms.channels.models import ChannelMessage, MessageStatus
from oms.channels.poll_models import ChannelPoll, RepairKind
from oms.channels.polling import OVERLAP, Taken
from oms.channels.registry import channel
from oms.db import transaction
from oms.exceptions import cases
from oms.exceptions.models import ExceptionKind
from oms.orders import queries as orders
from oms.orders.models import HoldKind, Order, OrderStatus
from oms.reports import channels as report
from oms.settings import settings
from tests.builders import a_listing, contents
from tests.channel_settings import CHANNELS
from tests.channels.amazon.selling import NOWHERE
from tests.concurrency import at_once
from tests.oms.channels.test_inbox import an_event, signed
from tests.oms.shop import Shop, fill
from tests.payloads.reading import payload
from tests.workflows.shop import open_shop

NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
LAG = timedelta(seconds=5)


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Channel:
    """A seller beside the channels that every test has."""
    found = {"amazon": settings_for("amazon", "amazon", NOWHERE).model_dump(mode="json")}
    access = found["amazon"]["selling_partner"]
    access |= {"client_secret": "s", "refresh_token": "t"}
    found["amazon"] |= {"access_token": None, "consumer_key": None, "consumer_secret": None}
    monkeypatch.setenv("TRIBUTARY_CHANNELS", json.dumps(CHANNELS | found))
    settings.cache_clear()
    return channel("amazon")


def polled(event: dict[str, object]) -> Found:
    """The state of an event as asking brings it."""
    body = json.dumps(event).encode()
    data = event["data"]
    assert isinstance(data, dict)
    at = datetime.fromisoformat(str(data["updated_at"]))
    key = f"polled|{data['id']}|{data['updated_at']}|{len(body)}"
    return Found(Hint(key, str(event["type"]), str(data["id"]), at, {}), body, at)


@pytest.fixture
def reference() -> Channel:
    return channel("reference")


def pushed(session: Session, event: dict[str, object], *, message_id: str = "msg_1") -> None:
    request = signed(json.dumps(event).encode(), message_id=message_id)
    receipt = inbox.store(session, channel("reference"), request)
    inbox.apply_stored(session, receipt.message_id)


def take(session: Session, adapter: Channel, found: Found, *, expected: bool = True) -> Taken:
    with clock.at(NOW):
        polling.begin(session, adapter, lag=LAG)
        message_id = polling.keep(session, adapter, found)
        taken = Taken.KNOWN
        if message_id is not None:
            taken = polling.apply(session, adapter, found, message_id=message_id, expected=expected)
    session.flush()
    return taken


def found_out(session: Session) -> list[tuple[RepairKind, str]]:
    since = NOW - timedelta(days=1)
    return [(row.kind, row.reference) for row in polling.repairs(session, since=since)]


def test_the_webhook_never_comes_and_polling_recovers_the_order(
    session: Session, shop: Shop, reference: Channel
) -> None:
    fill(session, shop)
    assert take(session, reference, polled(an_event())) is Taken.REPAIRED
    order = orders.by_reference(session, channel="reference", external_id="5001")
    assert order is not None
    assert order.status is OrderStatus.CAPTURED
    assert found_out(session) == [(RepairKind.MISSED_ORDER, "5001")]
    assert session.get_one(ChannelPoll, "reference").repaired == 1
    assert take(session, reference, polled(an_event())) is Taken.KNOWN


def test_polling_after_the_webhook_leaves_no_trace(
    session: Session, shop: Shop, reference: Channel
) -> None:
    fill(session, shop)
    pushed(session, an_event())
    with clock.at(NOW):
        polling.begin(session, reference, lag=LAG)
    before = contents(session)
    assert take(session, reference, polled(an_event())) is Taken.KNOWN
    assert contents(session) == before


def test_the_webhook_after_polling_changes_nothing(
    session: Session, shop: Shop, reference: Channel
) -> None:
    fill(session, shop)
    take(session, reference, polled(an_event()))
    pushed(session, an_event())
    [order] = session.exec(select(Order)).all()
    assert [line.quantity for line in orders.lines(session, order.id)] == [2]
    outcomes = session.exec(select(ChannelMessage.outcome).order_by(ChannelMessage.outcome)).all()
    assert outcomes == ["placed", "unchanged"]


def test_polling_and_the_webhook_at_once_place_one_order(live_database: str) -> None:
    open_shop()
    event = an_event()
    with transaction() as session:
        polling.begin(session, channel("reference"), lag=LAG)

    def asked() -> None:
        adapter, found = channel("reference"), polled(event)
        with transaction() as session:
            message_id = polling.keep(session, adapter, found)
        if message_id is not None:
            with transaction() as session:
                polling.apply(session, adapter, found, message_id=message_id, expected=True)

    def told() -> None:
        request = signed(json.dumps(event).encode())
        with transaction() as session:
            receipt = inbox.store(session, channel("reference"), request)
        with transaction() as session:
            inbox.apply_stored(session, receipt.message_id)

    assert at_once([asked, told, asked, told]) == [None] * 4
    with transaction() as session:
        [order] = session.exec(select(Order)).all()
        assert [line.quantity for line in orders.lines(session, order.id)] == [2]


def test_a_missed_change_is_found_and_an_older_state_is_left_aside(
    session: Session, shop: Shop, reference: Channel
) -> None:
    fill(session, shop)
    pushed(session, an_event(minute=5))
    assert take(session, reference, polled(an_event(minute=1))) is Taken.KNOWN
    newer = an_event(minute=9, total="12.50", lines=[a_line(quantity=1)])
    assert take(session, reference, polled(newer)) is Taken.REPAIRED
    assert found_out(session) == [(RepairKind.MISSED_CHANGE, "5001")]
    [order] = session.exec(select(Order)).all()
    assert [line.cancelled for line in orders.lines(session, order.id)] == [1]


def test_equal_times_with_other_content_are_both_looked_at(
    session: Session, shop: Shop, reference: Channel
) -> None:
    fill(session, shop)
    pushed(session, an_event())
    other = an_event(lines=[a_line(quantity=1)])
    assert take(session, reference, polled(other)) is Taken.REPAIRED


def test_what_is_fresh_may_still_be_on_its_way(
    session: Session, shop: Shop, reference: Channel
) -> None:
    fill(session, shop)
    just_now = an_event(updated_at=(NOW - timedelta(seconds=90)).isoformat())
    assert take(session, reference, polled(just_now)) is Taken.FRESH
    assert found_out(session) == []


def test_a_channel_that_is_only_asked_misses_nothing(
    session: Session, shop: Shop, reference: Channel
) -> None:
    fill(session, shop)
    assert take(session, reference, polled(an_event()), expected=False) is Taken.FRESH
    assert found_out(session) == []


def test_an_unknown_article_is_parked_once_however_often_it_is_asked_for(
    session: Session, shop: Shop, reference: Channel
) -> None:
    event = an_event(lines=[a_line(sku="TEAPOT")])
    pushed(session, event)
    assert take(session, reference, polled(event)) is Taken.KNOWN
    other = an_event("5002", lines=[a_line(sku="TEAPOT")])
    assert take(session, reference, polled(other)) is Taken.REPAIRED
    assert take(session, reference, polled(other)) is Taken.KNOWN
    assert len(cases.open_cases(session)) == 2


def test_windows_overlap_and_the_cursor_moves_only_at_their_end(
    session: Session, reference: Channel
) -> None:
    with clock.at(NOW):
        first = polling.begin(session, reference, lag=LAG)
    assert first.window.until == NOW - LAG
    assert first.window.since == NOW - timedelta(hours=24) - OVERLAP
    assert polling.turn_page(session, reference, first, token="2", seen=50) is True
    with clock.at(NOW + timedelta(minutes=5)):
        again = polling.begin(session, reference, lag=LAG)
        assert again == replace(first, token="2")
        assert polling.turn_page(session, reference, first, token="", seen=50) is False
        assert polling.turn_page(session, reference, again, token="", seen=7) is False
        row = session.get_one(ChannelPoll, "reference")
        assert (row.known_until, row.window_until, row.seen) == (NOW - LAG, None, 57)
        onward = polling.begin(session, reference, lag=LAG)
    assert onward.window.since == NOW - LAG - OVERLAP


def test_a_forgotten_page_lets_the_window_begin_anew(session: Session, reference: Channel) -> None:
    with clock.at(NOW):
        first = polling.begin(session, reference, lag=LAG)
        polling.turn_page(session, reference, first, token="gone", seen=50)
        polling.start_over(session, reference)
        assert polling.begin(session, reference, lag=LAG) == first


def test_an_order_that_amazon_fulfils_is_kept_shown_and_never_allocated(
    session: Session, shop: Shop, amazon: Channel
) -> None:
    fill(session, shop)
    a_listing(session, channel="amazon", channel_sku="MUG", sku="MUG")
    before = contents(session)
    found = amazons({"fulfillment.fulfilledBy": "AMAZON"})
    assert take(session, amazon, found, expected=False) is Taken.FRESH
    after = contents(session)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"channel_messages", "channel_message_keys", "channel_polls"}
    [message] = session.exec(select(ChannelMessage)).all()
    assert (message.status, message.topic) == (MessageStatus.IGNORED, mapping.BY_AMAZON)
    with clock.at(clock.now()):
        [row] = report.by_channel(session, ["amazon"])
    assert (row.elsewhere, row.missed) == (1, 0)


def test_a_notification_is_kept_with_its_order_and_known_when_it_comes_again(
    session: Session, shop: Shop, amazon: Channel
) -> None:
    fill(session, shop)
    a_listing(session, channel="amazon", channel_sku="MUG", sku="MUG")
    adapter = amazon
    heard = notifications.read(a_notification())
    assert not listening.known(session, adapter, heard)
    with clock.at(NOW):
        polling.begin(session, adapter, lag=LAG)
        found = amazons({})
        message_id = listening.keep(session, adapter, heard, a_notification(), found)
        assert message_id is not None
        polling.apply(session, adapter, found, message_id=message_id, expected=False)
    assert listening.known(session, adapter, heard)
    assert session.exec(select(Order.channel)).all() == ["amazon"]
    assert take(session, adapter, amazons({})) is Taken.KNOWN
    statuses = session.exec(select(ChannelMessage.topic, ChannelMessage.status)).all()
    assert sorted(statuses) == [
        ("ORDER_CHANGE", MessageStatus.IGNORED),
        ("order", MessageStatus.APPLIED),
    ]


def test_a_notification_that_cannot_be_read_is_put_aside_for_a_person(
    session: Session, amazon: Channel
) -> None:
    for _ in range(2):
        with pytest.raises(Malformed) as caught:
            notifications.read(b'{"NotificationType": "ORDER_CHANGE"}')
        listening.park(session, amazon, b'{"NotificationType": "ORDER_CHANGE"}', caught.value)
    [case] = cases.open_cases(session)
    assert case.kind is ExceptionKind.MALFORMED_ORDER
    assert "notification" in case.detail


def test_the_buyers_wish_to_cancel_holds_an_order_that_is_here(
    session: Session, shop: Shop, amazon: Channel
) -> None:
    fill(session, shop)
    a_listing(session, channel="amazon", channel_sku="MUG", sku="MUG")
    take(session, amazon, amazons({}))
    wish = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "Too late"}}
    later = {"lastUpdatedTime": "2026-03-01T12:00:00Z", "orderItems[0].cancellation": wish}
    take(session, amazon, amazons(later))
    [order] = session.exec(select(Order)).all()
    assert order.status is OrderStatus.HELD
    [hold] = orders.open_holds(session, order.id)
    assert hold.kind is HoldKind.CANCEL_REQUESTED
    withdrawn = {"lastUpdatedTime": "2026-03-01T12:30:00Z"}
    take(session, amazon, amazons(withdrawn))
    assert orders.open_holds(session, order.id) == []


@pytest.mark.parametrize(("sent", "left"), [(3, 0), (1, 3)])
def test_what_was_sent_before_we_heard_of_it_is_not_sent_again(
    session: Session, shop: Shop, amazon: Channel, sent: int, left: int
) -> None:
    fill(session, shop)
    a_listing(session, channel="amazon", channel_sku="MUG", sku="MUG")
    first = {"quantityFulfilled": min(sent, 2), "quantityUnfulfilled": 2 - min(sent, 2)}
    second = {"quantityFulfilled": max(sent - 2, 0), "quantityUnfulfilled": 1 - max(sent - 2, 0)}
    found = amazons({"orderItems[0].fulfillment": first, "orderItems[1].fulfillment": second})
    take(session, amazon, found)
    known = session.exec(select(Order)).all()
    units = [line.quantity for each in known for line in orders.lines(session, each.id)]
    assert sum(units) == left
    holds = [hold.kind for each in known for hold in orders.open_holds(session, each.id)]
    assert holds == ([HoldKind.MANUAL] if left else [])


def a_line(**changes: object) -> dict[str, object]:
    return {"id": "1", "sku": "MUG", "quantity": 2, "unit_price": "12.50"} | changes


def amazons(changes: dict[str, object]) -> Found:
    return mapping.found(json.loads(payload("amazon_order", changes)))


def a_notification() -> bytes:
    return json.dumps(
        {
            "NotificationType": "ORDER_CHANGE",
            "EventTime": "2026-03-01T11:00:00Z",
            "Payload": {"OrderChangeNotification": {"AmazonOrderId": "111-0000001-0000007"}},
            "NotificationMetadata": {"NotificationId": "n-1"},
        }
    ).encode()
