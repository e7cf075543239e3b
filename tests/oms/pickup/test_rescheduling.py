"""A store changes its hours: what falls into closed time moves to the next opening, never back."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel import Session

from oms import clock
from oms.errors import Conflict, Invalid, NotFound
from oms.locations import opening
from oms.locations.calendars import calendars
from oms.notifications import notices
from oms.orders.models import Order
from oms.pickup import rescheduling
from oms.pickup.models import Pickup
from oms.pickup.rescheduling import Moved
from tests.builders import an_order, contents, refused
from tests.oms.shop import Shop, fill, ready, routed, the_pickup, trail

MONDAY = datetime(2026, 6, 15, 16, 0, tzinfo=UTC)  # noon in New York, open from 8 to 20
LAST_DAY = date(2026, 6, 22)
CLOSING = datetime(2026, 6, 23, 0, 0, tzinfo=UTC)
EIGHT_TO_EIGHT = [(time(8), time(20))]


@pytest.fixture
def waiting(session: Session, shop: Shop) -> Pickup:
    fill(session, shop)
    [part] = routed(session, an_order(session, {"MUG": 1}, pickup_store="S01"))
    with clock.at(MONDAY):
        return ready(session, part)


def close(session: Session, shop: Shop, day: date) -> Moved:
    return rescheduling.close_on(session, shop.riverside, day, reason="feast", actor="anna")


def test_who_was_to_come_on_a_day_that_is_closed_now_may_come_on_the_next(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    with clock.at(MONDAY):
        assert close(session, shop, date(2026, 6, 18)) == Moved()
        assert waiting.pick_up_by == CLOSING
        assert close(session, shop, LAST_DAY) == Moved(wait_longer=1)
        assert waiting.pick_up_by == CLOSING + timedelta(days=1)
        once = contents(session)
        rescheduling.reschedule(session, shop.riverside, actor="anna")
        assert contents(session) == once
        opening.open_on(session, shop.riverside, LAST_DAY, actor="anna")
    assert waiting.pick_up_by == CLOSING + timedelta(days=1)  # what they were told stays true
    told = notices.of_order(session, waiting.order_id)[-1].facts
    assert told["pick_up_by"] == (CLOSING + timedelta(days=1)).isoformat()
    assert trail(session, waiting.id)[-1] == "pickup.waits_longer"


def test_a_day_that_ends_earlier_moves_who_was_to_come_late_on_it(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    week = {day: [(time(8), time(18) if day == 0 else time(20))] for day in range(7)}
    with clock.at(MONDAY):
        moved = rescheduling.set_week(session, shop.riverside, week, actor="anna")
    assert moved == Moved(wait_longer=1)
    assert waiting.pick_up_by == CLOSING + timedelta(days=1)


def test_a_promise_for_closed_hours_is_moved_to_the_next_opening(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    with clock.at(MONDAY):
        order = an_order(session, {"MUG": 1}, pickup_store="S01")
        [part] = routed(session, order)
        assert part.due_at == MONDAY + timedelta(hours=2)
        assert close(session, shop, MONDAY.date()) == Moved(promised_later=1)
    due = datetime(2026, 6, 16, 14, 0, tzinfo=UTC)  # two hours after it opens on Tuesday
    assert (part.due_at, the_pickup(session, part).due_at) == (due, due)
    assert session.get_one(Order, order.id).promise_by == due


def test_a_closing_keeps_its_hour_on_the_day_on_which_clocks_change(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    saturday = datetime(2026, 10, 24, 16, 0, tzinfo=UTC)
    [part] = routed(session, an_order(session, {"MUG": 1}, pickup_store="S01"))
    with clock.at(saturday):
        pickup = ready(session, part)
        assert pickup.pick_up_by == datetime(2026, 11, 1, 0, 0, tzinfo=UTC)  # 20:00, summer time
        assert close(session, shop, date(2026, 10, 31)) == Moved(wait_longer=1)
    assert pickup.pick_up_by == datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # 20:00, winter time


def test_a_moment_within_opening_hours_is_kept(session: Session, shop: Shop) -> None:
    calendar = calendars(session, [shop.riverside])["S01"]
    assert calendar.kept_or_next_closing(CLOSING) == CLOSING
    assert calendar.kept_or_next_closing(MONDAY) == MONDAY
    night = CLOSING + timedelta(hours=1)
    assert calendar.kept_or_next_closing(night) == CLOSING + timedelta(days=1)


def test_a_week_that_makes_no_sense_is_refused(session: Session, shop: Shop) -> None:
    for week, field in (
        ({0: [(time(20), time(8))]}, "week.mon"),
        ({1: [(time(8), time(12)), (time(11), time(20))]}, "week.tue"),
        ({2: EIGHT_TO_EIGHT * 5}, "week"),
        ({}, "week"),
    ):
        with refused(session, Invalid) as refusal:
            rescheduling.set_week(session, shop.riverside, week, actor="anna")
        assert refusal.error.field == field
    same = dict.fromkeys(range(7), EIGHT_TO_EIGHT)
    rescheduling.set_week(session, shop.riverside, same, actor="anna")
    assert trail(session, shop.riverside.id) == []
    with clock.at(MONDAY):
        with refused(session, Invalid, "not within two years"):
            close(session, shop, date(2026, 6, 14))
        with refused(session, NotFound, "is not closed on"):
            opening.open_on(session, shop.riverside, LAST_DAY, actor="anna")
        close(session, shop, MONDAY.date())
    with clock.at(MONDAY + timedelta(days=2)), refused(session, Conflict, "that day is over"):
        opening.open_on(session, shop.riverside, MONDAY.date(), actor="anna")
