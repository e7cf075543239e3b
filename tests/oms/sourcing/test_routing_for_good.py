"""An order is routed: its stock is bound, the work is given, the reasons are kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from oms import clock
from oms.errors import StaleVersion
from oms.exceptions.models import ExceptionKind, OpenException
from oms.fulfilments import giving_back
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import FulfilmentStatus, RejectReason
from oms.inventory import availability, receiving, reservations
from oms.inventory.models import Reservation, ReservationStatus, StockMovement
from oms.inventory.movements import InsufficientStock
from oms.ordering import holds, placing, rerouting
from oms.orders import queries as orders
from oms.orders.models import Delivery, HoldKind, OrderStatus
from oms.pickup import preparing
from oms.pickup.models import PickupStatus
from oms.sourcing import committing, decisions, problems, replaying
from oms.sourcing.deciding import solve
from oms.sourcing.models import RoutingDecision
from tests.builders import a_new_order, a_product, an_address, an_order, refused, stock
from tests.oms.shop import (
    BOSTON,
    CHICAGO,
    Shop,
    balance,
    buckets,
    fill,
    held,
    picking_begun,
    routed,
    shipped,
    the_pickup,
    told,
    trail,
    wanted,
)


def decision_of(session: Session, order_id: object) -> RoutingDecision:
    """The newest decision; it must replay to the plan that was stored."""
    row = decisions.of_order(session, order_id)[0]  # type: ignore[arg-type]
    again = replaying.replay(row)
    assert again.plan_document() == row.plan
    assert again.plan.cost_cents == row.cost_minor
    return row


def cases(session: Session) -> list[tuple[ExceptionKind, str]]:
    rows = session.exec(select(OpenException).where(col(OpenException.resolved_at).is_(None)))
    return [(row.kind, row.detail) for row in rows]


def test_the_tentative_reservation_becomes_the_work_s_own(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2, "LAMP": 1})
    tentative = {row.id for row in reservations.held(session, order.id)}
    assert reservations.tentative(session, order.id)
    [part] = routed(session, order)
    bound = reservations.held(session, order.id)
    assert {row.id for row in bound} == tentative
    assert {row.fulfilment_id for row in bound} == {part.id}
    assert not reservations.tentative(session, order.id)
    assert (part.location_id, part.kind, part.status, part.version) == (
        shop.riverside.id,
        Delivery.SHIP,
        FulfilmentStatus.ALLOCATED,
        1,
    )
    assert wanted(session, part) == {"MUG": 2, "LAMP": 1}
    assert part.due_at == order.promise_by
    assert order.status is OrderStatus.IN_FULFILMENT
    assert balance(session, shop.riverside) == (5, 2)
    assert trail(session, part.id) == ["fulfilment.allocated"]
    assert told(session, part.id) == ["fulfilment.allocated"]
    assert trail(session, order.id) == ["order.captured", "order.routed"]


def test_the_decision_is_kept_with_its_reasons_and_replays_to_the_same_plan(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2})
    version = order.version
    [part] = routed(session, order)
    row = decision_of(session, order.id)
    assert row.id == part.decision_id
    assert (row.order_version, row.engine, row.status, row.fallback_reason) == (
        version,
        "exact",
        "optimal",
        None,
    )
    # 2 mugs weigh 600 g: second band, first zone, plus parcel and line at the store.
    assert (row.cost_minor, row.lower_bound_minor, row.currency) == (900, 900, "USD")
    [line] = orders.lines(session, order.id)
    assert row.plan["parcels"] == [{"location": "S01", "lines": [str(line.id)], "cents": 900}]
    assert [rival["location"] for rival in row.explanation["rivals"]] == ["S02", "W01"]
    assert row.explanation["sentences"]
    stock(session, shop.riverside, MUG=90)
    shop.riverside.parcel_cost_minor = 90_000
    session.flush()
    decision_of(session, order.id)


def test_a_decision_of_a_large_and_late_order_replays_too(session: Session, shop: Shop) -> None:
    fill(session, shop)
    far = clock.now() + timedelta(days=60_000)
    new = replace(a_new_order({"ANVIL": 100_000, "MUG": 1}), deliver_by=far)
    order = placing.place(session, new, actor="test")
    [part] = routed(session, order)
    assert wanted(session, part) == {"MUG": 1}
    decision_of(session, order.id)


def test_stock_that_moved_meanwhile_is_looked_for_elsewhere(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2})
    task = problems.task(session, order)
    assert task is not None
    solved = solve(task)
    shop.riverside.can_ship = False
    session.flush()
    [part] = routed(session, order)
    assert part.location_id == shop.harbour.id
    assert held(session, order) == {("MUG", "S02"): 2}
    assert balance(session, shop.riverside) == (5, 0)
    with refused(session, StaleVersion):
        committing.commit(session, task, solved, actor="system")


def test_a_decision_whose_stock_another_took_is_not_carried_out(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=2)
    first, second = an_order(session, {"MUG": 2}), an_order(session, {"MUG": 2})
    stock(session, shop.harbour, MUG=2)
    task = problems.task(session, second)
    assert task is not None
    solved = solve(task)
    third = an_order(session, {"MUG": 1})
    assert held(session, third) == {("MUG", "S02"): 1}
    with refused(session, InsufficientStock, "MUG"):
        committing.commit(session, task, solved, actor="system")
    assert routed(session, second) == []
    assert held(session, first) == {("MUG", "S01"): 2}


def test_an_order_is_split_where_no_location_has_all_of_it(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=2)
    stock(session, shop.depot, LAMP=1)
    order = an_order(session, {"MUG": 2, "LAMP": 1})
    parts = routed(session, order)
    assert [(part.location_id, wanted(session, part)) for part in parts] == [
        (shop.riverside.id, {"MUG": 2}),
        (shop.depot.id, {"LAMP": 1}),
    ]


def test_a_location_that_gives_work_back_is_not_asked_again(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2})
    [first] = routed(session, order)
    giving_back.reject(session, first.id, reason=RejectReason.TOO_BUSY, actor="anna", note="queue")
    assert (first.status, first.closed_at is not None) == (FulfilmentStatus.REJECTED, True)
    assert (order.status, buckets(session, order)) == (OrderStatus.CAPTURED, [{"unrouted": 2}])
    assert balance(session, shop.riverside) == (5, 0)
    [second] = routed(session, order)
    assert second.location_id == shop.harbour.id
    removed = decision_of(session, order.id).explanation["removed"]
    [reason] = [group["reasons"] for group in removed if group["locations"] == ["S01"]]
    assert (reason[0]["kind"], reason[0]["note"]) == (
        "excluded",
        "gave this order back (too busy)",
    )
    giving_back.reject(session, second.id, reason=RejectReason.CLOSED, actor="ben")
    [third] = routed(session, order)
    assert third.location_id == shop.depot.id
    giving_back.reject(session, third.id, reason=RejectReason.TOO_BUSY, actor="cleo")
    assert routed(session, order) == []
    assert order.status is OrderStatus.BACKORDERED
    assert len(decisions.of_order(session, order.id)) == 4


def test_rejections_are_forgotten_on_demand(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=5)
    order = an_order(session, {"MUG": 2})
    [first] = routed(session, order)
    giving_back.reject(session, first.id, reason=RejectReason.TOO_BUSY, actor="anna")
    assert routed(session, order) == []
    assert rerouting.forget_rejections(session, order.id, actor="operator:olga") == 1
    assert trail(session, order.id)[-1] == "order.reroute_asked"
    assert told(session, order.id)[-1] == "order.reroute_asked"
    [again] = routed(session, order)
    assert again.location_id == shop.riverside.id
    assert rerouting.forget_rejections(session, order.id, actor="operator:olga") == 0


@pytest.mark.parametrize(
    ("reason", "kind", "on_hand", "promisable"),
    [(RejectReason.NOT_FOUND, "adjust", 3, 1), (RejectReason.DAMAGED, "set_apart", 5, 3)],
)
def test_units_that_cannot_be_sold_are_not_promised_again(
    session: Session, shop: Shop, reason: RejectReason, kind: str, on_hand: int, promisable: int
) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2, "LAMP": 1})
    [part] = routed(session, order)
    picking_begun(session, part)
    giving_back.reject(session, part.id, reason=reason, skus=["MUG"], actor="anna")
    assert balance(session, shop.riverside, "MUG") == (on_hand, 0)
    assert balance(session, shop.riverside, "LAMP") == (5, 0)
    left = availability.promisable(session, ["MUG", "LAMP"])
    assert left["MUG", shop.riverside.id] == promisable
    assert left["LAMP", shop.riverside.id] == 5
    fates = {row.sku: row.status for row in _all_reservations(session, order.id)}
    assert fates == {"MUG": ReservationStatus.CONSUMED, "LAMP": ReservationStatus.RELEASED}
    moved = _movements(session, part.id)
    assert (kind, "MUG", on_hand - 5, -2) in moved
    assert ("release", "LAMP", 0, -1) in moved


def test_without_naming_articles_none_of_them_was_found(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2, "LAMP": 1})
    [part] = routed(session, order)
    giving_back.reject(session, part.id, reason=RejectReason.NOT_FOUND, actor="anna")
    assert balance(session, shop.riverside, "MUG") == (3, 0)
    assert balance(session, shop.riverside, "LAMP") == (4, 0)


@pytest.mark.parametrize("reason", [RejectReason.TOO_BUSY, RejectReason.CLOSED])
def test_units_stay_in_stock_when_only_the_hands_were_missing(
    session: Session, shop: Shop, reason: RejectReason
) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2})
    [part] = routed(session, order)
    giving_back.reject(session, part.id, reason=reason, skus=["MUG"], actor="anna")
    assert balance(session, shop.riverside) == (5, 0)


def test_a_pickup_that_its_store_rejects_waits_for_a_person_and_is_never_sent(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2}, pickup_store="S01")
    [part] = routed(session, order)
    waiting = the_pickup(session, part)
    preparing.reject(session, waiting.id, reason=RejectReason.NOT_FOUND, actor="anna")
    assert waiting.status is PickupStatus.CANCELLED
    assert routed(session, order) == []
    assert buckets(session, order) == [{"backordered": 2}]
    assert [part.kind for part in fulfilments.of_order(session, order.id)] == [Delivery.PICKUP]
    [(kind, detail)] = cases(session)
    assert kind is ExceptionKind.CANNOT_FILL
    assert "the chosen store cannot fill 1 line(s) of pickup order" in detail
    decision_of(session, order.id)


def test_the_case_of_a_pickup_ends_when_its_store_can_fill_it_after_all(
    session: Session, shop: Shop
) -> None:
    order = an_order(session, {"MUG": 2}, pickup_store="S01")
    assert routed(session, order) == []
    assert [kind for kind, _ in cases(session)] == [ExceptionKind.CANNOT_FILL]
    stock(session, shop.riverside, MUG=2)
    [part] = routed(session, order)
    assert the_pickup(session, part).status is PickupStatus.PREPARING
    assert cases(session) == []


def test_a_pickup_whose_store_has_closed_for_good_waits_for_a_person(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2}, pickup_store="S01")
    shop.riverside.active = False
    session.flush()
    assert routed(session, order) == []
    assert held(session, order) == {}
    assert [kind for kind, _ in cases(session)] == [ExceptionKind.CANNOT_FILL]
    decision_of(session, order.id)


def test_a_backorder_is_filled_when_stock_comes_in_first_come_first(
    session: Session, shop: Shop
) -> None:
    first, second = an_order(session, {"MUG": 2}), an_order(session, {"MUG": 2})
    receiving.receive(session, sku="MUG", location_id=shop.depot.id, units=2, actor="dock")
    assert list(orders.waiting_for(session, "MUG", limit=9)) == [first.id, second.id]
    [part] = routed(session, first)
    assert part.location_id == shop.depot.id
    assert (first.status, buckets(session, first)) == (
        OrderStatus.IN_FULFILMENT,
        [{"reserved": 2}],
    )
    assert routed(session, second) == []
    assert list(orders.waiting_for(session, "MUG", limit=9)) == [second.id]


def test_the_filled_part_goes_and_the_rest_follows(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=2)
    order = an_order(session, {"MUG": 2, "LAMP": 1})
    [mugs] = routed(session, order)
    shipped(session, mugs)
    assert order.status is OrderStatus.PARTLY_FULFILLED
    stock(session, shop.riverside, LAMP=1)
    [lamp] = routed(session, order)
    assert wanted(session, lamp) == {"LAMP": 1}
    shipped(session, lamp)
    assert order.status is OrderStatus.SHIPPED


def test_a_promise_that_cannot_be_kept_is_given_up_and_said_so(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.depot, MUG=2)
    tomorrow = clock.now() + timedelta(hours=23)
    new = replace(a_new_order({"MUG": 2}), deliver_by=tomorrow)
    order = placing.place(session, new, actor="test")
    [part] = routed(session, order)
    assert part.location_id == shop.depot.id
    row = decision_of(session, order.id)
    assert row.fallback_reason == "the promise of 1 day cannot be kept; sent late"
    assert row.snapshot["orders"][0]["promise_days"] == 60


def test_a_promise_is_not_given_up_where_that_helps_nobody(session: Session, shop: Shop) -> None:
    new = replace(a_new_order({"MUG": 2}), deliver_by=clock.now())
    order = placing.place(session, new, actor="test")
    assert routed(session, order) == []
    row = decision_of(session, order.id)
    assert (row.fallback_reason, row.snapshot["orders"][0]["promise_days"]) == (None, 0)


def test_a_location_without_capacity_left_is_passed_over(session: Session, shop: Shop) -> None:
    fill(session, shop)
    shop.riverside.capacity_parcels = 1
    session.flush()
    places = [routed(session, an_order(session, {"MUG": 1}))[0].location_id for _ in range(2)]
    assert places == [shop.riverside.id, shop.harbour.id]
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        [part] = routed(session, an_order(session, {"MUG": 1}))
    assert part.location_id == shop.riverside.id


def test_a_warehouse_hands_nothing_over_and_a_showroom_sends_nothing(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=5)
    shop.riverside.can_ship = False
    session.flush()
    assert buckets(session, an_order(session, {"MUG": 1})) == [{"backordered": 1}]
    assert buckets(session, an_order(session, {"MUG": 1}, pickup_store="S01")) == [{"reserved": 1}]


def test_the_nearest_of_equals_is_chosen_by_the_customer_s_address(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    for where, code in ((BOSTON, "S02"), (CHICAGO, "W01")):
        address = an_address(latitude=where[0], longitude=where[1])
        assert held(session, an_order(session, {"MUG": 1}, address=address)) == {("MUG", code): 1}


def test_an_assumed_destination_is_noted_with_the_decision(session: Session, shop: Shop) -> None:
    fill(session, shop)
    lost = an_address(latitude=None, longitude=None, postcode="00000")
    order = an_order(session, {"MUG": 1}, address=lost)
    routed(session, order)
    assert decision_of(session, order.id).notes == [
        "The postcode is not on the map, so distances are from the network's middle."
    ]


def test_an_order_with_nothing_open_is_no_task(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 1})
    routed(session, order)
    assert problems.task(session, order) is None
    assert problems.task(session, an_order(session, cancelled=True)) is None


def test_an_order_of_twelve_lines_in_three_places_replays_to_the_same_plan(
    session: Session, shop: Shop
) -> None:
    units = {f"SKU{number:02}": 1 + number % 2 for number in range(12)}
    places = (shop.riverside, shop.harbour, shop.depot)
    for number, sku in enumerate(units):
        a_product(session, sku, weight_g=200 + 150 * number)
        for place in (places[number % 3], places[number % 2]):
            stock(session, place, **{sku: 2})
    order = an_order(session, units)
    parts = routed(session, order)
    filled = [wanted(session, part) for part in parts]
    assert {sku: count for part in filled for sku, count in part.items()} == units
    row = decision_of(session, order.id)
    assert row.engine in ("exact", "cp-sat", "beam")
    assert row.lower_bound_minor <= row.cost_minor


def test_holds_do_not_unmake_what_is_routed(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 1})
    [part] = routed(session, order)
    holds.place_hold(session, order.id, kind=HoldKind.FRAUD, reason="odd", actor="operator:o")
    assert part.status is FulfilmentStatus.ALLOCATED


def _all_reservations(session: Session, order_id: object) -> list[Reservation]:
    return list(session.exec(select(Reservation).where(Reservation.order_id == order_id)).all())


def _movements(session: Session, cause_id: object) -> set[tuple[str, str, int, int]]:
    rows = session.exec(select(StockMovement).where(StockMovement.cause_id == cause_id)).all()
    return {(row.kind.value, row.sku, row.on_hand_delta, row.reserved_delta) for row in rows}


def test_a_pickup_whose_promise_has_passed_is_still_prepared_at_its_store(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    with clock.at(datetime(2026, 6, 15, 14, 0, tzinfo=UTC)):  # 10:00 in New York
        order = an_order(session, {"MUG": 1}, pickup_store="S01")
    with clock.at(datetime(2026, 6, 15, 23, 30, tzinfo=UTC)):  # the store closes in half an hour
        [part] = routed(session, order)
    assert part.location_id == shop.riverside.id
    assert decision_of(session, order.id).fallback_reason == (
        "the promise of 0 days cannot be kept; sent late"
    )
