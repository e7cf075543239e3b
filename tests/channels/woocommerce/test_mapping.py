"""WooCommerce's order becomes ours, exactly or not at all."""

from datetime import UTC, datetime
from typing import Any

import pytest

from oms import clock
from oms.channels.base import Malformed, UnknownStore
from oms.orders.models import Delivery, HoldKind
from oms.orders.new_order import NewAddress, NewLine, NewOrder
from tests.channels.builders import NOW, a_channel
from tests.payloads.reading import ABSENT, payload

MUG, LAMP = "line_items[0]", "line_items[1]"


def order(
    changes: dict[str, Any] | None = None, *, topic: str = "order.updated", **settings: Any
) -> NewOrder:
    return a_channel("woocommerce", **settings).to_order(
        payload("woocommerce_order", changes), topic=topic
    )


def malformed(changes: dict[str, Any]) -> Malformed:
    with pytest.raises(Malformed) as caught:
        order(changes)
    assert caught.value.remedy
    return caught.value


def test_every_field_is_translated() -> None:
    assert order() == NewOrder(
        channel="woocommerce",
        external_id="727",
        display_number="W-727",
        placed_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        updated_at=datetime(2026, 3, 1, 12, 0, 8, tzinfo=UTC),
        currency="USD",
        total_minor=2935,
        lines=(
            NewLine("315", "93", "Mug \u2013 Blue & Gr\u00fcn", 3, 334, 72, 102),
            NewLine("316", "LAMP", "Lamp", 1, 1200, 90, 0),
        ),
        customer_name="Ada O'Example",
        customer_email="ada@example.com",
        customer_phone="555-0100",
        delivery=Delivery.SHIP,
        address=NewAddress(
            name="Ada O'Example",
            company="Example & Co",
            street="12 Sample Street",
            city="Springfield",
            region="IL",
            postcode="06201",
            country="US",
            phone="555-0100",
        ),
        shipping_minor=1000,
    )


def test_a_total_that_does_not_divide_by_the_units_stays_exact() -> None:
    mug = order().lines[0]  # $10.00 for three, $9.00 after discount
    assert mug.unit_price_minor * mug.quantity - mug.discount_minor == 900


def test_where_prices_include_tax_so_do_ours() -> None:
    inclusive = order({"prices_include_tax": True})
    mug, lamp = inclusive.lines
    assert inclusive.tax_included is True
    assert inclusive.shipping_minor == 1080
    assert mug.unit_price_minor * 3 - mug.discount_minor == 972
    assert (lamp.unit_price_minor, lamp.tax_minor, lamp.discount_minor) == (1290, 90, 0)


def test_a_line_that_was_made_dearer_has_no_negative_discount() -> None:
    lamp = order({f"{LAMP}.total": "15.00"}).lines[1]
    assert (lamp.unit_price_minor, lamp.discount_minor) == (1500, 0)


def test_refunds_lower_the_total() -> None:
    assert order({"refunds": [{"id": 1, "total": "-10.00"}]}).total_minor == 1935


def test_an_article_without_a_sku_is_known_by_its_variation_or_product() -> None:
    assert order({f"{LAMP}.sku": None}).lines[1].channel_sku == "23"
    gone = {f"{LAMP}.sku": "", f"{LAMP}.variation_id": 0, f"{LAMP}.product_id": 0}
    assert malformed(gone).field == "line_items[1].sku"


@pytest.mark.parametrize(
    ("status", "paid", "held", "cancelled"),
    [
        ("processing", None, [], False),
        ("completed", None, [], False),
        ("pending", None, [HoldKind.PAYMENT], False),
        ("on-hold", None, [HoldKind.PAYMENT], False),
        ("failed", None, [HoldKind.PAYMENT], False),
        ("checkout-draft", None, [HoldKind.PAYMENT], False),
        ("partial-shipped", "2026-03-01T12:00:08", [], False),
        ("awaiting-wire", None, [HoldKind.PAYMENT], False),
        ("cancelled", None, [], True),
        ("refunded", "2026-03-01T12:00:08", [], True),
        ("trash", None, [], True),
    ],
)
def test_the_status_says_whether_it_goes_on_waits_or_ends(
    status: str, paid: str | None, held: list[HoldKind], cancelled: bool
) -> None:
    new = order({"status": status, "date_paid_gmt": paid})
    assert [hold.kind for hold in new.holds] == held
    assert new.cancelled is cancelled


