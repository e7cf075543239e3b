"""Operators at their desk, in a real browser: orders, one order, exceptions."""

import pytest
from playwright.sync_api import expect

from oms.channels.models import MessageStatus
from oms.db import transaction
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind
from oms.orders.models import HoldKind, Order, OrderStatus
from oms.orders.new_order import NewHold
from tests.builders import a_message
from tests.web import shop
from tests.web.conftest import OpenWindow

SIZES = ("phone", "desktop")


@pytest.mark.parametrize("size", SIZES)
def test_an_operator_finds_an_order_releases_it_and_reads_why(
    open_window: OpenWindow, size: str
) -> None:
    order_id = shop.order(
        {"MUG": 1}, external_id="H77", holds=[NewHold(HoldKind.FRAUD, "three cards tried")]
    )
    window = open_window(size)
    page = window.sign_in_to_operations()
    page.get_by_label("Number or e-mail").fill("H77")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="#H77").click()
    expect(page.get_by_text("three cards tried")).to_be_visible()
    window.shoot("order-held")
    page.get_by_role("button", name="Release").click()
    expect(page.locator("#notice")).to_contain_text("Released.")
    page.get_by_text("Cancel the order …").click()
    reason = page.get_by_label("Why", exact=True)
    reason.fill("changed her mind")
    # The page refreshes itself: what is opened and typed must survive that.
    with page.expect_response(f"**/operations/orders/{order_id}"):
        pass
    expect(reason).to_have_value("changed her mind")
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator("#notice")).to_contain_text("Cancelled.")
    with transaction() as unit:
        assert unit.get_one(Order, order_id).status is OrderStatus.CANCELLED


def test_what_would_have_changed_it_is_loaded_once_and_stays(open_window: OpenWindow) -> None:
    order_id = shop.order({"MUG": 1})
    window = open_window("phone")
    page = window.sign_in_to_operations()
    with page.expect_response(f"**/operations/orders/{order_id}/supposed"):
        window.open(f"/operations/orders/{order_id}")
    told = page.get_by_text("Store S02 would ship if packing there cost 0.01 less")
    expect(told).to_be_visible()
    with page.expect_response(f"**/operations/orders/{order_id}"):
        pass
    expect(told).to_be_visible()


def test_an_operator_reads_a_message_and_resolves_its_case(open_window: OpenWindow) -> None:
    with transaction() as unit:
        message = a_message(
            unit,
            body=b'{"name": "#9999", "line_items": [{"sku": "NO-SUCH"}]}',
            status=MessageStatus.PARKED,
            outcome="not in the catalogue: NO-SUCH",
        )
        open_case(
            unit,
            kind=ExceptionKind.UNKNOWN_SKU,
            cause_type="message",
            cause_id=message.id,
            detail="shopify order #9999: not in the catalogue: NO-SUCH",
            remedy="add the product, then replay the order",
        )
    window = open_window("desktop")
    page = window.sign_in_to_operations()
    page.get_by_role("link", name="1 open exception").click()
    page.get_by_text("The message as it came").click()
    payload = page.locator("pre.payload")
    expect(payload).to_contain_text('"sku": "NO-SUCH"')
    window.shoot("exception")
    page.get_by_text("Resolve by hand …").click()
    page.get_by_label("How was it settled?").fill("the shop has withdrawn it")
    # The list refreshes itself: what is opened, loaded and typed must survive that.
    with page.expect_response("**/operations/exceptions"):
        pass
    expect(payload).to_contain_text('"sku": "NO-SUCH"')
    expect(page.get_by_label("How was it settled?")).to_have_value("the shop has withdrawn it")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.get_by_text("Nothing waits for a person.")).to_be_visible()


def test_new_orders_appear_in_the_list_by_themselves(open_window: OpenWindow) -> None:
    window = open_window("desktop")
    page = window.sign_in_to_operations()
    expect(page.get_by_text("No orders yet.")).to_be_visible()
    shop.order({"MUG": 1}, external_id="N1")
    expect(page.get_by_role("link", name="#N1")).to_be_visible(timeout=15_000)
