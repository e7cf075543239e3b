"""A hand-over is undone within its minute; before that is over, nothing is final."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from oms import clock
from oms.db import transaction
from oms.errors import Conflict, IllegalMove, Invalid, NotFound, StaleVersion
from oms.fulfilments.models import Fulfilment, RejectReason
from oms.inventory.models import StockMovement
from oms.notifications import notices
from oms.ordering import cancelling
from oms.orders import queries as orders
from oms.orders.models import Order, OrderStatus
from oms.payments import capturing, refunding
from oms.payments.models import PaymentEntry
from oms.pickup import calling_off, expiry, handover, preparing, queue, settling, signing, undoing
from oms.pickup.handover import Shown
from oms.pickup.models import Pickup, PickupStatus, Proof, Rest, Signature
from oms.pickup.undoing import TooLateToUndo
from oms.settings import settings
from tests.builders import an_order, contents, refused
from tests.concurrency import at_once
from tests.oms.shop import (
    Shop,
    a_shop,
    balance,
    buckets,
    collected,
    fill,
    ready,
    routed,
    settled,
    the_pickup,
    told,
    trail,
)


@pytest.fixture
def waiting(session: Session, shop: Shop) -> Pickup:
    """Two mugs and a lamp lie ready at Riverside."""
    fill(session, shop)
    [part] = routed(session, an_order(session, {"MUG": 2, "LAMP": 1}, pickup_store="S01"))
    return ready(session, part)


def given(session: Session, pickup: Pickup, **options: object) -> Pickup:
    shown = Shown(Proof.CODE, pickup.code, signature=str(options.pop("signature", "")))
    outcome = handover.hand_over(session, pickup.id, shown, actor="anna", **options)  # type: ignore[arg-type]
    assert isinstance(outcome, Pickup)
    session.flush()
    return outcome


def parts(session: Session, pickup: Pickup) -> list[Pickup]:
    return list(session.exec(select(Pickup).where(Pickup.part_of == pickup.id)).all())


def paid_at_the_till(session: Session, order: Order, *, amount_minor: int) -> None:
    capturing.take(
        session,
        order.id,
        tender="cash",
        amount_minor=amount_minor,
        reference="T1",
        key="key-1",
        actor="anna",
    )


def test_hand_over_cannot_be_undone_is_no_complaint_of_ours(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    order = session.get_one(Order, waiting.order_id)
    before = (waiting.pick_up_by, order.status, told(session, order.id))
    movements = len(session.exec(select(StockMovement)).all())
    now = clock.now()
    with clock.at(now):
        given(session, waiting, signature="1,2 3,4")
        assert waiting.undo_until == now + timedelta(seconds=60)
    with clock.at(now + timedelta(seconds=59)):
        # Nothing has been moved, captured, or told to anybody.
        settling.settle(session, waiting.id)
        assert len(session.exec(select(StockMovement)).all()) == movements
        assert capturing.settle(session, order.id).status is OrderStatus.READY_FOR_PICKUP
        assert session.exec(select(PaymentEntry)).all() == []
        assert "pickup.collected" not in told(session, waiting.id)
        undoing.undo(
            session, waiting.id, actor="ben", location_id=shop.riverside.id, version=waiting.version
        )
    assert waiting.status is PickupStatus.READY
    assert (waiting.pick_up_by, order.status, told(session, order.id)) == before
    assert (waiting.proof, waiting.handed_over_by, waiting.collected_at) == (None, None, None)
    assert session.get(Signature, waiting.id) is None
    assert balance(session, shop.riverside) == (5, 2)
    assert trail(session, waiting.id)[-1] == "pickup.hand_over_undone"
    with clock.at(now + timedelta(minutes=2)):
        assert settling.settle(session, waiting.id).status is PickupStatus.READY
    collected(session, waiting)  # the right customer comes
    assert balance(session, shop.riverside) == (3, 0)


def test_after_its_minute_a_hand_over_is_final_whether_or_not_anybody_has_settled_it(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    given(session, waiting)
    assert waiting.undo_until is not None
    with clock.at(waiting.undo_until):
        with refused(session, TooLateToUndo, "can no longer be undone; it could for 60 s") as late:
            undoing.undo(session, waiting.id, actor="anna")
        assert "return" in (late.error.remedy or "")
        settling.settle(session, waiting.id)
        once = contents(session)
        settling.settle(session, waiting.id)  # a workflow that was killed asks again
        assert contents(session) == once
        with refused(session, TooLateToUndo):
            undoing.undo(session, waiting.id, actor="anna")
    assert waiting.status is PickupStatus.COLLECTED


def test_only_its_own_store_undoes_a_hand_over_and_only_as_it_was_seen(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    with refused(session, TooLateToUndo, "nothing of this pickup was handed over just now"):
        undoing.undo(session, waiting.id, actor="anna")
    given(session, waiting)
    with refused(session, NotFound, "in this store"):
        undoing.undo(session, waiting.id, actor="ben", location_id=shop.harbour.id)
    with refused(session, StaleVersion):
        undoing.undo(session, waiting.id, actor="anna", version=waiting.version - 1)
    with refused(session, IllegalMove, "is handing over, so it cannot become handing over"):
        given(session, waiting)


def test_what_has_just_been_handed_over_is_not_cancelled_with_its_order(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    given(session, waiting)
    with refused(session, cancelling.TooLate):
        cancelling.cancel(session, waiting.order_id, actor="operator:olga", reason="test")
    settled(session, waiting)
    assert session.get_one(Order, waiting.order_id).status is OrderStatus.FULFILLED


def test_a_customer_who_came_too_late_and_is_sent_away_again_leaves_an_expired_pickup(
    session: Session, waiting: Pickup
) -> None:
    assert waiting.pick_up_by is not None
    with clock.at(waiting.pick_up_by):
        expiry.meet_deadline(session, waiting.id, version=waiting.version)
        given(session, waiting)
        undoing.undo(session, waiting.id, actor="anna")
    assert waiting.status is PickupStatus.EXPIRED


def test_completed_before_every_part_is_handed_over_never_happens(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    order = session.get_one(Order, waiting.order_id)
    given(session, waiting, taken={"MUG": 1, "LAMP": 1})
    seen = waiting.ready_at
    settled(session, waiting)
    assert order.status is OrderStatus.PARTLY_FULFILLED
    assert order.closed_at is None
    assert buckets(session, order) == [{"reserved": 1, "fulfilled": 1}, {"fulfilled": 1}]
    assert balance(session, shop.riverside) == (4, 1)
    [first] = parts(session, waiting)
    assert (first.status, first.proof, first.handed_over_by) == (
        PickupStatus.COLLECTED,
        Proof.CODE,
        "anna",
    )
    # The rest waits on its shelf under the code that the customer has, as long as fresh goods.
    assert (waiting.status, waiting.shelf, waiting.proof) == (PickupStatus.READY, "A1", None)
    assert seen is not None
    assert waiting.ready_at is not None
    assert waiting.ready_at > seen
    [item] = queue.queue(session, location_id=shop.riverside.id)
    assert [(line.sku, line.quantity) for line in item.lines] == [("MUG", 1)]
    assert notices.of_order(session, order.id)[-1].facts["rest"] is True
    assert told(session, first.id)[-1] == "pickup.collected"
    assert told(session, waiting.id)[-1] == "pickup.part_collected"
    collected(session, waiting)
    assert (order.status, order.closed_at is not None) == (OrderStatus.FULFILLED, True)
    assert balance(session, shop.riverside) == (3, 0)


def test_a_part_that_is_undone_leaves_the_pickup_whole(session: Session, waiting: Pickup) -> None:
    given(session, waiting, taken={"LAMP": 1}, rest=Rest.DECLINED)
    undoing.undo(session, waiting.id, actor="anna")
    assert (waiting.status, waiting.handing, waiting.rest) == (PickupStatus.READY, None, None)
    assert parts(session, waiting) == []


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        ({"MUG": 3}, "more than this pickup has: 3 × MUG of 2"),
        ({"ANVIL": 1}, "1 × ANVIL of 0"),
        ({"MUG": 0}, "nothing is handed over"),
        ({}, "nothing is handed over"),
    ],
)
def test_what_is_not_there_is_not_taken(
    session: Session, waiting: Pickup, taken: dict[str, int], said: str
) -> None:
    with refused(session, Invalid, said) as refusal:
        given(session, waiting, taken=taken)
    assert refusal.error.field == "taken"


def test_what_the_customer_declines_is_paid_back_and_not_sold_before_it_is_put_back(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    order = session.get_one(Order, waiting.order_id)
    paid_at_the_till(session, order, amount_minor=3_750)
    given(session, waiting, taken={"MUG": 2}, rest=Rest.DECLINED)
    settled(session, waiting)
    capturing.settle(session, order.id)
    assert (order.status, waiting.status) == (OrderStatus.FULFILLED, PickupStatus.TO_PUT_BACK)
    assert buckets(session, order) == [{"fulfilled": 2}, {"cancelled": 1}]
    refunds = session.exec(select(PaymentEntry).where(PaymentEntry.kind == "refund")).all()
    assert [entry.amount_minor for entry in refunds] == [1_250]
    assert balance(session, shop.riverside, "LAMP") == (5, 1)
    [item] = queue.queue(session, location_id=shop.riverside.id)
    assert (item.step, [line.sku for line in item.lines]) == ("to_put_back", ["LAMP"])
    with refused(session, Invalid, "LAMP: 0 of 1"):
        expiry.put_back(session, waiting.id, counted={}, actor="anna")
    expiry.put_back(session, waiting.id, counted={"LAMP": 1}, actor="anna")
    assert balance(session, shop.riverside, "LAMP") == (5, 0)
    assert queue.queue(session, location_id=shop.riverside.id) == []


def test_ready_impossible_after_a_part_refund_is_no_complaint_of_ours(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2, "LAMP": 1}, pickup_store="S01")
    paid_at_the_till(session, order, amount_minor=3_750)
    refunding.refund(
        session, order.id, {}, cause="asked:1", reason="late", actor="olga", goodwill_minor=500
    )
    [part] = routed(session, order)
    pickup = ready(session, part)
    given(session, pickup, taken={"LAMP": 1})
    settled(session, pickup)
    capturing.settle(session, order.id)
    [lamp] = [one.id for one in orders.lines(session, order.id) if one.sku == "LAMP"]
    refunding.refund(session, order.id, {lamp: 1}, cause="asked:2", reason="broken", actor="olga")
    collected(session, pickup)  # the refund of a part does not block the rest
    assert order.status is OrderStatus.FULFILLED


def test_rejected_pickups_are_shipped_instead_is_no_complaint_of_ours(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2}, pickup_store="S01")
    [part] = routed(session, order)
    preparing.reject(
        session, the_pickup(session, part).id, reason=RejectReason.TOO_BUSY, actor="anna"
    )
    assert routed(session, order) == []  # other places have the goods, and are not asked
    assert order.delivery.value == "pickup"
    assert [one.kind.value for one in session.exec(select(Fulfilment)).all()] == ["pickup"]


def test_no_way_to_cancel_after_packing_is_no_complaint_of_ours(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    cancelling.cancel(session, waiting.order_id, actor="operator:olga", reason="changed mind")
    assert session.get_one(Order, waiting.order_id).status is OrderStatus.CANCELLED
    assert waiting.status is PickupStatus.TO_PUT_BACK
    assert balance(session, shop.riverside) == (5, 2)
    with refused(session, Conflict, "is to put back, so it cannot be declined"):
        calling_off.decline(session, waiting.id, actor="anna")


@pytest.mark.parametrize("strokes", ["<svg/>", "1,2;", "1,2 x", "99999,1", "1,2\n3,4", ";1,1"])
def test_a_signature_is_strokes_and_nothing_else(
    session: Session, waiting: Pickup, strokes: str
) -> None:
    with refused(session, Invalid, "is not made of strokes"):
        given(session, waiting, signature=strokes)
    with refused(session, Invalid, "more than 8,000 characters"):
        given(session, waiting, signature="1000,1000 " * 801)


def test_a_signature_belongs_to_what_was_collected_and_is_erased(
    session: Session, waiting: Pickup
) -> None:
    given(session, waiting, signature="1,2 3,4;5,6", taken={"MUG": 1})
    settled(session, waiting)
    [first] = parts(session, waiting)
    assert signing.strokes_of(session, waiting.id) == []
    assert signing.strokes_of(session, first.id) == ["1,2 3,4", "5,6"]
    assert signing.erase_old(session) == 0
    with clock.at(clock.now() + timedelta(days=settings().signatures_kept_days + 1)):
        assert signing.erase_old(session) == 1
    signing.keep(session, first.id, "1,1")
    first.collected_by = "Bob Example"
    session.flush()
    customer = session.get_one(Order, waiting.order_id).customer_id
    assert signing.erase_of_customer(session, customer) == 1
    session.refresh(first)
    assert (signing.strokes_of(session, first.id), first.collected_by) == ([], "erased")


def test_undoing_and_settling_at_the_same_moment_do_one_of_the_two(live_database: str) -> None:
    with transaction() as unit:
        made = a_shop(unit)
        fill(unit, made)
        [part] = routed(unit, an_order(unit, {"MUG": 2}, pickup_store="S01"))
        pickup_id = ready(unit, part).id
        outcome = given(unit, unit.get_one(Pickup, pickup_id), taken={"MUG": 1})
        assert outcome.undo_until is not None
        last = outcome.undo_until

    def undo() -> str:
        try:
            with clock.at(last - timedelta(seconds=1)), transaction() as unit:
                undoing.undo(unit, pickup_id, actor="anna")
        except TooLateToUndo:
            return "late"
        return "undone"

    def settle() -> str:
        with clock.at(last), transaction() as unit:
            settling.settle(unit, pickup_id)
        return ""

    said = at_once([undo, settle])[0]
    with transaction() as unit:
        moved = unit.exec(select(StockMovement).where(StockMovement.kind == "collect")).all()
        assert len(parts(unit, unit.get_one(Pickup, pickup_id))) == (said == "late")
        assert len(moved) == (said == "late")
