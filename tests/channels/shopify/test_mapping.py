"""Shopify's order becomes ours, exactly or not at all."""

from datetime import UTC, datetime
from typing import Any

import pytest

from oms.channels.base import Malformed, UnknownStore
from oms.orders.models import Delivery, HoldKind
from oms.orders.new_order import NewAddress, NewHold, NewLine, NewOrder
from tests.channels.builders import a_channel
from tests.payloads.reading import ABSENT, payload

MUG, LAMP = "line_items[0]", "line_items[1]"
PICKUP = {
    "shipping_address": None,
    "shipping_lines[0]": {"code": "Riverside", "title": "Riverside", "source": "shopify"},
}


def order(
    changes: dict[str, Any] | None = None, *, topic: str = "orders/create", **settings: Any
) -> NewOrder:
    return a_channel("shopify", **settings).to_order(payload("shopify_order", changes), topic=topic)


def malformed(changes: dict[str, Any]) -> Malformed:
    with pytest.raises(Malformed) as caught:
        order(changes)
    assert caught.value.remedy
    return caught.value


def units(changes: dict[str, Any]) -> dict[str, int]:
    return {line.channel_sku: line.quantity for line in order(changes).lines}


def holds(changes: dict[str, Any]) -> list[HoldKind]:
    return [hold.kind for hold in order(changes).holds]


def test_every_field_is_translated() -> None:
    assert order() == NewOrder(
        channel="shopify",
        external_id="5600001001000",
        display_number="#1001",
        placed_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        updated_at=datetime(2026, 3, 1, 12, 0, 3, tzinfo=UTC),
        currency="USD",
        total_minor=6120,
        lines=(
            NewLine("14000000000001", "MUG-BLUE", "Mug - Blue", 3, 1250, 300, 375),
            NewLine("14000000000002", "40000000000002", "Lamp", 1, 1850),
        ),
        customer_name="Ada Example",
        customer_email="ada@example.com",
        customer_phone="+1 555 0101",
        delivery=Delivery.SHIP,
        address=NewAddress(
            name="Ada Example",
            company="Example & Co",
            street="12 Sample Street",
            street_2="Apt 4",
            city="Springfield",
            region="IL",
            postcode="06201",
            country="US",
            phone="+1 555 0101",
            latitude=39.8017,
            longitude=-89.6437,
        ),
        shipping_minor=595,
    )


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({f"{MUG}.current_quantity": 1}, {"MUG-BLUE": 1, "40000000000002": 1}),
        ({f"{MUG}.current_quantity": 0}, {"40000000000002": 1}),
        ({f"{MUG}.gift_card": True}, {"40000000000002": 1}),
        ({f"{MUG}.requires_shipping": False}, {"40000000000002": 1}),
        ({f"{MUG}.requires_shipping": None}, {"MUG-BLUE": 3, "40000000000002": 1}),
        ({f"{MUG}.fulfillment_service": "amazon_marketplace_web"}, {"40000000000002": 1}),
        ({"line_items": []}, {}),
    ],
)
def test_only_what_is_ours_to_send_and_still_wanted_is_a_line(
    changes: dict[str, Any], left: dict[str, int]
) -> None:
    assert units(changes) == left


def refund(line: int, quantity: int, restock_type: str) -> dict[str, Any]:
    part = {"line_item_id": line, "quantity": quantity, "restock_type": restock_type}
    return {"id": 1, "refund_line_items": [part]}


def test_without_a_current_quantity_refunds_are_taken_off() -> None:
    gone = {
        f"{MUG}.current_quantity": ABSENT,
        "refunds": [refund(14000000000001, 1, "cancel"), refund(14000000000001, 1, "no_restock")],
    }
    assert units(gone) == {"MUG-BLUE": 1, "40000000000002": 1}


def test_units_that_came_back_after_delivery_stay_wanted() -> None:
    returned = {f"{MUG}.current_quantity": 1, "refunds": [refund(14000000000001, 2, "return")]}
    assert units(returned) == {"MUG-BLUE": 3, "40000000000002": 1}


def test_what_a_customer_took_home_from_the_till_is_not_sent_again() -> None:
    def taken(at: str, source: str = "pos") -> dict[str, Any]:
        lines = [{"id": 14000000000001, "quantity": 2}]
        return {
            "source_name": source,
            "fulfillments": [{"id": 1, "created_at": at, "line_items": lines}],
        }

    assert units(taken("2026-03-01T07:00:02-05:00")) == {"MUG-BLUE": 1, "40000000000002": 1}
    whole = {"MUG-BLUE": 3, "40000000000002": 1}
    assert units(taken("2026-03-01T12:00:00-05:00")) == whole
    assert units(taken("2026-03-01T07:00:02-05:00", "web")) == whole


