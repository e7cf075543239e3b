"""Associates at the counter, in a real browser: sign-in, queue, pick, ready, hand-over."""

import pytest
from playwright.sync_api import Page, expect

from oms.pickup.models import PickupStatus, Proof
from tests.web import shop
from tests.web.conftest import OpenWindow

SIZES = ("phone", "desktop")


def scan(page: Page, code: str) -> None:
    """What a keyboard-wedge scanner does: type fast from anywhere, then Enter."""
    page.locator("#shown").focus()
    page.keyboard.type(code)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("size", SIZES)
def test_a_pickup_goes_from_the_queue_to_the_customer(open_window: OpenWindow, size: str) -> None:
    pickup_id = shop.a_pickup({"MUG": 2, "LAMP": 1})
    number = shop.number_of(pickup_id)
    window = open_window(size)
    page = window.sign_in()
    window.shoot("queue")
    page.get_by_role("link", name=number).click()
    window.shoot("pickup-new")

    page.get_by_role("button", name="Start picking").click()
    finish = page.get_by_role("button", name="Ready for the customer")
    expect(finish).to_be_disabled()
    scan(page, "mug")
    scan(page, "mug")
    expect(page.locator("[data-progress]")).to_have_text(
        "2 of 3 collected. Scan each article, or tap +."
    )
    page.get_by_role("button", name="One more of Lamp").click()
    page.get_by_label("Shelf").fill("B2-14")
    window.shoot("picking-done")
    finish.click()

    expect(page.locator("#notice")).to_contain_text("Ready. The customer is told")
    waiting = shop.pickup(pickup_id)
    assert (waiting.status, waiting.shelf) == (PickupStatus.READY, "B2-14")
    window.shoot("ready")

    scan(page, waiting.qr_token)
    expect(page.get_by_text("QR code scanned")).to_be_visible()
    window.shoot("hand-over-scanned")
    page.get_by_role("button", name="Hand over", exact=True).click()
    expect(page.get_by_text("Handed over. This pickup is done.")).to_be_visible()
    window.shoot("handed-over")
    assert shop.pickup(pickup_id).proof is Proof.QR

    page.get_by_role("link", name="Next pickup").click()
    expect(
        page.get_by_text("No pickups waiting. New orders appear here by themselves.")
    ).to_be_visible()
    expect(page.get_by_role("link", name=number)).to_have_count(0)
    window.shoot("queue-empty")
