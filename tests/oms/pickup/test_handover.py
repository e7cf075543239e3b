"""Goods and customer meet at the counter: the proof, the lock, the queue, the put-back."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from oms import clock
from oms.audit.models import AuditRow
from oms.errors import IllegalMove, Invalid, Locked, NotFound, StaleVersion
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, RejectReason
from oms.inventory.models import StockMovement
from oms.ordering import cancelling
from oms.orders.models import Order, OrderStatus
from oms.pickup import expiry, handover, preparing
from oms.pickup.handover import LOCKED_FOR, MOST_WRONG_CODES, NotStaged, Shown, WrongCode
from oms.pickup.models import Pickup, PickupStatus, Proof
from tests.builders import an_order, contents, refused
from tests.oms.shop import (
    Shop,
    balance,
    buckets,
    fill,
    ready,
    routed,
    settled,
    the_pickup,
    told,
    trail,
)


@pytest.fixture
def part(session: Session, shop: Shop) -> Fulfilment:
    """Two mugs to be collected at Riverside; nobody has begun."""
    fill(session, shop)
    [made] = routed(session, an_order(session, {"MUG": 2}, pickup_store="S01"))
    return made


@pytest.fixture
def waiting(session: Session, part: Fulfilment) -> Pickup:
    """The same, on the shelf."""
    return ready(session, part)


def hand_over(
    session: Session, pickup: Pickup, proof: Proof, value: str, **options: object
) -> Pickup | WrongCode:
    shown = Shown(proof, value, str(options.pop("collected_by", "")) or None)
    outcome = handover.hand_over(session, pickup.id, shown, actor="anna", **options)  # type: ignore[arg-type]
    session.flush()
    return outcome


def wrong(pickup: Pickup) -> str:
    return f"{(int(pickup.code) + 1) % 1_000_000:06}"


def expired(session: Session, pickup: Pickup) -> None:
    assert pickup.pick_up_by is not None
    with clock.at(pickup.pick_up_by):
        expiry.meet_deadline(session, pickup.id, version=pickup.version)
    assert pickup.status is PickupStatus.EXPIRED


@pytest.mark.parametrize("proof", [Proof.QR, Proof.CODE, Proof.IDENTITY])
def test_whoever_shows_a_proof_gets_the_goods_once(
    session: Session, shop: Shop, waiting: Pickup, proof: Proof
) -> None:
    value = {
        Proof.QR: f" {waiting.qr_token} ",
        Proof.CODE: f" {waiting.code}",
        Proof.IDENTITY: "driving licence",
    }[proof]
    device = uuid4()
    outcome = hand_over(session, waiting, proof, value, device_id=device)
    assert outcome is waiting
    settled(session, waiting)
    assert (waiting.status, waiting.proof, waiting.handed_over_by) == (
        PickupStatus.COLLECTED,
        proof,
        "anna",
    )
    assert waiting.document == ("driving licence" if proof is Proof.IDENTITY else None)
    assert (waiting.collected_by, waiting.device_id) == (None, device)
    assert waiting.collected_at is not None
    order = session.get_one(Order, waiting.order_id)
    assert (order.status, order.closed_at is not None) == (OrderStatus.FULFILLED, True)
    assert buckets(session, order) == [{"fulfilled": 2}]
    assert balance(session, shop.riverside) == (3, 0)
    assert trail(session, waiting.id)[-2:] == ["pickup.handing_over", "pickup.collected"]
    assert told(session, waiting.id)[-2:] == ["pickup.handing_over", "pickup.collected"]
    with refused(session, IllegalMove, "is collected, so it cannot become handing over"):
        hand_over(session, waiting, proof, value)


def test_somebody_else_who_collects_is_named_and_the_trail_says_no_more_than_that(
    session: Session, waiting: Pickup
) -> None:
    hand_over(session, waiting, Proof.CODE, waiting.code, collected_by="  Bob Example ")
    assert waiting.collected_by == "Bob Example"
    row = session.exec(select(AuditRow).where(AuditRow.action == "pickup.handing_over")).one()
    assert row.facts["by_another"] is True
    assert "Bob" not in str(row.facts)


def test_a_wrong_code_is_counted_and_nothing_is_handed_over(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    version = waiting.version
    outcome = hand_over(session, waiting, Proof.CODE, wrong(waiting))
    assert outcome == WrongCode(attempts_left=4, locked_until=None)
    assert (waiting.status, waiting.wrong_codes, waiting.version) == (
        PickupStatus.READY,
        1,
        version,
    )
    assert balance(session, shop.riverside) == (5, 2)
    assert trail(session, waiting.id)[-1] == "pickup.wrong_code"


@pytest.mark.parametrize(
    ("proof", "value"),
    [(Proof.QR, "123456"), (Proof.QR, "ünknown"), (Proof.CODE, ""), (Proof.CODE, "١٢٣٤٥٦")],
)
def test_what_is_no_proof_is_a_wrong_one(
    session: Session, waiting: Pickup, proof: Proof, value: str
) -> None:
    assert isinstance(hand_over(session, waiting, proof, value), WrongCode)


def test_five_wrong_codes_lock_the_pickup_until_the_lock_expires(
    session: Session, waiting: Pickup
) -> None:
    start = clock.now()
    with clock.at(start):
        left = []
        for _ in range(MOST_WRONG_CODES):
            outcome = hand_over(session, waiting, Proof.CODE, wrong(waiting))
            assert isinstance(outcome, WrongCode)
            left.append((outcome.attempts_left, outcome.locked_until))
    until = start + LOCKED_FOR
    assert left == [(4, None), (3, None), (2, None), (1, None), (0, until)]
    for moment in (start, until - timedelta(seconds=1)):
        with clock.at(moment):
            for proof, value in (
                (Proof.CODE, waiting.code),
                (Proof.QR, waiting.qr_token),
                (Proof.IDENTITY, "passport"),
            ):
                with refused(session, Locked, "too many wrong codes") as refusal:
                    hand_over(session, waiting, proof, value)
    assert refusal.error.facts == {"retry_after_s": 2}
    with clock.at(until):
        assert hand_over(session, waiting, Proof.CODE, wrong(waiting)) == WrongCode(4, None)
        assert hand_over(session, waiting, Proof.CODE, waiting.code) is waiting
    assert waiting.wrong_codes == 0


@pytest.mark.parametrize("value", ["", "  ", "passport 123456789", "AB12345", "x1"])
def test_the_number_of_a_document_is_not_kept(
    session: Session, waiting: Pickup, value: str
) -> None:
    with refused(session, Invalid, "kind of document that you checked, not its number") as refusal:
        hand_over(session, waiting, Proof.IDENTITY, value)
    assert refusal.error.field == "value"


def test_goods_that_are_not_ready_are_not_handed_over(session: Session, part: Fulfilment) -> None:
    pickup = the_pickup(session, part)
    with refused(session, NotStaged, "is allocated: 2 × MUG not on a shelf yet") as refusal:
        hand_over(session, pickup, Proof.CODE, pickup.code)
    assert refusal.error.facts["missing"] == {"MUG": 2}


def test_goods_of_a_cancelled_order_are_not_handed_over(session: Session, waiting: Pickup) -> None:
    cancelling.cancel(session, waiting.order_id, actor="operator:olga", reason="test")
    with refused(session, IllegalMove, "is to put back, so it cannot become handing over"):
        hand_over(session, waiting, Proof.CODE, waiting.code)


def test_an_associate_of_another_store_does_not_learn_that_it_exists(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    elsewhere = {"location_id": shop.harbour.id}
    with refused(session, NotFound, r"there is no pickup .* in this store"):
        hand_over(session, waiting, Proof.CODE, waiting.code, **elsewhere)
    with refused(session, NotFound, "in this store"):
        preparing.start(session, waiting.id, actor="ben", location_id=shop.harbour.id)
    with refused(session, NotFound, "in this store"):
        expiry.put_back(session, waiting.id, actor="ben", location_id=shop.harbour.id)


def test_two_associates_do_not_do_the_same_work(session: Session, part: Fulfilment) -> None:
    pickup = the_pickup(session, part)
    seen = pickup.version
    preparing.start(session, pickup.id, actor="anna", version=seen)
    assert (pickup.version, part.status) == (seen + 1, FulfilmentStatus.PICKING)
    with refused(session, StaleVersion) as refusal:
        preparing.start(session, pickup.id, actor="ben", version=seen)
    assert refusal.error.facts == {"version": seen + 1}
    with refused(session, IllegalMove):
        preparing.start(session, pickup.id, actor="ben", version=seen + 1)
    with refused(session, StaleVersion):
        hand_over(session, pickup, Proof.CODE, pickup.code, version=seen)


def test_ready_needs_everything_and_a_shelf(session: Session, part: Fulfilment) -> None:
    pickup = preparing.start(session, the_pickup(session, part).id, actor="anna")
    for picked, shelf, field in (
        ({"MUG": 1}, "A1", "picked"),
        ({"MUG": 2, "LAMP": 1}, "A1", "picked"),
        ({}, "A1", "picked"),
        ({"MUG": 2}, "  ", "shelf"),
    ):
        with refused(session, Invalid) as refusal:
            preparing.mark_ready(session, pickup.id, picked=picked, shelf=shelf, actor="anna")
        assert refusal.error.field == field
    preparing.mark_ready(session, pickup.id, picked={"MUG": 2}, shelf=" A1 ", actor="anna")
    assert (pickup.status, pickup.shelf) == (PickupStatus.READY, "A1")
    assert session.get_one(Order, pickup.order_id).status is OrderStatus.READY_FOR_PICKUP


def test_work_that_nobody_has_begun_is_not_ready(session: Session, part: Fulfilment) -> None:
    pickup = the_pickup(session, part)
    with refused(session, IllegalMove, "is allocated, so it cannot become packed"):
        preparing.mark_ready(session, pickup.id, picked={"MUG": 2}, shelf="A1", actor="anna")


def test_ready_goods_wait_until_the_last_closing_within_a_week(
    session: Session, part: Fulfilment
) -> None:
    with clock.at(datetime(2026, 6, 15, 16, 0, tzinfo=UTC)):
        pickup = ready(session, part)
    assert pickup.ready_at == datetime(2026, 6, 15, 16, 0, tzinfo=UTC)
    assert pickup.pick_up_by == datetime(2026, 6, 23, 0, 0, tzinfo=UTC)  # eight in the evening


def test_expired_goods_may_still_be_collected(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    expired(session, waiting)
    assert session.get_one(Order, waiting.order_id).status is OrderStatus.READY_FOR_PICKUP
    assert hand_over(session, waiting, Proof.QR, waiting.qr_token) is waiting
    settled(session, waiting)
    assert waiting.status is PickupStatus.COLLECTED
    assert balance(session, shop.riverside) == (3, 0)


def test_goods_nobody_fetched_are_sold_again_only_when_they_are_back_on_the_shelf(
    session: Session, shop: Shop, waiting: Pickup
) -> None:
    expired(session, waiting)
    assert balance(session, shop.riverside) == (5, 2)
    assert buckets(session, an_order(session, {"MUG": 4}, pickup_store="S01")) == [
        {"backordered": 4}
    ]
    expiry.put_back(session, waiting.id, actor="anna", version=waiting.version)
    session.flush()
    assert waiting.status is PickupStatus.PUT_BACK
    assert balance(session, shop.riverside) == (5, 0)
    order = session.get_one(Order, waiting.order_id)
    assert (order.status, buckets(session, order)) == (OrderStatus.CANCELLED, [{"cancelled": 2}])
    kinds = session.exec(select(StockMovement.kind)).all()
    assert [kind.value for kind in kinds][-1] == "put_back"
    assert told(session, order.id)[-1] == "order.put_back"
    assert buckets(session, an_order(session, {"MUG": 4}, pickup_store="S01")) == [{"reserved": 4}]
    with refused(session, IllegalMove, "is put back"):
        expiry.put_back(session, waiting.id, actor="anna")
    with refused(session, IllegalMove, "is put back"):
        hand_over(session, waiting, Proof.CODE, waiting.code)


def test_goods_that_still_wait_are_not_put_back(session: Session, waiting: Pickup) -> None:
    with refused(session, IllegalMove, "is ready, so it cannot become put back"):
        expiry.put_back(session, waiting.id, actor="anna")


def test_a_store_cannot_reject_what_lies_ready(session: Session, waiting: Pickup) -> None:
    with refused(session, IllegalMove, "is packed, so it cannot become rejected"):
        preparing.reject(session, waiting.id, reason=RejectReason.TOO_BUSY, actor="anna")


def test_only_articles_of_the_pickup_can_be_missing(session: Session, part: Fulfilment) -> None:
    pickup = the_pickup(session, part)
    with refused(session, NotFound, "has no ANVIL, LAMP") as refusal:
        preparing.reject(
            session,
            pickup.id,
            reason=RejectReason.NOT_FOUND,
            skus=["LAMP", "MUG", "ANVIL"],
            actor="anna",
        )
    assert refusal.error.field == "skus"


def test_each_pickup_has_its_own_secrets(session: Session, shop: Shop) -> None:
    fill(session, shop)
    pickups = [
        the_pickup(session, routed(session, an_order(session, {"MUG": 1}, pickup_store="S01"))[0])
        for _ in range(3)
    ]
    assert len({pickup.qr_token for pickup in pickups}) == 3
    assert all(len(pickup.code) == 6 and pickup.code.isdecimal() for pickup in pickups)
    assert all(len(pickup.qr_token) == 32 for pickup in pickups)


def test_a_refused_hand_over_leaves_no_trace(session: Session, waiting: Pickup) -> None:
    before = contents(session)
    with refused(session, StaleVersion):
        hand_over(session, waiting, Proof.CODE, waiting.code, version=99)
    assert contents(session) == before