def test_amounts_of_a_partly_cancelled_line_fall_by_its_share() -> None:
    (mug, _) = order({f"{MUG}.current_quantity": 2}).lines
    assert (mug.unit_price_minor, mug.tax_minor, mug.discount_minor) == (1250, 200, 250)


def test_money_in_a_currency_without_decimals_and_with_three() -> None:
    def priced(currency: str, price: str) -> NewOrder:
        return order(
            {
                "currency": currency,
                "total_price": price,
                "current_total_price": price,
                "total_shipping_price_set": None,
                "shipping_lines": [],
                "line_items": [{"id": 1, "sku": "A", "quantity": 1, "price": price}],
            }
        )

    assert priced("JPY", "1250").lines[0].unit_price_minor == 1250
    assert priced("JPY", "1250.00").total_minor == 1250
    assert priced("KWD", "1.250").total_minor == 1250
    with pytest.raises(Malformed) as caught:
        priced("JPY", "12.50")
    assert caught.value.field == "current_total_price"


def test_the_order_follows_the_shops_currency_and_not_the_buyers() -> None:
    error = malformed({f"{MUG}.price_set.shop_money.currency_code": "EUR"})
    assert error.field == "line_items[0].price"
    assert error.message == "line_items[0].price: is in EUR, the order in USD"


@pytest.mark.parametrize(
    ("status", "held"),
    [
        ("paid", []),
        ("authorized", []),
        ("partially_refunded", []),
        ("pending", [HoldKind.PAYMENT]),
        ("voided", [HoldKind.PAYMENT]),
        ("partially_paid", [HoldKind.PAYMENT]),
        ("expired", [HoldKind.PAYMENT]),
        ("some_new_word", [HoldKind.PAYMENT]),
        (None, [HoldKind.PAYMENT]),
    ],
)
def test_an_order_waits_until_it_is_paid(status: str | None, held: list[HoldKind]) -> None:
    assert holds({"financial_status": status}) == held


@pytest.mark.parametrize(
    "changes",
    [
        {"shipping_address": None},
        {"shipping_address": ABSENT},
        {"shipping_address.address1": None},
        {"shipping_address.city": "  "},
        {"shipping_address.country_code": None},
    ],
)
def test_a_redacted_address_holds_the_order(changes: dict[str, Any]) -> None:
    redacted = order(changes)
    assert redacted.address is None
    assert redacted.holds == (
        NewHold(HoldKind.ADDRESS, "Shopify shows no shipping address (delivery chosen: Standard)"),
    )


def test_half_a_pair_of_coordinates_or_an_impossible_one_is_left_out() -> None:
    for changes in ({"shipping_address.latitude": None}, {"shipping_address.longitude": 181}):
        address = order(changes).address
        assert address is not None
        assert (address.latitude, address.longitude) == (None, None)


def test_a_cancelled_order_is_cancelled_by_its_field_or_its_topic() -> None:
    assert order({"cancelled_at": "2026-03-01T07:00:03-05:00"}).cancelled is True
    assert order(topic="orders/cancelled").cancelled is True
    assert order().cancelled is False
    assert order({"financial_status": "voided"}, topic="orders/cancelled").holds == ()


@pytest.mark.parametrize("name", ["Riverside", "  riverside ", "RIVERSIDE"])
def test_pickup_is_known_by_the_locations_name(name: str) -> None:
    picked = order(PICKUP | {"shipping_lines[0].code": name, "shipping_lines[0].title": name})
    assert (picked.delivery, picked.pickup_store) == (Delivery.PICKUP, "S01")
    assert (picked.address, picked.holds) == (None, ())


def test_pickup_is_known_by_the_locations_number_too() -> None:
    numbered = {"gid://shopify/Location/655441491": "S02"}
    picked = order(PICKUP | {"shipping_lines[0].code": "655441491"}, locations=numbered)
    assert picked.pickup_store == "S02"


