"""A new order: customer, lines, holds, held stock, audit and outbox, or nothing at all."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from oms import clock
from oms.customers.models import Address, Customer
from oms.errors import Invalid, NotFound
from oms.inventory.models import StockBalance
from oms.locations.models import ClosedDay
from oms.ordering import placing
from oms.ordering.pickup_stores import UnknownPickupStore
from oms.ordering.placing import MOST_UNITS, OutOfStock, UnknownSku
from oms.orders import queries as orders
from oms.orders.models import Delivery, HoldKind, Order, OrderRevision, OrderStatus
from oms.orders.new_order import NewHold, NewOrder
from tests.builders import a_listing, a_new_order, an_address, an_order, refused, stock
from tests.oms.shop import Shop, balance, buckets, fill, held, told, trail

PAID_LATER = NewHold(HoldKind.PAYMENT, "the payment is pending")


def with_line(new: NewOrder, **changes: object) -> NewOrder:
    """The same order with its first line changed."""
    first, *rest = new.lines
    return replace(new, lines=(replace(first, **changes), *rest))  # type: ignore[arg-type]


def test_an_order_is_written_whole_and_its_stock_is_held(session: Session, shop: Shop) -> None:
    fill(session, shop)
    new = replace(
        a_new_order({"MUG": 2, "LAMP": 1}, external_id="5001"),
        shipping_minor=500,
        tax_included=True,
    )
    order = placing.place(session, new, actor="channel:reference")

    assert (order.channel, order.external_id, order.display_number) == (
        "reference",
        "5001",
        "#5001",
    )
    assert (order.status, order.version, order.delivery) == (
        OrderStatus.CAPTURED,
        2,
        Delivery.SHIP,
    )
    assert (order.currency, order.total_minor, order.shipping_minor, order.tax_included) == (
        "USD",
        3_750,
        500,
        True,
    )
    assert order.number is not None
    assert order.promise_by == new.placed_at + timedelta(days=5)
    customer = session.get_one(Customer, order.customer_id)
    assert (customer.name, customer.email) == ("Ada Example", "ada@example.com")
    address = session.get_one(Address, order.address_id)
    assert (address.street, address.postcode, address.customer_id) == (
        "5 Main Street",
        "10002",
        customer.id,
    )
    lines = orders.lines(session, order.id)
    assert [(line.position, line.external_id, line.sku, line.quantity) for line in lines] == [
        (1, "1", "MUG", 2),
        (2, "2", "LAMP", 1),
    ]
    assert buckets(session, order) == [{"reserved": 2}, {"reserved": 1}]
    assert held(session, order) == {("MUG", "S01"): 2, ("LAMP", "S01"): 1}
    assert balance(session, shop.riverside, "MUG") == (5, 2)
    assert trail(session, order.id) == ["order.captured"]
    assert told(session, order.id) == ["order.captured"]
    revision = session.exec(select(OrderRevision)).one()
    assert (revision.number, revision.changes) == (1, "placed")


def test_what_no_location_can_fill_waits_and_the_rest_is_held(session: Session, shop: Shop) -> None:
    stock(session, shop.depot, MUG=2)
    order = an_order(session, {"MUG": 2, "LAMP": 1})
    assert order.status is OrderStatus.BACKORDERED
    assert buckets(session, order) == [{"reserved": 2}, {"backordered": 1}]
    assert held(session, order) == {("MUG", "W01"): 2}


def test_a_line_is_held_whole_at_one_location(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=3)
    stock(session, shop.harbour, MUG=3)
    order = an_order(session, {"MUG": 4})
    assert buckets(session, order) == [{"backordered": 4}]
    assert held(session, order) == {}


def test_without_any_location_or_stock_an_order_waits(session: Session, shop: Shop) -> None:
    for place in (shop.riverside, shop.harbour, shop.depot):
        place.active = False
    session.flush()
    assert buckets(session, an_order(session, {"MUG": 1})) == [{"backordered": 1}]


def test_safety_stock_is_not_promised_to_an_order(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=3)
    session.get_one(StockBalance, ("MUG", shop.riverside.id)).safety = 2
    session.flush()
    assert buckets(session, an_order(session, {"MUG": 2})) == [{"backordered": 2}]
    assert buckets(session, an_order(session, {"MUG": 1})) == [{"reserved": 1}]


def test_two_lines_of_one_article_do_not_share_a_unit(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=3)
    new = a_new_order({"MUG": 2})
    twice = replace(new, lines=(*new.lines, replace(new.lines[0], external_id="2")))
    order = placing.place(session, twice, actor="test")
    assert sorted(buckets(session, order), key=str) == [{"backordered": 2}, {"reserved": 2}]
    assert balance(session, shop.riverside) == (3, 2)


def test_a_pickup_is_held_at_its_store_and_nowhere_else(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2}, pickup_store="S02")
    assert order.pickup_location_id == shop.harbour.id
    assert order.address_id is None
    assert held(session, order) == {("MUG", "S02"): 2}


def test_a_pickup_that_its_store_cannot_fill_waits_though_others_could(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=5)
    order = an_order(session, {"MUG": 2}, pickup_store="S02")
    assert buckets(session, order) == [{"backordered": 2}]
    assert held(session, order) == {}


def test_a_pickup_is_promised_by_opening_time(session: Session, shop: Shop) -> None:
    fill(session, shop)
    evening = datetime(2026, 6, 15, 23, 30, tzinfo=UTC)  # half past seven in New York
    with clock.at(evening):
        order = an_order(session, {"MUG": 1}, pickup_store="S01")
    assert order.promise_by == datetime(2026, 6, 16, 13, 30, tzinfo=UTC)
    session.add(ClosedDay(location_id=shop.riverside.id, day=date(2026, 6, 16)))
    session.flush()
    with clock.at(evening):
        order = an_order(session, {"MUG": 1}, pickup_store="S01")
    assert order.promise_by == datetime(2026, 6, 17, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize("days", [-3, 2, 60_000])
def test_a_date_that_the_channel_has_promised_is_kept(
    session: Session, shop: Shop, days: int
) -> None:
    fill(session, shop)
    promised = datetime(2026, 6, 15, tzinfo=UTC) + timedelta(days=days)
    order = placing.place(session, replace(a_new_order(), deliver_by=promised), actor="test")
    assert order.promise_by == promised
    # Nobody can keep a date that has passed; the goods are held all the same, to be sent late.
    assert held(session, order) == {("MUG", "S01"): 1}


def test_a_held_order_has_its_stock(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 1}, holds=[PAID_LATER])
    assert order.status is OrderStatus.HELD
    assert held(session, order) == {("MUG", "S01"): 1}
    assert [hold.kind for hold in orders.open_holds(session, order.id)] == [HoldKind.PAYMENT]


def test_a_channel_s_own_sku_is_translated(session: Session, shop: Shop) -> None:
    fill(session, shop)
    a_listing(session, channel="reference", channel_sku="CUP-1", sku="MUG")
    order = placing.place(session, with_line(a_new_order(), channel_sku="CUP-1"), actor="test")
    assert [line.sku for line in orders.lines(session, order.id)] == ["MUG"]


def test_another_channel_s_sku_is_unknown_here(session: Session, shop: Shop) -> None:
    a_listing(session, channel="shopify", channel_sku="CUP-1", sku="MUG")
    new = replace(a_new_order({"MUG": 1, "LAMP": 1}), channel="reference")
    with refused(session, UnknownSku, "not in the catalogue: CUP-1") as refusal:
        placing.place(session, with_line(new, channel_sku="CUP-1"), actor="test")
    assert refusal.error.facts == {"skus": ["CUP-1"]}
    assert refusal.error.field == "lines.sku"
    assert "replay" in (refusal.error.remedy or "")


@pytest.mark.parametrize("quantity", [0, -1, MOST_UNITS + 1, 10**12])
def test_a_quantity_beyond_reason_is_refused(session: Session, shop: Shop, quantity: int) -> None:
    new = with_line(a_new_order({"LAMP": 1, "MUG": 1}), quantity=quantity)
    with refused(session, Invalid, f"quantity {quantity} is not between 1 and 100000") as refusal:
        placing.place(session, new, actor="test")
    assert refusal.error.field == "lines[0].quantity"


def test_the_largest_quantity_is_taken(session: Session, shop: Shop) -> None:
    order = an_order(session, {"ANVIL": MOST_UNITS})
    assert buckets(session, order) == [{"backordered": MOST_UNITS}]


def test_an_order_without_lines_is_refused(session: Session, shop: Shop) -> None:
    with refused(session, Invalid, "no lines to fulfil") as refusal:
        placing.place(session, a_new_order({}), actor="test")
    assert refusal.error.field == "lines"


def test_an_order_with_too_many_lines_is_refused(session: Session, shop: Shop) -> None:
    new = a_new_order()
    many = tuple(replace(new.lines[0], external_id=str(number)) for number in range(501))
    with refused(session, Invalid, "501 lines, more than 500"):
        placing.place(session, replace(new, lines=many), actor="test")


def test_an_unknown_pickup_store_is_refused(session: Session, shop: Shop) -> None:
    with refused(session, UnknownPickupStore, "there is no store 'S99'") as refusal:
        an_order(session, pickup_store="S99")
    assert refusal.error.field == "pickup_store"


def test_a_pickup_without_a_store_is_refused(session: Session, shop: Shop) -> None:
    new = replace(a_new_order(), delivery=Delivery.PICKUP)
    with refused(session, Invalid, "names no store"):
        placing.place(session, new, actor="test")


@pytest.mark.parametrize("code", ["W01", "S02"])
def test_a_location_that_hands_nothing_over_cannot_be_chosen(
    session: Session, shop: Shop, code: str
) -> None:
    shop.harbour.active = False
    session.flush()
    with refused(session, Invalid, "does not hand over pickups") as refusal:
        an_order(session, pickup_store=code)
    assert refusal.error.field == "pickup_store"


def test_a_currency_without_a_tariff_is_refused(session: Session, shop: Shop) -> None:
    fill(session, shop)
    with refused(session, NotFound, "there is no tariff sheet in CHF") as refusal:
        placing.place(session, replace(a_new_order(), currency="CHF"), actor="test")
    assert refusal.error.field == "currency"


def test_an_order_may_be_refused_rather_than_wait(session: Session, shop: Shop) -> None:
    stock(session, shop.riverside, MUG=3)
    new = a_new_order({"MUG": 2, "LAMP": 2})
    both = replace(new, lines=(*new.lines, replace(new.lines[1], external_id="3", quantity=5)))
    with refused(session, OutOfStock, r"not enough stock for LAMP \(7\)") as refusal:
        placing.place(session, both, actor="test", backorder=False)
    assert refusal.error.facts == {"skus": {"LAMP": 7}}
    assert refusal.error.field == "lines.quantity"
    assert balance(session, shop.riverside) == (3, 0)
    order = placing.place(session, a_new_order({"MUG": 3}), actor="test", backorder=False)
    assert buckets(session, order) == [{"reserved": 3}]


def test_an_order_that_was_called_off_before_we_heard_of_it_holds_nothing(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    order = an_order(session, {"MUG": 2}, cancelled=True)
    assert (order.status, order.closed_at is not None) == (OrderStatus.CANCELLED, True)
    assert buckets(session, order) == [{"cancelled": 2}]
    assert held(session, order) == {}


def test_a_called_off_order_is_kept_without_what_we_do_not_know_of_it(
    session: Session, shop: Shop
) -> None:
    order = an_order(session, {"MUG": 2, "UNHEARD-OF": 1}, cancelled=True)
    assert order.status is OrderStatus.CANCELLED
    assert [line.sku for line in orders.lines(session, order.id)] == ["MUG"]
    empty = an_order(session, {}, cancelled=True, pickup_store="W01")
    assert empty.status is OrderStatus.CANCELLED


def test_a_customer_is_recognised_by_e_mail_address_over_channels(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    first = an_order(session, channel="shopify")
    again = replace(
        a_new_order(channel="till"), customer_email=" ADA@Example.com ", customer_name="A. E."
    )
    second = placing.place(session, again, actor="test")
    assert first.customer_id == second.customer_id
    assert session.exec(select(Customer)).one().name == "Ada Example"


def test_customers_without_an_address_are_not_taken_for_one(session: Session, shop: Shop) -> None:
    fill(session, shop)
    nameless = [
        placing.place(session, replace(a_new_order(), customer_email=" "), actor="test")
        for _ in range(2)
    ]
    assert nameless[0].customer_id != nameless[1].customer_id


def test_an_address_whose_capital_is_folded_in_another_way_is_still_one_customer(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    odd = replace(a_new_order(), customer_email="İpek@example.com")
    first = placing.place(session, odd, actor="test")
    second = placing.place(session, replace(odd, external_id="other"), actor="test")
    assert first.customer_id == second.customer_id


def test_each_order_keeps_its_own_address(session: Session, shop: Shop) -> None:
    fill(session, shop)
    home, work = an_order(session), an_order(session, address=an_address(street="1 Work Street"))
    assert home.customer_id == work.customer_id
    assert home.address_id != work.address_id


def test_an_unknown_postcode_is_reckoned_from_the_middle_and_said_so(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    lost = an_address(latitude=None, longitude=None, postcode="00000")
    order = an_order(session, {"MUG": 1}, address=lost)
    assert buckets(session, order) == [{"reserved": 1}]


def test_the_same_reference_on_another_channel_is_another_order(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    placed = [an_order(session, channel=name, external_id="1") for name in ("shopify", "till")]
    assert placed[0].id != placed[1].id
    found = orders.by_reference(session, channel="till", external_id="1")
    assert found is not None
    assert found.id == placed[1].id
    assert len(session.exec(select(Order)).all()) == 2
