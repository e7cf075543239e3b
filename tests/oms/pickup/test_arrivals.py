"""Customers who come by car: what they say, who goes out, and what is forgotten afterwards."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.models import AuditRow
from oms.errors import Conflict, IllegalMove, Invalid, NotFound, StaleVersion
from oms.exceptions.models import OpenException
from oms.fulfilments.models import Fulfilment
from oms.languages.speech import english
from oms.notifications import facts, wording
from oms.notifications.models import Notice
from oms.ordering import cancelling
from oms.pickup import arrivals, curbside, desk, escalating, expiry, handover
from oms.pickup.arrivals import Car
from oms.pickup.curbside import SetUp
from oms.pickup.curbside_models import Arrival, ArrivalStatus
from oms.pickup.handover import Shown
from oms.pickup.models import Pickup, PickupStatus, Proof
from tests.builders import refused
from tests.oms.pickup.car import a_pickup, a_ready_pickup, at_the_car
from tests.oms.shop import Shop, fill, trail

BLUE = Car(vehicle="blue hatchback", plate="AB 123")


def hand_over(session: Session, pickup_id: object) -> None:
    row = session.get_one(Pickup, pickup_id)
    handover.hand_over(session, row.id, Shown(Proof.CODE, row.code), actor="anna")


def test_from_on_my_way_to_the_hand_over_at_the_car(session: Session, shop: Shop) -> None:
    fill(session, shop)
    at_the_car(session, shop, bays=("1", "2"))
    pickup = a_ready_pickup(session)
    version = pickup.version
    now = clock.now()
    with clock.at(now):
        coming = arrivals.on_my_way(session, pickup.qr_token, minutes=10)
        [seen] = desk.visits(session, location_id=shop.riverside.id)
    assert (seen.status, seen.expected_at) == (
        ArrivalStatus.ON_THE_WAY,
        now + timedelta(minutes=10),
    )
    with clock.at(now + timedelta(minutes=9)):
        here = arrivals.here(session, pickup.qr_token, BLUE)
    assert here.id == coming.id
    with clock.at(now + timedelta(minutes=11)):
        arrivals.take(session, pickup.id, actor="anna", version=here.version)
        [seen] = desk.visits(session, location_id=shop.riverside.id)
    assert (seen.bay, seen.vehicle, seen.plate, seen.waited_s, seen.taken_by) == (
        "1",
        "blue hatchback",
        "AB 123",
        120,
        "anna",
    )
    assert pickup.version == version  # nothing typed at the counter has become stale
    hand_over(session, pickup.id)
    assert desk.visits(session, location_id=shop.riverside.id) == []
    over = session.get_one(Arrival, here.id)
    assert (over.status, over.vehicle, over.plate) == (ArrivalStatus.SERVED, "", "")
    assert [row for row in trail(session, pickup.id) if row.startswith("arrival.")] == [
        "arrival.on_the_way",
        "arrival.here",
        "arrival.taken",
        "arrival.served",
    ]
    rows = session.exec(select(AuditRow).where(AuditRow.subject_id == pickup.id)).all()
    assert "AB 123" not in str([row.facts for row in rows])


def test_what_is_said_twice_is_done_once(session: Session, shop: Shop) -> None:
    fill(session, shop)
    at_the_car(session, shop)
    pickup = a_ready_pickup(session)
    now = clock.now()
    with clock.at(now):
        first = arrivals.here(session, pickup.qr_token, Car(spot="by the trolleys"))
    with clock.at(now + timedelta(minutes=2)):
        again = arrivals.here(session, pickup.qr_token, Car(vehicle="red van"))
        late = arrivals.on_my_way(session, pickup.qr_token, minutes=5)  # overtaken on the way
        version = again.version
        assert arrivals.here(session, pickup.qr_token, Car()).version == version  # nothing new
    assert first.id == again.id == late.id
    assert (again.here_at, again.status) == (now, ArrivalStatus.HERE)
    assert (again.spot, again.vehicle) == ("by the trolleys", "red van")


def test_two_cars_never_get_one_bay(session: Session, shop: Shop) -> None:
    fill(session, shop)
    at_the_car(session, shop, bays=("1", "2"))
    one, two, three = (a_ready_pickup(session) for _ in range(3))
    arrivals.here(session, one.qr_token, Car(bay="2"))
    with refused(session, Conflict, "bay 2 is not free") as refusal:
        arrivals.here(session, two.qr_token, Car(bay="2"))
    assert refusal.error.facts == {"free": ["1"]}
    arrivals.here(session, two.qr_token, Car())
    arrivals.here(session, three.qr_token, Car(spot="at the gate"))  # all bays are taken
    shown = {
        visit.pickup_id: visit.bay for visit in desk.visits(session, location_id=one.location_id)
    }
    assert shown == {one.id: "2", two.id: "1", three.id: ""}
    arrivals.gone(session, one.id, actor="anna")
    arrivals.here(session, three.qr_token, Car())  # said again: a bay has become free
    assert [bay.label for bay in curbside.free_bays(session, one.location_id)] == []


def test_the_second_associate_is_told_and_what_is_let_go_rings_again(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    at_the_car(session, shop)
    pickup = a_ready_pickup(session)
    here = arrivals.here(session, pickup.qr_token, BLUE)
    version = here.version
    arrivals.take(session, pickup.id, actor="anna", version=version)
    with refused(session, StaleVersion):
        arrivals.take(session, pickup.id, actor="ben", version=version)
    with refused(session, IllegalMove, "is taken, so it cannot become taken"):
        arrivals.take(session, pickup.id, actor="ben")
    arrivals.let_go(session, pickup.id, actor="anna")
    visit = desk.visit_of(session, pickup.id)
    assert visit is not None
    assert (visit.status, visit.taken_by) == (ArrivalStatus.HERE, None)
    arrivals.take(session, pickup.id, actor="ben")


@pytest.mark.parametrize("minutes", [-1, 181])
def test_a_way_that_cannot_be_planned_with_is_refused(
    session: Session, shop: Shop, minutes: int
) -> None:
    fill(session, shop)
    at_the_car(session, shop)
    pickup = a_ready_pickup(session)
    with refused(session, Invalid, "cannot be planned with"):
        arrivals.on_my_way(session, pickup.qr_token, minutes=minutes)


def test_who_may_not_come_is_told_where_to_go(session: Session, shop: Shop) -> None:
    fill(session, shop)
    pickup = a_ready_pickup(session)
    with refused(session, Conflict, "hands over at the counter only"):
        arrivals.here(session, pickup.qr_token, BLUE)
    with refused(session, NotFound, "belongs to no order"):
        arrivals.here(session, "guessed", BLUE)
    with refused(session, Conflict, "hands nothing over at the car"):
        curbside.set_up(session, shop.riverside, SetUp(("1",)), actor="olga")
    at_the_car(session, shop)
    with refused(session, Conflict, "no customer is at the car"):
        arrivals.take(session, pickup.id, actor="anna")
    with refused(session, NotFound, "in this store"):
        arrivals.here_by_staff(session, pickup.id, BLUE, actor="ben", location_id=shop.harbour.id)
    hand_over(session, pickup.id)
    with refused(session, NotFound, "does not wait any more"):
        arrivals.here(session, pickup.qr_token, BLUE)


def test_whoever_waits_is_called_out_again_and_then_operations_are_asked(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    at_the_car(session, shop)
    pickup = a_ready_pickup(session)
    now = clock.now()
    with clock.at(now):
        here = arrivals.here(session, pickup.qr_token, BLUE)
    levels = []
    for seconds in (179, 180, 181, 299, 300, 301, 3_000):
        with clock.at(now + timedelta(seconds=seconds)):
            escalating.meet_deadline(session, pickup.id)
        levels.append(here.escalated)
    assert levels == [0, 1, 1, 1, 2, 2, 2]
    assert escalating.next_deadline(here) is None
    case = session.exec(select(OpenException)).one()
    assert (case.kind.value, case.cause_id) == ("customer_waits", here.id)
    assert "5 minutes" in case.detail
    assert "AB 123" not in case.detail
    arrivals.take(session, pickup.id, actor="anna")
    assert case.resolved_at is not None


def test_after_an_outage_all_that_is_due_is_one_step(session: Session, shop: Shop) -> None:
    fill(session, shop)
    at_the_car(session, shop)
    pickup = a_ready_pickup(session)
    here = arrivals.here(session, pickup.qr_token, BLUE)
    with clock.at(clock.now() + timedelta(hours=2)):
        escalating.meet_deadline(session, pickup.id)
    assert here.escalated == 2
    assert trail(session, pickup.id).count("arrival.escalated") == 1


def test_who_said_on_my_way_and_never_came_is_forgotten(session: Session, shop: Shop) -> None:
    fill(session, shop)
    at_the_car(session, shop)
    pickup = a_ready_pickup(session)
    coming = arrivals.on_my_way(session, pickup.qr_token, minutes=10)
    due = escalating.next_deadline(coming)
    assert due is not None
    with clock.at(due - timedelta(seconds=1)):
        escalating.meet_deadline(session, pickup.id)
    assert coming.status is ArrivalStatus.ON_THE_WAY
    with clock.at(due):
        escalating.meet_deadline(session, pickup.id)
    assert coming.status is ArrivalStatus.GONE
    assert pickup.status is PickupStatus.READY
    assert arrivals.here(session, pickup.qr_token, BLUE).id != coming.id  # later after all


def test_a_pickup_does_not_expire_while_its_customer_is_outside(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    at_the_car(session, shop)
    pickup = a_ready_pickup(session)
    assert pickup.pick_up_by is not None
    with clock.at(pickup.pick_up_by):
        arrivals.here(session, pickup.qr_token, BLUE)
        expiry.meet_deadline(session, pickup.id, version=pickup.version)
        assert pickup.status is PickupStatus.READY
        arrivals.gone(session, pickup.id, actor="anna")
        expiry.meet_deadline(session, pickup.id, version=pickup.version)
    assert pickup.status is PickupStatus.EXPIRED


def test_a_cancelled_order_has_no_visitor_and_no_slot(session: Session, shop: Shop) -> None:
    fill(session, shop)
    at_the_car(session, shop)
    pickup = a_pickup(session)
    here = arrivals.here(session, pickup.qr_token, BLUE)  # early: the store is still picking
    cancelling.cancel(session, pickup.order_id, actor="olga", reason="changed their mind")
    assert (here.status, here.plate) == (ArrivalStatus.GONE, "")


def test_the_notice_says_that_one_may_come_by_car_where_one_may(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    a_ready_pickup(session)
    at_the_car(session, shop)
    a_ready_pickup(session)
    rows = session.exec(select(Notice).order_by(col(Notice.created_at))).all()
    # The first is worded after the store began to serve cars: a notice tells how things are.
    texts = [
        wording.word(row.kind, facts.of_notice(session, row, english()), english(), None).text
        for row in rows
    ]
    assert ["By car?" in text for text in texts] == [True, True]
    shop.riverside.can_curbside = False
    session.flush()
    given = facts.of_notice(session, rows[0], english())
    assert "By car?" not in wording.word(rows[0].kind, given, english(), None).text


def test_bays_are_set_up_again_without_moving_anybody(session: Session, shop: Shop) -> None:
    fill(session, shop)
    at_the_car(session, shop, bays=("1", "2"))
    pickup = a_ready_pickup(session)
    arrivals.here(session, pickup.qr_token, Car(bay="2"))
    at_the_car(session, shop, bays=("3", "1"), slot_minutes=30, slot_capacity=2)
    assert curbside.of_store(session, shop.riverside.id) == SetUp(("3", "1"), 30, 2)
    visit = desk.visit_of(session, pickup.id)
    assert visit is not None
    assert visit.bay == "2"
    for wrong, field in (
        (SetUp(("1", "1")), "bays"),
        (SetUp((" ",)), "bays"),
        (SetUp(slot_minutes=30), "slot_capacity"),
        (SetUp(slot_minutes=4, slot_capacity=1), "slot_minutes"),
        (SetUp(slot_minutes=30, slot_capacity=0), "slot_capacity"),
    ):
        with refused(session, Invalid) as refusal:
            curbside.set_up(session, shop.riverside, wrong, actor="olga")
        assert refusal.error.field == field


def test_the_longest_here_is_on_top_and_who_is_taken_comes_after(
    session: Session, shop: Shop
) -> None:
    fill(session, shop, units=9)
    at_the_car(session, shop)
    now = clock.now()
    coming, late, early, taken = (a_ready_pickup(session) for _ in range(4))
    arrivals.on_my_way(session, coming.qr_token, minutes=1)
    for pickup, minutes in ((late, 2), (early, 1), (taken, 0)):
        with clock.at(now + timedelta(minutes=minutes)):
            arrivals.here(session, pickup.qr_token, BLUE)
    arrivals.take(session, taken.id, actor="anna")
    with clock.at(now + timedelta(minutes=3)):
        shown = desk.visits(session, location_id=shop.riverside.id)
    assert [visit.pickup_id for visit in shown] == [early.id, late.id, taken.id, coming.id]
    assert session.get_one(Fulfilment, early.fulfilment_id).location_id == shop.riverside.id