@pytest.mark.parametrize("category", ["pickup", "pick_up", "Local-Pickup", "pickup in store"])
def test_pickup_at_a_place_that_is_not_mapped_is_an_unknown_store(category: str) -> None:
    elsewhere = PICKUP | {
        "shipping_lines[0]": {"code": "Hill", "title": "Hill", "delivery_category": category}
    }
    with pytest.raises(UnknownStore) as caught:
        order(elsewhere)
    assert caught.value.field == "shipping_lines[0].code"
    assert "'Hill'" in caught.value.message
    assert "channels.shopify.locations" in (caught.value.remedy or "")
    assert order(elsewhere, topic="orders/cancelled").cancelled is True


def test_a_carriers_rate_that_is_named_like_a_store_is_no_pickup() -> None:
    shipped = order({"shipping_lines[0]": {"code": "Riverside", "source": "UPS"}})
    assert shipped.delivery is Delivery.SHIP


def test_a_test_order_is_refused_unless_the_settings_allow_it() -> None:
    error = malformed({"test": True})
    assert error.field == "test"
    assert "channels.shopify.allow_test_orders" in (error.remedy or "")
    assert order({"test": True}, allow_test_orders=True) == order()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": ABSENT}, "id"),
        ({"id": None}, "id"),
        ({"id": True}, "id"),
        ({"id": 0}, "id"),
        ({"id": 2**64}, "id"),
        ({"id": 1.5}, "id"),
        ({"id": ""}, "id"),
        ({"id": "7" * 121}, "id"),
        ({"id": "7\u0000"}, "id"),
        ({"name": "\ud800"}, "name"),
        ({"created_at": "2026-03-01T07:00:00"}, "created_at"),
        ({"updated_at": "yesterday"}, "updated_at"),
        ({"updated_at": 1772366400}, "updated_at"),
        ({"updated_at": "0001-01-01T00:00:00+14:00"}, "updated_at"),
        ({"updated_at": "9999-12-31T23:59:59-14:00"}, "updated_at"),
        ({"currency": "usd"}, "currency"),
        ({"currency": "$"}, "currency"),
        ({"currency": None}, "currency"),
        ({"current_total_price": "-1.00"}, "current_total_price"),
        ({"current_total_price": "1,000.00"}, "current_total_price"),
        ({"current_total_price": "1e3"}, "current_total_price"),
        ({"current_total_price": "NaN"}, "current_total_price"),
        ({"current_total_price": "12.505"}, "current_total_price"),
        ({"current_total_price": "9" * 30}, "current_total_price"),
        ({"current_total_price": "999999999999999"}, "current_total_price"),
        ({"current_total_price": True}, "current_total_price"),
        ({"total_price": ABSENT}, "total_price"),
        ({"taxes_included": "no"}, "taxes_included"),
        ({"line_items": None}, "line_items"),
        ({"line_items": {}}, "line_items"),
        ({"line_items[1]": 5}, "line_items[1]"),
        ({f"{MUG}.id": ABSENT}, "line_items[0].id"),
        ({f"{LAMP}.id": 14000000000001}, "line_items[1].id"),
        ({f"{MUG}.quantity": 0}, "line_items[0].quantity"),
        ({f"{MUG}.quantity": -1}, "line_items[0].quantity"),
        ({f"{MUG}.quantity": 1.5}, "line_items[0].quantity"),
        ({f"{MUG}.quantity": "3"}, "line_items[0].quantity"),
        ({f"{MUG}.quantity": 10**9}, "line_items[0].quantity"),
        ({f"{MUG}.current_quantity": -1}, "line_items[0].current_quantity"),
        ({f"{LAMP}.price": None}, "line_items[1].price"),
        ({f"{LAMP}.variant_id": None}, "line_items[1].sku"),
        ({f"{MUG}.name": "Mug\u0000"}, "line_items[0].name"),
        ({f"{MUG}.tax_lines[1].price": "x"}, "line_items[0].tax_lines[1].price"),
        ({"shipping_address.country_code": "USA"}, "shipping_address.country_code"),
        ({"shipping_address.city": "a\u0000b"}, "shipping_address.city"),
        ({"customer": "Ada"}, "customer"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], field: str) -> None:
    error = malformed(changes)
    assert error.field == field
    assert error.message.startswith(f"{field}: ")
    assert len(error.message) < 400


def test_an_id_of_64_bits_or_with_leading_zeros_stays_whole() -> None:
    assert order({"id": 2**64 - 1}).external_id == "18446744073709551615"
    assert order({"id": "007"}).external_id == "007"
