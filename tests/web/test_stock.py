"""Stock at the counter, in a real browser: look up, count, receive, adjust."""

from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from oms.db import transaction
from oms.inventory.models import StockBalance, StockMovement
from oms.locations import queries as locations
from tests.web import shop
from tests.web.conftest import SIZES as ALL_SIZES
from tests.web.conftest import OpenWindow, Site

SIZES = ("phone", "desktop")


def scan(page: Page, code: str) -> None:
    """What a keyboard-wedge scanner does, wherever the focus is: keys, then Enter."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def on_hand(sku: str = "MUG", code: str = "S01") -> int:
    with transaction() as unit:
        place = locations.by_code(unit, code)
        return unit.get_one(StockBalance, (sku, place.id)).on_hand


def section(page: Page, name: str) -> None:
    page.locator("details[name=work] > summary").get_by_text(name, exact=True).click()


def units(page: Page, work: str) -> Locator:
    return page.locator(f"#work-{work} [name=units]")


@pytest.mark.parametrize("size", SIZES)
def test_an_article_is_looked_up_counted_received_and_adjusted(
    open_window: OpenWindow, size: str
) -> None:
    shop.a_pickup({"MUG": 2})
    window = open_window(size)
    page = window.sign_in()
    page.get_by_role("link", name="Stock", exact=True).click()
    window.shoot("stock")
    scan(page, "12345678905")  # the mug's EAN as a scanner without leading zeros sends it
    expect(page.get_by_role("heading", name="Mug")).to_be_visible()
    expect(page.locator(".balance")).to_have_text(
        "500 on hand 2 promised 0 kept back 498 to sell", use_inner_text=False
    )
    window.shoot("article")

    section(page, "Count")
    scan(page, "mug")
    scan(page, "mug")
    expect(page.locator("#notice")).to_have_text("Mug: 2.")
    window.shoot("article-counting")
    page.get_by_role("button", name="Save the count").click()
    expect(page.locator("#notice")).to_contain_text("Counted: 2, 498 fewer than expected.")
    assert on_hand() == 2

    section(page, "Receive")
    units(page, "receive").fill("7")
    page.get_by_role("button", name="One more").locator("visible=true").click()
    page.get_by_role("button", name="Book them in").click()
    expect(page.locator("#notice")).to_contain_text("Received: 8. They are on sale.")

    section(page, "Adjust")
    page.get_by_label("Damaged").check()
    units(page, "adjust").fill("3")
    window.shoot("article-adjusting")
    page.get_by_role("button", name="Adjust", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("Adjusted: 7 on hand now.")
    page.get_by_text("What happened last").click()
    expect(page.locator("#movements li").first).to_contain_text("Written off: damaged -3")
    expect(page.locator("#movements li").first).to_contain_text("Ana Silva")
    page.get_by_text("Elsewhere: 1,000 units at 2 locations").click()
    expect(page.locator("#elsewhere li")).to_have_text(
        ["500 × Store W01 0 mi", "500 × Store S02 1 mi"]
    )
    window.shoot("article-adjusted")
    assert on_hand() == 7


def test_a_count_below_what_is_promised_names_the_orders(open_window: OpenWindow) -> None:
    number = shop.number_of(shop.a_pickup({"MUG": 2}))
    window = open_window("phone")
    page = window.sign_in()
    window.open("/store/stock/article?sku=MUG")
    section(page, "Count")
    units(page, "count").fill("1")
    page.get_by_role("button", name="Save the count").click()
    expect(page.locator("#notice")).to_contain_text(
        f"MUG: 2 units are promised to customers here, 1 were counted, for {number} (2)"
    )
    expect(page.locator("#notice")).to_contain_text("reject the pickups or shipments")
    expect(units(page, "count")).to_have_value("1")
    window.shoot("count-refused")
    assert on_hand() == 500


def test_a_scan_of_another_article_never_loses_a_count(open_window: OpenWindow) -> None:
    window = open_window("phone")
    page = window.sign_in()
    window.open("/store/stock/article?sku=MUG")
    scan(page, "mug")
    expect(page.locator("#notice")).to_have_text(
        "Mug: open Count, Receive or Adjust to scan units into it."
    )
    section(page, "Count")
    scan(page, "mug")
    scan(page, "lamp")
    expect(page.locator("#notice")).to_have_text(
        "Another article: lamp. Save the 1 of Mug first, or clear them."
    )
    units(page, "count").fill("")
    scan(page, "lamp")
    expect(page.get_by_role("heading", name="Lamp")).to_be_visible()


def test_words_find_articles_and_what_is_not_there_is_said(open_window: OpenWindow) -> None:
    window = open_window("phone")
    page = window.sign_in()
    window.open("/store/stock")
    scan(page, "u")
    expect(page.locator(".found li")).to_have_text(["Mug MUG", "Rug RUG"])
    window.shoot("articles-found")
    scan(page, "vase")
    expect(page.locator("#notice")).to_contain_text("No article fits “vase”")
    page.locator("#shown").fill("lam")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="Lamp")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ALL_SIZES)
def test_no_page_of_stock_sticks_out(open_window: OpenWindow, size: str, dark: bool) -> None:
    shop.a_pickup({"MUG": 2}, external_id="R" * 40)
    window = open_window(size, dark=dark)
    page = window.sign_in()
    for path in ("/store/stock", "/store/stock?shown=u", "/store/stock/article?sku=MUG"):
        window.open(path)
        for panel in page.locator("details.panel > summary").all():
            panel.click()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= ALL_SIZES[size][0], path
    window.shoot(f"article-{'dark' if dark else 'light'}")


def test_the_same_tap_sent_twice_is_carried_out_once(site: Site) -> None:
    with site.at_store() as ana:
        headers = {"Idempotency-Key": str(uuid4())}
        for _ in range(2):
            done = ana.post(
                "/store/stock/receive", data={"sku": "MUG", "units": 4}, headers=headers
            )
            assert done.status_code == 200, done.text
        without = ana.post("/store/stock/receive", data={"sku": "MUG", "units": 4})
        assert (without.status_code, "Idempotency-Key" in without.text) == (422, True)
        for form, status in (
            ({"sku": "VASE", "units": 4}, 404),
            ({"sku": "MUG", "units": 0}, 422),
            ({"sku": "MUG", "units": 4, "location": "S02"}, 422),
        ):
            refused = ana.post(
                "/store/stock/receive", data=form, headers={"Idempotency-Key": str(uuid4())}
            )
            assert refused.status_code == status
    assert (on_hand(), on_hand(code="S02")) == (504, 500)
    with transaction() as unit:
        rows = unit.exec(select(StockMovement.actor).where(StockMovement.on_hand_delta == 4)).all()
    assert rows == ["associate:S01:7"]
