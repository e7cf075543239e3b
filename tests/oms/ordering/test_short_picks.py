"""Units that are not there: the ways out, ranked, and each of them carried out."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from oms import clock
from oms.errors import Conflict, Invalid
from oms.fulfilments import shortening
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.fulfilments.short_models import ShortReason, WayOut
from oms.inventory import bins, counts_wanted, supplies
from oms.inventory.bins import Bin
from oms.inventory.models import StockBalance
from oms.ordering import revising, ship_to_store, short_picks, ways_out
from oms.ordering.short_picks import Decision
from oms.orders.models import Order, OrderStatus
from oms.outbox.models import OutboxRow
from oms.payments import capturing, ledger
from oms.payments.models import Refund
from oms.pickup import preparing, queue, walking, waves
from oms.pickup.claiming import Claimed
from oms.pickup.models import Pickup, PickupStatus
from oms.transfers import sending
from oms.transfers.models import Transfer
from oms.transfers.receiving import Came
from tests.builders import a_new_order, an_order, refused, stock
from tests.oms.shop import Shop, balance, buckets, collected, fill, held, routed, the_pickup, trail

WHERE = [Bin("Home", "1", "1-1"), Bin("Home", "9", "9-9"), Bin("Backroom", "", "R", rank=2)]


@pytest.fixture
def order(session: Session, shop: Shop) -> Order:
    """Two mugs and a lamp to be collected at Riverside."""
    fill(session, shop)
    return an_order(session, {"MUG": 2, "LAMP": 1}, pickup_store="S01")


@pytest.fixture
def pickup(session: Session, order: Order) -> Pickup:
    """It is being picked by anna."""
    [part] = routed(session, order)
    return preparing.start(session, the_pickup(session, part).id, actor="anna")


def ways(session: Session, shop: Shop, pickup: Pickup, sku: str, units: int) -> ways_out.WaysOut:
    return ways_out.ways_out(
        session, pickup.id, sku=sku, units=units, location_id=shop.riverside.id
    )


def short(session: Session, pickup: Pickup, way: str, **facts: object) -> Pickup:
    given = {"sku": "LAMP", "units": 1, "reason": ShortReason.NOT_FOUND, "way": WayOut(way)}
    return short_picks.settle(
        session,
        pickup.id,
        Decision(**(given | facts)),  # type: ignore[arg-type]
        actor="anna",
    )


def lines(session: Session, shop: Shop, pickup: Pickup) -> dict[str, int]:
    item = queue.item(session, pickup.id, location_id=shop.riverside.id)
    return {line.sku: line.quantity for line in item.lines}


def announced(session: Session, shop: Shop, sku: str, units: int) -> None:
    supplies.announce(
        session,
        document="PO-1",
        sku=sku,
        location_id=shop.riverside.id,
        units=units,
        expected_at=clock.now() + timedelta(days=3),
        actor="test",
    )


def test_the_ways_out_are_ranked_by_how_little_the_customer_notices(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    bins.set_bins(session, location_id=shop.riverside.id, sku="LAMP", places=WHERE, actor="anna")
    announced(session, shop, "LAMP", 4)
    found = ways(session, shop, pickup, "LAMP", 1)
    assert [(one.way.value, one.asks_customer) for one in found.options] == [
        ("other_bin", False),
        ("later", True),
        ("transfer", True),
        ("transfer", True),
        ("cancel", False),
    ]
    assert found.options[0].bin == WHERE[1]
    senders = [one.from_location.code for one in found.options if one.from_location]
    assert senders == ["S02", "W01"], "Boston is nearer to New York than Chicago"
    costs = [one.cost_minor for one in found.options if one.way is WayOut.TRANSFER]
    assert costs == [730 + 190 + 60, 810 + 190 + 60], "carriage, packing, picking"
    days = [one.expected_at for one in found.options if one.way is WayOut.TRANSFER]
    assert days == sorted(day for day in days if day is not None)
    assert found.options[-1].worth_minor == 1_250
    assert found.not_offered == ()


def test_a_way_that_is_closed_says_why(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    found = ways(session, shop, pickup, "MUG", 1)
    assert [one.way.value for one in found.options] == ["cancel"]
    assert {one.way.value: one.why for one in found.not_offered} == {
        "other_bin": "no other bin of this article is known here",
        "later": "part of the line is here, and a line is not divided",
        "transfer": "part of the line is here, and a line is not divided",
    }
    for place in (shop.harbour, shop.depot):
        session.get_one(StockBalance, ("LAMP", place.id)).safety = 5
    session.flush()
    found = ways(session, shop, pickup, "LAMP", 1)
    assert {one.way.value: one.why for one in found.not_offered} == {
        "other_bin": "no other bin of this article is known here",
        "later": "not enough of it is on its way to this store",
        "transfer": "no other location could send them",
    }
    for units, sku in ((0, "MUG"), (3, "MUG"), (1, "ANVIL")):
        with refused(session, Invalid) as wrong:
            ways(session, shop, pickup, sku, units)
        assert wrong.error.field == "units"


def test_what_is_in_another_bin_is_looked_for_there(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    bins.set_bins(session, location_id=shop.riverside.id, sku="LAMP", places=WHERE, actor="anna")
    for place in WHERE[:2]:
        short(session, pickup, "other_bin", bin=place.name)
    assert ways(session, shop, pickup, "LAMP", 1).not_offered[0].way is WayOut.OTHER_BIN
    stops = walking.for_one(session, pickup, order.display_number)
    assert {stop.sku: stop.bin for stop in stops} == {"LAMP": WHERE[2], "MUG": None}
    assert lines(session, shop, pickup) == {"MUG": 2, "LAMP": 1}
    assert balance(session, shop.riverside, "LAMP") == (5, 1)
    with refused(session, Conflict) as found:
        short(session, pickup, "other_bin", bin=WHERE[2].name)
    assert found.error.field == "way"


@pytest.mark.parametrize(
    ("reason", "stands", "doubted"),
    [("not_found", (4, 0, 0), 2), ("damaged", (5, 0, 1), 0), ("reserved", (5, 0, 0), 3)],
)
def test_a_cancelled_unit_leaves_the_pickup_and_the_stock_as_its_reason_says(
    session: Session,
    shop: Shop,
    order: Order,
    pickup: Pickup,
    reason: str,
    stands: tuple[int, int, int],
    doubted: int,
) -> None:
    short(session, pickup, "cancel", reason=ShortReason(reason))
    row = session.get_one(StockBalance, ("LAMP", shop.riverside.id), populate_existing=True)
    assert (row.on_hand, row.reserved, row.damaged, row.withheld) == (*stands, doubted)
    asked = [one.sku for one in counts_wanted.of_location(session, shop.riverside.id)]
    assert asked == ([] if reason == "damaged" else ["LAMP"])
    assert buckets(session, order) == [{"reserved": 2}, {"cancelled": 1}]
    assert lines(session, shop, pickup) == {"MUG": 2}
    [note] = shortening.decisions(session, [pickup.fulfilment_id])
    assert (note.sku, note.units, note.reason.value, note.way.value) == (
        "LAMP",
        1,
        reason,
        "cancel",
    )
    assert trail(session, pickup.id)[-1] == "pickup.short_picked"
    preparing.mark_ready(session, pickup.id, picked={"MUG": 2}, shelf="A1", actor="anna")
    assert pickup.status is PickupStatus.READY


def test_part_of_a_line_is_cancelled_and_the_rest_is_picked(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    short(session, pickup, "cancel", sku="MUG", reason=ShortReason.DAMAGED)
    assert buckets(session, order) == [{"reserved": 1, "cancelled": 1}, {"reserved": 1}]
    assert held(session, order) == {("MUG", "S01"): 1, ("LAMP", "S01"): 1}
    preparing.mark_ready(session, pickup.id, picked={"MUG": 1, "LAMP": 1}, shelf="A1", actor="anna")
    collected(session, pickup)
    assert buckets(session, order) == [{"cancelled": 1, "fulfilled": 1}, {"fulfilled": 1}]
    assert order.status is OrderStatus.FULFILLED


def test_money_that_was_taken_for_a_cancelled_unit_is_owed_to_the_customer(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    capturing.take(
        session,
        order.id,
        tender="cash",
        amount_minor=order.total_minor,
        reference="T1",
        key="till-1",
        actor="test",
    )
    short(session, pickup, "cancel")
    preparing.mark_ready(session, pickup.id, picked={"MUG": 2}, shelf="A1", actor="anna")
    collected(session, pickup)
    capturing.settle(session, order.id)
    assert [one.amount_minor for one in session.exec(select(Refund)).all()] == [1_250]
    [payment] = ledger.locked(session, order.id)
    assert payment.refunded_minor == 1_250


def test_nothing_left_ends_the_pickup_and_its_order(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    short(session, pickup, "cancel", sku="MUG", units=2)
    short(session, pickup, "cancel")
    part = session.get_one(Fulfilment, pickup.fulfilment_id)
    assert (part.status, pickup.status) == (FulfilmentStatus.CANCELLED, PickupStatus.CANCELLED)
    assert order.status is OrderStatus.CANCELLED
    assert queue.queue(session, location_id=shop.riverside.id) == []
    last = session.exec(
        select(OutboxRow.topic)
        .where(OutboxRow.subject_id == order.id)
        .order_by(col(OutboxRow.id).desc())
    ).first()
    assert last == "order.cancelled_here", "the channel is told"


def test_what_changes_the_promise_needs_the_customer_s_word(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    announced(session, shop, "LAMP", 1)
    for way in ("later", "transfer"):
        with refused(session, Invalid) as found:
            short(session, pickup, way, from_location="S02")
        assert found.error.field == "agreed"


def test_later_waits_for_what_is_coming_and_becomes_a_pickup_again(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    announced(session, shop, "LAMP", 1)
    short(session, pickup, "later", agreed=True)
    assert buckets(session, order) == [{"reserved": 2}, {"backordered": 1}]
    assert lines(session, shop, pickup) == {"MUG": 2}
    [note] = shortening.decisions(session, [pickup.fulfilment_id])
    assert (note.agreed_by, note.expected_at is None) == ("anna", False)
    assert order.delivery.value == "pickup"
    with refused(session, Invalid):  # the units are not there to be short any more
        short(session, pickup, "later", agreed=True)


def test_a_transfer_brings_what_is_missing_and_keeps_it_for_the_order(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    with refused(session, Conflict) as found:
        short(session, pickup, "transfer", agreed=True, from_location="S77")
    assert found.error.field == "from_location"
    short(session, pickup, "transfer", agreed=True, from_location="S02")
    [moved] = session.exec(select(Transfer)).all()
    assert (moved.order_id, moved.from_location_id) == (order.id, shop.harbour.id)
    assert balance(session, shop.harbour, "LAMP") == (5, 1)
    preparing.mark_ready(session, pickup.id, picked={"MUG": 2}, shelf="A1", actor="anna")
    collected(session, pickup)
    sending.pick(session, moved.id, picked={"LAMP": 1}, actor="ben")
    sending.ship(session, moved.id, actor="ben")
    ship_to_store.receive(session, moved.id, counted={"LAMP": Came(units=1)}, actor="anna")
    assert held(session, order) == {("LAMP", "S01"): 1}
    [again] = routed(session, order)
    assert lines(session, shop, the_pickup(session, again)) == {"LAMP": 1}


def test_only_who_picks_it_says_what_is_missing(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    given = Decision("LAMP", 1, ShortReason.NOT_FOUND, WayOut.CANCEL)
    with refused(session, Claimed):
        short_picks.settle(session, pickup.id, given, actor="ben")


def reported(session: Session, order: Order, **units: int) -> None:
    """The channel says that so many units are left of the order, and refunds the rest."""
    new = a_new_order(units, external_id=order.external_id, pickup_store="S01")
    revising.apply(session, new, actor="channel:reference")


def test_ready_is_possible_after_a_part_refund(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    reported(session, order, MUG=1)
    assert buckets(session, order) == [{"reserved": 1, "cancelled": 1}, {"cancelled": 1}]
    assert (balance(session, shop.riverside), balance(session, shop.riverside, "LAMP")) == (
        (5, 1),
        (5, 0),
    )
    assert lines(session, shop, pickup) == {"MUG": 1}
    preparing.mark_ready(session, pickup.id, picked={"MUG": 1}, shelf="A1", actor="anna")
    assert pickup.status is PickupStatus.READY


def test_a_part_refund_of_everything_ends_the_pickup(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    reported(session, order, LAMP=1)
    reported(session, order)
    assert buckets(session, order) == [{"cancelled": 2}, {"cancelled": 1}]
    assert pickup.status is PickupStatus.CANCELLED


def test_what_waits_on_its_shelf_is_not_cut_by_itself(
    session: Session, shop: Shop, order: Order, pickup: Pickup
) -> None:
    preparing.mark_ready(session, pickup.id, picked={"MUG": 2, "LAMP": 1}, shelf="A1", actor="anna")
    reported(session, order, MUG=2)
    assert buckets(session, order) == [{"reserved": 2}, {"reserved": 1}]
    with refused(session, Conflict) as found:
        short(session, pickup, "cancel")
    assert found.error.field == "status"


def test_units_that_come_too_late_for_a_wave_are_not_scanned_into_it(
    session: Session, shop: Shop, order: Order
) -> None:
    [part] = routed(session, order)
    one = the_pickup(session, part)
    wave: UUID = waves.take(
        session, location_id=shop.riverside.id, pickup_ids=[one.id], actor="anna"
    ).id
    short(session, one, "cancel")
    found = waves.scan(session, wave, "lamp", actor="anna", location_id=shop.riverside.id)
    assert found.outcome is waves.ScanOutcome.WRONG
    stock(session, shop.riverside, LAMP=1)
    assert waves.shown(session, wave, location_id=shop.riverside.id).quantity == 2
