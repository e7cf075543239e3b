"""A pickup with a slot is handed over in it, as routing says; what the slot removes is told."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from oms import clock
from oms.locations.models import ClosedDay
from oms.orders.models import Order
from oms.pickup import slots
from oms.sourcing import decisions, policies, problems
from oms.sourcing.models import RoutingDecision
from oms.sourcing.policy import parse
from oms.sourcing.reasons import told
from oms.sourcing.replaying import replay
from routing.decide import decide
from routing.problem import Problem
from routing.wording import because
from tests.builders import an_order, stock
from tests.oms.pickup.car import at_the_car
from tests.oms.shop import Shop, fill, routed

# A Monday; the stores are open from 8 to 20 in New York, which is 13 to 1 in UTC.
NOON = datetime(2026, 12, 7, 17, tzinfo=UTC)
AT_TWO = NOON + timedelta(hours=2)
OWN = {"2026-12-07 14:00": 1}


def with_slot(session: Session, *, days: int = 0) -> Order:
    """An order that is collected at two in the afternoon."""
    order = an_order(session, {"MUG": 1}, pickup_store="S01")
    starts_at = AT_TWO + timedelta(days=days)
    slots.reserve(session, order.id, starts_at=starts_at, actor="kiosk")
    return order


def windows(problem: Problem) -> dict[str, int | None]:
    [store] = [one for one in problem.locations if one.id == "S01"]
    return {one.id: one.capacity_parcels for one in store.windows}


def decided(session: Session, order: Order) -> RoutingDecision:
    routed(session, order)
    row = decisions.of_order(session, order.id)[0]
    assert replay(row).plan_document() == row.plan
    return row


def test_the_windows_are_the_slots_of_that_day_and_the_order_has_its_own(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    at_the_car(session, shop, slot_minutes=180, slot_capacity=1)
    with clock.at(NOON):
        order = with_slot(session)
        task = problems.task(session, order)
        other = an_order(session, {"MUG": 1}, pickup_store="S01")
        slots.reserve(session, other.id, starts_at=AT_TWO + timedelta(hours=3), actor="kiosk")
        again = problems.task(session, order)
        assert task is not None
        assert again is not None
        assert windows(task.problem) == {"2026-12-07 11:00": 1} | OWN | {"2026-12-07 17:00": 1}
        assert windows(again.problem) == {"2026-12-07 11:00": 1} | OWN | {"2026-12-07 17:00": 0}
        row = decided(session, order)
    [newest] = told([row], {})
    assert newest.sentences[0].startswith("S01 hands over the line in window 2026-12-07 14:00 for")
    assert row.fallback_reason is None


def test_a_store_without_capacity_or_without_that_slot_hands_over_later(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    at_the_car(session, shop, slot_minutes=180, slot_capacity=1)
    tomorrow = date(2026, 12, 8)
    with clock.at(NOON):
        order = with_slot(session, days=1)
        session.add(ClosedDay(location_id=shop.riverside.id, day=tomorrow))
        session.flush()
        task = problems.task(session, order)
        assert task is not None
        [removal] = [
            one
            for one in decide(task.problem, str(order.id)).explanation.removed
            if "S01" in one.locations
        ]
        assert because(removal.reasons[0]) == "no window 2026-12-08 14:00"
        row = decided(session, order)
    assert row.fallback_reason == (
        "the slot 2026-12-08 14:00 cannot be kept; handed over when it is ready"
    )
    assert row.plan["unfilled"] == []


def test_what_is_sent_to_the_store_must_be_there_on_the_day_of_the_slot(
    session: Session, shop: Shop
) -> None:
    at_the_car(session, shop, slot_minutes=180, slot_capacity=1)
    stock(session, shop.harbour, MUG=5)
    lanes = parse({"name": "sent on", "transfers": [{"parcel_cents": 100, "days": 2}]})
    with clock.at(NOON):
        policies.add(session, lanes, effective_from=None, actor="olga")
        late, early = with_slot(session, days=1), with_slot(session, days=2)
        assert "slot 2026-12-08 14:00 cannot be kept" in str(decided(session, late).fallback_reason)
        assert decided(session, early).fallback_reason is None