def test_without_a_shipping_address_the_billing_one_is_used_and_without_both_it_waits() -> None:
    billed = order({"shipping.address_1": ""})
    assert billed.address is not None
    assert billed.address.street == "1 Bill Road"
    neither = order({"shipping.address_1": "", "billing.address_1": ""})
    assert neither.address is None
    assert [hold.kind for hold in neither.holds] == [HoldKind.ADDRESS]


def pickup(**line: Any) -> dict[str, Any]:
    return {"shipping_lines[0]": {"id": 1, "meta_data": [], **line}}


BLOCK_CHECKOUT = pickup(
    method_id="pickup_location",
    method_title="Local pickup",
    meta_data=[
        {"id": 1, "key": "pickup_location", "value": "River&#115;ide"},
        {"id": 2, "key": "pickup_address", "value": "1 Bank, Springfield"},
    ],
)


@pytest.mark.parametrize(
    ("changes", "locations"),
    [
        (BLOCK_CHECKOUT, {"Riverside": "S01"}),
        (
            pickup(
                method_id="local_pickup_plus",
                meta_data=[{"key": "_pickup_location_id", "value": 88}],
            ),
            {"88": "S01"},
        ),
        (
            pickup(method_id="pickup_location", method_title="Local pickup (Riverside)"),
            {"riverside": "S01"},
        ),
        (pickup(method_id="local_pickup", method_title="Local pickup"), {"local_pickup": "S01"}),
        (
            pickup(method_id="local_pickup:7", method_title="Local pickup"),
            {"local_pickup:7": "S01", "local_pickup": "S02"},
        ),
        (
            pickup(method_id="local_pickup")
            | {"meta_data": [{"key": "_pickup_location", "value": "Riverside"}]},
            {"Riverside": "S01"},
        ),
    ],
    ids=["block checkout", "plus", "title", "method", "instance", "order meta"],
)
def test_pickup_is_known_by_method_and_place(
    changes: dict[str, Any], locations: dict[str, str]
) -> None:
    picked = order(changes, locations=locations)
    assert (picked.delivery, picked.pickup_store) == (Delivery.PICKUP, "S01")
    assert (picked.address, picked.holds) == (None, ())


def test_pickup_at_a_place_that_is_not_mapped_is_an_unknown_store() -> None:
    with pytest.raises(UnknownStore) as caught:
        order(BLOCK_CHECKOUT, locations={"Hill": "S09"})
    assert caught.value.field == "shipping_lines[0].meta_data"
    assert "'Riverside'" in caught.value.message
    assert "channels.woocommerce.locations" in (caught.value.remedy or "")
    gone = order(BLOCK_CHECKOUT | {"status": "cancelled"}, locations={})
    assert (gone.cancelled, gone.pickup_store) == (True, None)


def test_metadata_of_any_shape_is_let_by() -> None:
    odd = [{"key": "pickup_location", "value": {"a": [1]}}, {"key": "x"}, {}]
    assert order({"meta_data": odd}) == order()


def test_a_deletion_cancels_and_is_news_of_now() -> None:
    with clock.at(NOW):
        gone = a_channel("woocommerce").to_order(b'{"id": 727}', topic="order.deleted")
    assert (gone.external_id, gone.cancelled, gone.updated_at) == ("727", True, NOW)
    assert (gone.lines, gone.total_minor, gone.currency) == ((), 0, "XXX")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": ABSENT}, "id"),
        ({"status": None}, "status"),
        ({"currency": "DOLLAR"}, "currency"),
        ({"date_modified_gmt": None}, "date_modified_gmt"),
        ({"date_created_gmt": "2026-13-01T00:00:00"}, "date_created_gmt"),
        ({"total": "12.345"}, "total"),
        ({"total": "-5.00"}, "total"),
        ({"total": "1e400"}, "total"),
        ({"line_items": ABSENT}, "line_items"),
        ({f"{MUG}.id": None}, "line_items[0].id"),
        ({f"{MUG}.id": 316}, "line_items[1].id"),
        ({f"{MUG}.quantity": 0}, "line_items[0].quantity"),
        ({f"{MUG}.quantity": -3}, "line_items[0].quantity"),
        ({f"{MUG}.quantity": 1.5}, "line_items[0].quantity"),
        ({f"{MUG}.subtotal": "ten"}, "line_items[0].subtotal"),
        ({f"{MUG}.total": "-9.00"}, "line_items[0].total"),
        ({f"{MUG}.name": "a\u0000"}, "line_items[0].name"),
        ({"shipping.country": "Illinois"}, "shipping.country"),
        ({"refunds": [{"total": "x"}]}, "refunds[0].total"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], field: str) -> None:
    error = malformed(changes)
    assert error.field == field
    assert error.message.startswith(f"{field}: ")
