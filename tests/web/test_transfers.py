"""A transfer at the desks of both stores, in real browsers."""

from playwright.sync_api import Page, expect

from oms.db import transaction
from oms.locations import queries as locations
from oms.sourcing import policies
from oms.sourcing.policy import parse
from oms.transfers import queries
from tests.builders import a_product, stock
from tests.web import shop
from tests.web.conftest import OpenWindow, Site


def scan(page: Page, code: str) -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_goods_go_from_one_store_to_another_with_a_difference(open_window: OpenWindow) -> None:
    here, there = open_window("phone"), open_window("desktop", dark=True)
    asking = here.sign_in("S01")
    asking.get_by_role("link", name="Transfers").click()
    asking.get_by_text("Ask another location for goods").click()
    asking.get_by_label("From").select_option("S02")
    for row, (article, units) in enumerate((("mug", "3"), ("LAMP", "1"))):
        asking.locator("[name=article]").nth(row).fill(article)
        asking.locator("[name=units]").nth(row).fill(units)
    here.shoot("transfer-ask")
    asking.get_by_role("button", name="Ask for it").click()
    expect(asking.get_by_text("has been asked and holds the goods")).to_be_visible()
    number = asking.locator("#card-title").inner_text().removeprefix("Transfer ")

    sending = there.sign_in("S02")
    sending.get_by_role("link", name="Transfers").click()
    there.shoot("transfers-dark")
    scan(sending, number)
    expect(sending.get_by_role("button", name="All in the box")).to_be_disabled()
    for code in ("mug", "mug", "mug", "lamp"):
        scan(sending, code)
    there.shoot("transfer-pick-dark")
    sending.get_by_role("button", name="All in the box").click()
    sending.get_by_role("button", name="It has left").click()
    expect(sending.get_by_text("It has left. The other location sees it coming.")).to_be_visible()

    came = asking.get_by_label("Units of Mug that came")
    expect(came).to_be_visible()
    scan(asking, "mug")
    scan(asking, "mug")
    expect(came).to_have_value("2")
    asking.get_by_label("Units of Lamp that came").fill("1")
    asking.get_by_label("Of Lamp damaged").fill("1")
    here.shoot("transfer-receive")
    asking.get_by_role("button", name="Book it in").click()
    expect(asking.get_by_text("Received with differences.")).to_be_visible()
    expect(asking.get_by_text("1 short")).to_be_visible()
    here.shoot("transfer-received")
    asking.get_by_role("link", name="All transfers").click()
    expect(asking.get_by_text("Received, differs")).to_be_visible()
    here.shoot("transfers")


def test_operations_have_what_a_pickup_waits_for_sent_to_its_store(site: Site) -> None:
    with transaction() as unit:
        a_product(unit, "JUG")
        stock(unit, locations.by_code(unit, "S02"), JUG=5)
    order_id = shop.order({"JUG": 2}, pickup_store="S01")
    path = f"/operations/orders/{order_id}"
    with site.in_operations() as olga:
        assert "Have it sent to Store S01" in olga.get(path).text
        form = {"from_location": "S02", "days": "2"}
        done = olga.post(f"{path}/ship-to-store", data=form)
        assert done.status_code == 200, done.text
        assert "the goods are held there" in done.text
        assert "Have it sent to" not in done.text  # one at a time
        again = olga.post(f"{path}/ship-to-store", data=form)
        assert again.status_code == 409
    with transaction() as unit:
        [made] = queries.of_order(unit, order_id)
    assert made.order_id == order_id


def test_the_page_of_a_pickup_tells_what_routing_has_sent_to_its_store(site: Site) -> None:
    lanes = parse({"name": "sent on", "transfers": [{"parcel_cents": 200, "days": 1}]})
    with transaction() as unit:
        policies.add(unit, lanes, effective_from=None, actor="olga")
        a_product(unit, "VASE")
        stock(unit, locations.by_code(unit, "S02"), VASE=1)
    order_id = shop.order({"VASE": 1}, pickup_store="S01")
    with site.in_operations() as olga:
        page = olga.get(f"/operations/orders/{order_id}").text
    assert "1 sent to its store" in page
    assert "Store S02 sends the line to Store S01 for" in page
    assert "to Store S01 (S01): " in page
