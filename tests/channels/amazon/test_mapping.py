"""Amazon's order becomes ours: by line, with its money, its promise, its holds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from oms.channels.amazon import mapping
from oms.channels.base import Malformed, UnknownStore
from oms.orders.models import Delivery, HoldKind
from oms.orders.new_order import NewAddress, NewHold, NewLine, NewOrder
from tests.channels.amazon.selling import an_amazon
from tests.payloads.reading import ABSENT, payload

ITEM = "orderItems[0]"
STATUS = "fulfillment.fulfillmentStatus"
ASKED = f"{ITEM}.cancellation.cancellationRequest"


def read(changes: dict[str, Any] | None = None, **settings: Any) -> NewOrder:
    body = payload("amazon_order", changes)
    return an_amazon(**settings).to_order(body, topic=mapping.ORDER)


def test_an_order_is_read_by_line_with_money_address_and_promise() -> None:
    order = read()
    assert (order.external_id, order.display_number) == ("111-0000001-0000007",) * 2
    assert (order.total_minor, order.shipping_minor, order.currency) == (3450, 500, "USD")
    assert order.lines == (
        NewLine("04000000000001", "MUG", "Mug", 2, 1000, tax_minor=250, discount_minor=300),
        NewLine("04000000000002", "MUG", "Mug", 1, 1000),
    )
    assert order.address == NewAddress(
        name="Ada Example",
        street="5 Main Street",
        street_2="Unit 4, Back door",
        city="New York",
        region="NY",
        postcode="10002",
        country="US",
        phone="+1 555 0100",
    )
    assert order.deliver_by == datetime(2026, 3, 6, 23, 59, 59, tzinfo=UTC)
    assert order.updated_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert (order.holds, order.cancelled, order.tax_included) == ((), False, False)


def test_what_amazon_fulfils_has_no_line_of_ours_and_is_never_called_off_here() -> None:
    for status in ("UNSHIPPED", "SHIPPED", "CANCELLED", "PENDING"):
        order = read({"fulfillment.fulfilledBy": "AMAZON", STATUS: status})
        assert (order.lines, order.holds, order.cancelled) == ((), (), False)


def test_an_unpaid_order_without_prices_or_address_is_held_and_completed_later() -> None:
    order = read(
        {
            STATUS: "PENDING",
            "recipient": ABSENT,
            "proceeds": ABSENT,
            f"{ITEM}.proceeds": ABSENT,
            f"{ITEM}.product.price": ABSENT,
            "orderItems[1].product.price": ABSENT,
        }
    )
    assert [hold.kind for hold in order.holds] == [HoldKind.PAYMENT, HoldKind.ADDRESS]
    assert (order.total_minor, order.currency) == (0, "XXX")
    assert [line.quantity for line in order.lines] == [2, 1]


def test_a_redacted_address_is_held() -> None:
    order = read({"recipient.deliveryAddress.addressLine1": ""})
    assert order.address is None
    assert [hold.kind for hold in order.holds] == [HoldKind.ADDRESS]


@pytest.mark.parametrize("field", ["municipality", "districtOrCounty"])
def test_where_a_country_has_no_cities_the_next_word_serves(field: str) -> None:
    place = "recipient.deliveryAddress"
    order = read({f"{place}.city": ABSENT, f"{place}.{field}": "Chiyoda"})
    assert order.address is not None
    assert order.address.city == "Chiyoda"


def test_the_buyers_wish_to_cancel_is_flagged_for_what_was_not_sent() -> None:
    order = read({ASKED: {"requester": "BUYER", "cancelReason": "Changed my mind"}})
    assert order.holds == (
        NewHold(HoldKind.CANCEL_REQUESTED, "The buyer asks to cancel 2 of MUG (Changed my mind)"),
    )
    sent = {"quantityFulfilled": 2, "quantityUnfulfilled": 0}
    assert read({ASKED: {"requester": "BUYER"}, f"{ITEM}.fulfillment": sent}).holds == ()


def test_called_off_units_are_not_wanted_and_sent_ones_still_count() -> None:
    counts = {"quantityFulfilled": 0, "quantityUnfulfilled": 1}
    [first, _] = read({f"{ITEM}.fulfillment": counts}).lines
    assert (first.quantity, first.tax_minor, first.discount_minor, first.sent) == (1, 125, 150, 0)
    counts = {"quantityFulfilled": 1, "quantityUnfulfilled": 1}
    [first, _] = read({f"{ITEM}.fulfillment": counts}).lines
    assert (first.quantity, first.sent) == (2, 1)
    [only] = read({f"{ITEM}.quantityOrdered": 0}).lines
    assert only.external_id == "04000000000002"


def test_a_cancelled_order_is_cancelled_and_holds_nothing() -> None:
    order = read({STATUS: "CANCELLED", f"{ITEM}.quantityOrdered": 0})
    assert (order.cancelled, order.holds) == (True, ())


def test_easy_ship_waits_for_a_person_because_amazon_collects_it() -> None:
    [hold] = read({"programs": ["AMAZON_EASY_SHIP"]}).holds
    assert hold.kind is HoldKind.MANUAL


def test_an_order_collected_in_a_store_goes_to_the_store_that_the_settings_name() -> None:
    changes = {
        "programs": ["IN_STORE_PICK_UP"],
        "recipient.deliveryAddress.name": "Store 1234",
    }
    order = read(changes, locations={"store 1234": "S01"})
    assert (order.delivery, order.pickup_store, order.address) == (Delivery.PICKUP, "S01", None)
    with pytest.raises(UnknownStore) as caught:
        read(changes)
    assert caught.value.facts == {"names": ["Store 1234"]}


def test_money_without_decimals_and_with_three_is_exact() -> None:
    yen = {"amount": "1200", "currencyCode": "JPY"}
    kinds = {
        "proceeds": {"grandTotal": yen},
        f"{ITEM}.proceeds": ABSENT,
        f"{ITEM}.product.price.unitPrice": yen,
        "orderItems[1].product.price.unitPrice": yen,
    }
    order = read(kinds)
    assert (order.total_minor, order.lines[0].unit_price_minor) == (1200, 1200)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"orderId": ABSENT}, "orderId"),
        ({"lastUpdatedTime": "yesterday"}, "lastUpdatedTime"),
        ({f"{ITEM}.quantityOrdered": "2"}, "orderItems[0].quantityOrdered"),
        (
            {f"{ITEM}.product.sellerSku": "", f"{ITEM}.product.asin": ""},
            f"{ITEM}.product.sellerSku",
        ),
        ({f"{ITEM}.orderItemId": "04000000000002"}, "orderItems[1].orderItemId"),
        ({"recipient.deliveryAddress.countryCode": "USA"}, "recipient.deliveryAddress.countryCode"),
        (
            {f"{ITEM}.product.price.unitPrice.currencyCode": "EUR"},
            f"{ITEM}.product.price.unitPrice.currencyCode",
        ),
        (
            {f"{ITEM}.product.price.unitPrice.amount": "1,000.00"},
            f"{ITEM}.product.price.unitPrice.amount",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_place(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(changes)
    assert caught.value.field == field
    assert caught.value.remedy


def test_search_and_single_answer_of_one_state_are_one_message() -> None:
    document = {"orderId": "1", "lastUpdatedTime": "2026-03-01T11:00:00Z", "orderItems": []}
    one, other = mapping.found(document), mapping.found(dict(reversed(document.items())))
    assert (one.hint.dedupe_key, one.body) == (other.hint.dedupe_key, other.body)
    undated = mapping.found(document | {"lastUpdatedTime": "soon"})
    assert undated.hint.reference == "1"  # kept, and parked when it is read
    assert b"\\ud800" in mapping.found(document | {"note": "\ud800"}).body
    changed = mapping.found(document | {"orderItems": [{}]})
    assert changed.hint.dedupe_key != one.hint.dedupe_key
