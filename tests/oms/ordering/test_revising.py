"""A channel reports an order again: newer states are applied as far as the work allows."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from oms import clock
from oms.customers.models import Address
from oms.exceptions.models import ExceptionKind, OpenException
from oms.ordering import holds, revising
from oms.ordering.placing import UnknownSku
from oms.ordering.revising import Applied
from oms.orders import queries as orders
from oms.orders.models import HoldKind, Order, OrderRevision, OrderStatus
from oms.orders.new_order import NewHold, NewLine, NewOrder
from tests.builders import a_new_order, an_address, contents, refused, stock
from tests.oms.shop import (
    Shop,
    balance,
    buckets,
    collected,
    fill,
    held,
    packed,
    picking_begun,
    ready,
    routed,
    shipped,
    told,
    trail,
)

CHANNEL = "channel:reference"
UNPAID = NewHold(HoldKind.PAYMENT, "the payment is pending")


def said(session: Session, new: NewOrder) -> tuple[Order, Applied]:
    """The channel states this."""
    order, applied = revising.apply(session, new, actor=CHANNEL)
    assert order is not None
    session.flush()
    return order, applied


def placed(session: Session, new: NewOrder) -> Order:
    """The channel states an order for the first time."""
    order, applied = said(session, new)
    assert applied is Applied.PLACED
    return order


def later(new: NewOrder, **changes: object) -> NewOrder:
    """The same order a minute later, changed."""
    moment: datetime = new.updated_at + timedelta(minutes=1)
    return replace(new, updated_at=moment, **changes)  # type: ignore[arg-type]


def wanting(new: NewOrder, **units: int) -> NewOrder:
    """The order a minute later with these units of its lines; what is not named has gone."""
    kept = tuple(
        replace(line, quantity=units[line.channel_sku])
        for line in new.lines
        if line.channel_sku in units
    )
    return later(new, lines=kept)


def with_another(new: NewOrder, sku: str, units: int = 1) -> NewOrder:
    """The order a minute later with one line more."""
    line = NewLine(f"new-{sku}", sku, sku.title(), units, 1_250)
    return later(new, lines=(*new.lines, line))


def cases(session: Session) -> list[tuple[ExceptionKind, str]]:
    session.flush()
    rows = session.exec(
        select(OpenException)
        .where(col(OpenException.resolved_at).is_(None))
        .order_by(col(OpenException.opened_at))
    ).all()
    return [(row.kind, row.detail) for row in rows]


def revision_notes(session: Session) -> list[str]:
    rows = session.exec(select(OrderRevision).order_by(col(OrderRevision.number))).all()
    return [row.changes for row in rows]


@pytest.fixture
def new(session: Session, shop: Shop) -> NewOrder:
    """An order for two mugs and a lamp, in a shop that has them; it is not placed yet."""
    fill(session, shop)
    return a_new_order({"MUG": 2, "LAMP": 1}, external_id="5001")


def test_an_older_state_is_superseded_and_changes_nothing(session: Session, new: NewOrder) -> None:
    newest = wanting(new, MUG=1, LAMP=1)
    placed(session, newest)
    before = contents(session)
    order, applied = said(session, new)
    assert applied is Applied.SUPERSEDED
    assert contents(session) == before
    assert buckets(session, order) == [{"reserved": 1}, {"reserved": 1}]


def test_a_state_that_is_repeated_changes_nothing(session: Session, new: NewOrder) -> None:
    placed(session, new)
    before = contents(session)
    assert said(session, new)[1] is Applied.UNCHANGED
    assert contents(session) == before


def test_an_equal_time_with_other_content_is_another_state(session: Session, new: NewOrder) -> None:
    order = placed(session, new)
    second = replace(wanting(new, MUG=1, LAMP=1), updated_at=new.updated_at)
    assert said(session, second)[1] is Applied.REVISED
    assert buckets(session, order) == [{"reserved": 1, "cancelled": 1}, {"reserved": 1}]
    before = contents(session)
    assert said(session, new)[1] is Applied.UNCHANGED
    assert said(session, second)[1] is Applied.UNCHANGED
    assert contents(session) == before


def test_a_newer_state_that_says_the_same_is_kept_as_a_revision_without_changes(
    session: Session, new: NewOrder
) -> None:
    order = placed(session, new)
    version = order.version
    assert said(session, later(new))[1] is Applied.UNCHANGED
    assert order.external_updated_at == new.updated_at + timedelta(minutes=1)
    assert order.version == version
    assert revision_notes(session) == ["placed", ""]
    assert trail(session, order.id) == ["order.captured"]


def test_an_update_before_the_creation_places_the_order_and_the_creation_is_superseded(
    session: Session, new: NewOrder
) -> None:
    order = placed(session, wanting(new, MUG=1))
    assert buckets(session, order) == [{"reserved": 1}]
    assert said(session, new)[1] is Applied.SUPERSEDED
    assert buckets(session, order) == [{"reserved": 1}]


def test_a_cancellation_before_the_creation_keeps_the_order_from_coming_to_life(
    session: Session, new: NewOrder, shop: Shop
) -> None:
    order = placed(session, later(new, cancelled=True, lines=()))
    assert order.status is OrderStatus.CANCELLED
    assert said(session, new)[1] is Applied.SUPERSEDED
    assert order.status is OrderStatus.CANCELLED
    assert held(session, order) == {}
    assert balance(session, shop.riverside) == (5, 0)


def test_an_order_that_leaves_us_nothing_to_do_is_not_ours(session: Session, shop: Shop) -> None:
    before = contents(session)
    outcome = revising.apply(session, a_new_order({}), actor=CHANNEL)
    assert outcome == (None, Applied.NOT_OURS)
    assert contents(session) == before


def test_a_cancellation_releases_the_stock_and_says_so(
    session: Session, new: NewOrder, shop: Shop
) -> None:
    order = placed(session, new)
    assert said(session, later(new, cancelled=True))[1] is Applied.REVISED
    assert order.status is OrderStatus.CANCELLED
    assert buckets(session, order) == [{"cancelled": 2}, {"cancelled": 1}]
    assert balance(session, shop.riverside) == (5, 0)
    assert trail(session, order.id) == ["order.captured", "order.cancelled", "order.revised"]
    # The channel knows: only a cancellation made here is written back to it.
    assert "order.cancelled_here" not in told(session, order.id)


def test_a_cancelled_order_stays_cancelled(session: Session, new: NewOrder) -> None:
    order = placed(session, new)
    said(session, later(new, cancelled=True))
    alive = replace(new, updated_at=new.updated_at + timedelta(hours=1))
    assert said(session, alive)[1] is Applied.UNCHANGED
    assert order.status is OrderStatus.CANCELLED
    assert cases(session) == []


def test_a_cancellation_reaches_the_location_that_works_on_it(
    session: Session, new: NewOrder, shop: Shop
) -> None:
    order = placed(session, new)
    [part] = routed(session, order)
    packed(session, part)
    assert said(session, later(new, cancelled=True))[1] is Applied.REVISED
    assert (order.status, part.status.value) == (OrderStatus.CANCELLED, "cancelled")
    assert balance(session, shop.riverside) == (5, 0)


def test_a_cancellation_after_the_goods_have_left_needs_a_person(
    session: Session, new: NewOrder
) -> None:
    order = placed(session, new)
    [part] = routed(session, order)
    shipped(session, part)
    assert said(session, later(new, cancelled=True))[1] is Applied.UNCHANGED
    assert order.status is OrderStatus.SHIPPED
    [(kind, detail)] = cases(session)
    assert kind is ExceptionKind.CHANGE_REFUSED
    assert "the channel cancelled it, but order #5001 is shipped" in detail


def test_a_removed_line_gives_its_stock_back_before_a_location_works_on_it(
    session: Session, new: NewOrder, shop: Shop
) -> None:
    order = placed(session, new)
    assert said(session, wanting(new, MUG=1))[1] is Applied.REVISED
    assert buckets(session, order) == [{"reserved": 1, "cancelled": 1}, {"cancelled": 1}]
    assert held(session, order) == {("MUG", "S01"): 1}
    assert (balance(session, shop.riverside), balance(session, shop.riverside, "LAMP")) == (
        (5, 1),
        (5, 0),
    )
    assert revision_notes(session) == ["placed", "units removed"]
    assert cases(session) == []


def test_a_line_that_waits_for_stock_is_removed_as_well(session: Session, shop: Shop) -> None:
    new = a_new_order({"MUG": 2, "LAMP": 1})
    stock(session, shop.riverside, LAMP=1)
    order = placed(session, new)
    assert said(session, wanting(new, LAMP=1))[1] is Applied.REVISED
    assert buckets(session, order) == [{"cancelled": 2}, {"reserved": 1}]
    assert order.status is OrderStatus.CAPTURED


def test_a_line_removed_while_a_location_works_on_it_needs_a_person(
    session: Session, new: NewOrder, shop: Shop
) -> None:
    order = placed(session, new)
    routed(session, order)
    assert said(session, wanting(new, MUG=1))[1] is Applied.UNCHANGED
    assert buckets(session, order) == [{"reserved": 2}, {"reserved": 1}]
    assert balance(session, shop.riverside) == (5, 2)
    [(kind, detail)] = cases(session)
    assert kind is ExceptionKind.CHANGE_REFUSED
    assert "removed 2 unit(s) that a location is already working on" in detail


def test_an_order_whose_last_line_is_removed_is_cancelled(session: Session, new: NewOrder) -> None:
    order = placed(session, new)
    assert said(session, later(new, lines=()))[1] is Applied.REVISED
    assert order.status is OrderStatus.CANCELLED


def test_a_new_line_is_held_and_leaves_begun_work_alone(session: Session, new: NewOrder) -> None:
    order = placed(session, replace(new, lines=new.lines[:1]))
    [part] = routed(session, order)
    assert said(session, later(new))[1] is Applied.REVISED
    assert buckets(session, order) == [{"reserved": 2}, {"reserved": 1}]
    assert held(session, order) == {("MUG", "S01"): 2, ("LAMP", "S01"): 1}
    [second] = routed(session, order)
    assert second.id != part.id


def test_a_new_line_of_an_unknown_article_refuses_the_whole_state(
    session: Session, new: NewOrder
) -> None:
    placed(session, new)
    with refused(session, UnknownSku, "not in the catalogue: VASE"):
        said(session, with_another(wanting(new, MUG=1), "VASE"))


def test_a_raised_quantity_needs_a_person(session: Session, new: NewOrder) -> None:
    order = placed(session, new)
    assert said(session, wanting(new, MUG=3, LAMP=1))[1] is Applied.UNCHANGED
    assert buckets(session, order) == [{"reserved": 2}, {"reserved": 1}]
    [(kind, detail)] = cases(session)
    assert (kind, "raised the quantity of MUG" in detail) == (ExceptionKind.CHANGE_REFUSED, True)


def test_a_new_address_is_taken_until_a_parcel_is_packed(session: Session, new: NewOrder) -> None:
    order = placed(session, new)
    first = order.address_id
    moved = later(new, address=an_address(street="9 New Street"))
    assert said(session, moved)[1] is Applied.REVISED
    assert order.address_id != first
    assert session.get_one(Address, order.address_id).street == "9 New Street"
    assert session.get_one(Address, first).street == "5 Main Street"
    [part] = routed(session, order)
    picking_begun(session, part)
    again = later(moved, address=an_address(street="10 New Street"))
    assert said(session, again)[1] is Applied.REVISED
    assert session.get_one(Address, order.address_id).street == "10 New Street"
    assert revision_notes(session)[1:] == ["new address", "new address"]


def test_an_address_that_changes_after_packing_needs_a_person(
    session: Session, new: NewOrder
) -> None:
    order = placed(session, new)
    [part] = routed(session, order)
    packed(session, part)
    kept = order.address_id
    moved = later(new, address=an_address(street="9 New Street"))
    assert said(session, moved)[1] is Applied.UNCHANGED
    assert order.address_id == kept
    [(kind, detail)] = cases(session)
    assert "the address changed after a parcel was packed" in detail
    assert kind is ExceptionKind.CHANGE_REFUSED


def test_another_telephone_number_is_no_new_address(session: Session, new: NewOrder) -> None:
    order = placed(session, new)
    kept = order.address_id
    assert said(session, later(new, address=an_address(phone="555")))[1] is Applied.UNCHANGED
    assert order.address_id == kept


def test_a_payment_hold_is_released_when_the_channel_has_the_money(
    session: Session, new: NewOrder
) -> None:
    order = placed(session, replace(new, holds=(UNPAID,)))
    assert order.status is OrderStatus.HELD
    assert said(session, later(new))[1] is Applied.REVISED
    assert order.status is OrderStatus.CAPTURED
    assert told(session, order.id) == ["order.captured", "order.released", "order.revised"]
    assert revision_notes(session) == ["placed", "payment hold released"]


def test_an_address_that_comes_later_releases_its_hold(session: Session, new: NewOrder) -> None:
    nowhere = NewHold(HoldKind.ADDRESS, "the order has no address yet")
    order = placed(session, replace(new, address=None, holds=(nowhere,)))
    assert (order.status, order.address_id) == (OrderStatus.HELD, None)
    assert said(session, later(new))[1] is Applied.REVISED
    assert (order.status, order.address_id is not None) == (OrderStatus.CAPTURED, True)
    assert revision_notes(session)[1] == "new address; address hold released"


def test_a_payment_that_bounces_holds_the_order_again(session: Session, new: NewOrder) -> None:
    order = placed(session, new)
    assert said(session, later(new, holds=(UNPAID,)))[1] is Applied.REVISED
    assert order.status is OrderStatus.HELD


def test_a_hold_that_a_person_set_is_not_the_channel_s_to_release(
    session: Session, new: NewOrder
) -> None:
    order = placed(session, new)
    holds.place_hold(session, order.id, kind=HoldKind.FRAUD, reason="odd", actor="operator:o")
    assert said(session, later(new))[1] is Applied.UNCHANGED
    assert order.status is OrderStatus.HELD


def test_a_new_total_is_taken_over(session: Session, new: NewOrder) -> None:
    order = placed(session, new)
    assert said(session, later(new, total_minor=9_900))[1] is Applied.REVISED
    assert order.total_minor == 9_900
    assert revision_notes(session) == ["placed", "new total"]


def test_a_pickup_is_not_turned_into_a_delivery(session: Session, new: NewOrder) -> None:
    collected = replace(
        a_new_order({"MUG": 2}, external_id="5001", pickup_store="S01"), updated_at=new.updated_at
    )
    order = placed(session, collected)
    assert said(session, later(replace(new, lines=new.lines[:1])))[1] is Applied.REVISED
    assert order.delivery.value == "pickup"
    assert order.address_id is None
    assert revision_notes(session)[1] == "new total"
    [(kind, detail)] = cases(session)
    assert "the channel changed the delivery to ship" in detail
    assert kind is ExceptionKind.CHANGE_REFUSED


def test_another_pickup_store_needs_a_person(session: Session, new: NewOrder) -> None:
    collected = a_new_order({"MUG": 2}, external_id="5001", pickup_store="S01")
    order = placed(session, collected)
    assert said(session, later(collected, pickup_store="S02"))[1] is Applied.UNCHANGED
    assert held(session, order) == {("MUG", "S01"): 2}
    assert "changed the delivery to pickup at S02" in cases(session)[0][1]


def test_all_that_is_refused_at_once_stands_in_one_case(session: Session, new: NewOrder) -> None:
    order = placed(session, new)
    [part] = routed(session, order)
    packed(session, part)
    moved = later(wanting(new, MUG=3), address=an_address(street="9 New Street"))
    assert said(session, moved)[1] is Applied.UNCHANGED
    [(_, detail)] = cases(session)
    assert detail == (
        "order #5001: the address changed after a parcel was packed;"
        " the channel removed 1 unit(s) that a location is already working on or has sent;"
        " the channel raised the quantity of MUG"
    )


def test_a_finished_order_takes_no_more_changes(session: Session, shop: Shop) -> None:
    fill(session, shop)
    new = a_new_order({"MUG": 2}, pickup_store="S01")
    order = placed(session, new)
    [part] = routed(session, order)
    waiting = ready(session, part)
    collected(session, waiting)
    assert order.status is OrderStatus.FULFILLED
    assert said(session, later(new, total_minor=1, cancelled=True))[1] is Applied.UNCHANGED
    assert order.status is OrderStatus.FULFILLED
    assert order.total_minor == 2_500
    assert cases(session) == []


def test_every_state_that_was_applied_is_kept_with_what_it_changed(
    session: Session, new: NewOrder
) -> None:
    with clock.at(new.updated_at):
        order = placed(session, new)
    said(session, wanting(new, MUG=1, LAMP=1))
    rows = session.exec(select(OrderRevision).order_by(col(OrderRevision.number))).all()
    assert [(row.order_id, row.number, row.changes) for row in rows] == [
        (order.id, 1, "placed"),
        (order.id, 2, "units removed"),
    ]
    assert rows[0].external_updated_at == new.updated_at
    assert rows[1].external_updated_at == new.updated_at + timedelta(minutes=1)
    assert rows[0].digest != rows[1].digest


def test_a_wish_to_cancel_what_a_location_has_begun_needs_a_person(
    session: Session, new: NewOrder
) -> None:
    order = placed(session, new)
    routed(session, order)
    wish = NewHold(HoldKind.CANCEL_REQUESTED, "The buyer asks to cancel 2 of MUG")
    _, applied = said(session, later(new, holds=(wish,)))
    assert applied is Applied.REVISED
    [(kind, detail)] = cases(session)
    assert kind is ExceptionKind.CHANGE_REFUSED
    assert "The buyer asks to cancel 2 of MUG, and a location has the work already" in detail


@pytest.mark.parametrize(("sent", "held"), [(3, None), (1, "1 of 3 units had been sent")])
def test_what_others_sent_before_we_heard_of_it_is_not_placed_or_waits_for_a_person(
    session: Session, new: NewOrder, sent: int, held: str | None
) -> None:
    [line] = new.lines[:1]
    partly = replace(new, lines=(replace(line, quantity=3, sent=sent),))
    order, applied = revising.apply(session, partly, actor=CHANNEL)
    if held is None:
        assert (order, applied) == (None, Applied.NOT_OURS)
        return
    assert order is not None
    assert order.status is OrderStatus.HELD
    [hold] = orders.open_holds(session, order.id)
    assert hold.kind is HoldKind.MANUAL
    assert hold.reason.startswith(held)
