"""Slots: which a store has, which are full, and what an order is promised by its slot."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, select

from oms import clock
from oms.db import transaction
from oms.errors import Conflict, Invalid
from oms.locations.models import Location
from oms.ordering import cancelling
from oms.orders.models import Order
from oms.pickup import slots
from oms.pickup.curbside_models import SlotBooking
from oms.pickup.slots import Slot, SlotFull
from tests.builders import an_order, refused
from tests.concurrency import at_once
from tests.oms.pickup.car import at_the_car
from tests.oms.shop import Shop, a_shop, fill, routed, the_pickup

# A Monday; the stores are open from 8 to 20 in New York, which is 13 to 1 in UTC.
NOON = datetime(2026, 12, 7, 17, tzinfo=UTC)


def an_open_order(session: Session) -> UUID:
    with clock.at(NOON):
        return an_order(session, {"MUG": 1}, pickup_store="S01").id


def test_slots_are_whole_and_within_opening_hours(session: Session, shop: Shop) -> None:
    at_the_car(session, shop, slot_minutes=300, slot_capacity=2)
    with clock.at(NOON):
        found = slots.offered(session, shop.riverside, limit=3)
        assert slots.offered(session, shop.harbour) == []
    morning = NOON.replace(hour=13)
    starts = [morning, morning + timedelta(hours=5), morning + timedelta(days=1)]
    assert found == [Slot(start, start + timedelta(hours=5), 2, 2) for start in starts]


def test_a_slot_is_the_order_s_promise_and_a_full_one_names_the_next(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    at_the_car(session, shop, slot_minutes=60, slot_capacity=1)
    first, second = an_open_order(session), an_open_order(session)
    three = NOON + timedelta(hours=3)
    with clock.at(NOON):
        slots.reserve(session, first, starts_at=three, actor="kiosk")
        again = slots.reserve(session, first, starts_at=three, actor="kiosk")
        assert again.released_at is None
        with refused(session, SlotFull, "is full") as refusal:
            slots.reserve(session, second, starts_at=three, actor="kiosk")
        following = [three + timedelta(hours=hour) for hour in (1, 2, 3, 4)]
        assert refusal.error.facts["next_free"][:4] == [one.isoformat() for one in following]
        slots.reserve(session, second, starts_at=following[0], actor="kiosk")
        [part] = routed(session, session.get_one(Order, first))
    assert part.due_at == the_pickup(session, part).due_at == three
    with clock.at(NOON):
        slots.reserve(session, first, starts_at=following[1], actor="kiosk")
        slots.reserve(session, second, starts_at=three, actor="kiosk")  # its place is free again
    assert part.due_at == the_pickup(session, part).due_at == following[1]


def test_a_released_slot_gives_back_what_was_promised_without(session: Session, shop: Shop) -> None:
    fill(session, shop)
    at_the_car(session, shop, slot_minutes=60, slot_capacity=1)
    order_id = an_open_order(session)
    order = session.get_one(Order, order_id)
    promised = order.promise_by
    with clock.at(NOON):
        slots.reserve(session, order_id, starts_at=NOON + timedelta(hours=4), actor="kiosk")
        slots.reserve(session, order_id, starts_at=NOON + timedelta(hours=5), actor="kiosk")
        slots.release(session, order_id, actor="kiosk")
        slots.release(session, order_id, actor="kiosk")
    assert (order.promise_by, slots.of_order(session, order_id)) == (promised, None)


@pytest.mark.parametrize(
    ("hours", "error", "words"),
    [
        (1, Invalid, "the slot begins before"),  # the goods are promised two hours after the order
        (2.5, Invalid, "no slot of Store S01 begins at"),
        (9, Invalid, "no slot of Store S01 begins at"),  # it is closed
    ],
)
def test_a_slot_that_is_none_or_comes_too_early_is_refused(
    session: Session, shop: Shop, hours: float, error: type[Invalid], words: str
) -> None:
    fill(session, shop)
    at_the_car(session, shop, slot_minutes=60, slot_capacity=1)
    order_id = an_open_order(session)
    with clock.at(NOON), refused(session, error, words) as refusal:
        slots.reserve(session, order_id, starts_at=NOON + timedelta(hours=hours), actor="kiosk")
    assert refusal.error.facts["next_free"]


def test_only_an_open_pickup_at_a_store_with_slots_has_one(session: Session, shop: Shop) -> None:
    fill(session, shop)
    at_the_car(session, shop)
    sent, collected = an_order(session, {"MUG": 1}).id, an_open_order(session)
    start = NOON + timedelta(hours=3)
    with clock.at(NOON):
        with refused(session, Conflict, "is sent, not collected"):
            slots.reserve(session, sent, starts_at=start, actor="kiosk")
        with refused(session, Conflict, "has no slots"):
            slots.reserve(session, collected, starts_at=start, actor="kiosk")
        at_the_car(session, shop, slot_minutes=60, slot_capacity=1)
        booked = slots.reserve(session, collected, starts_at=start, actor="kiosk")
        cancelling.cancel(session, collected, actor="olga", reason="changed their mind")
        assert booked.released_at is not None
        with refused(session, Conflict, "is cancelled"):
            slots.reserve(session, collected, starts_at=start, actor="kiosk")


def test_the_last_place_of_a_slot_is_given_away_once(live_database: str) -> None:
    with transaction() as session:
        shop = a_shop(session)
        fill(session, shop, units=9)
        at_the_car(session, shop, slot_minutes=60, slot_capacity=2)
        orders = [an_order(session, {"MUG": 1}, pickup_store="S01").id for _ in range(4)]
        place = session.exec(select(Location).where(Location.code == "S01")).one()
        late = clock.now() + timedelta(days=2)
        start = slots.offered(session, place, since=late)[1].starts_at

    def book(order_id: UUID) -> bool:
        with transaction() as unit:
            slots.reserve(unit, order_id, starts_at=start, actor="kiosk")
        return True

    results = at_once([lambda one=one: book(one) for one in orders])  # type: ignore[misc]
    assert sum(result is True for result in results) == 2
    assert all(result is True or isinstance(result, SlotFull) for result in results)
    with transaction() as session:
        assert len(session.exec(select(SlotBooking)).all()) == 2
