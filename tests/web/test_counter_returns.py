"""Returns at the counter, in a real browser: found, scanned, taken, paid out, exchanged."""

from uuid import UUID

from playwright.sync_api import Page, expect

from oms.db import transaction
from oms.locations import queries as locations
from oms.orders.models import Order
from oms.payments import capturing, crediting
from oms.returns import links, queries, ruling
from oms.returns.models import ReturnStatus
from oms.returns.rules import Rule, RuleSet
from tests.web import shop
from tests.web.conftest import OpenWindow, Site
from tests.web.test_counter import scan
from tests.web.test_money import a_return


def publish(*rules: Rule, **others: object) -> None:
    with transaction() as unit:
        body = RuleSet(rules=rules, **others)  # type: ignore[arg-type]
        ruling.publish(unit, body, note="test", actor="olga")


def link_of(order_id: UUID) -> str:
    with transaction() as unit:
        return links.link(unit, order_id)


def statuses(order_id: UUID) -> list[ReturnStatus]:
    with transaction() as unit:
        return [row.status for row in queries.of_order(unit, order_id)]


def take_it(page: Page) -> None:
    page.get_by_role("button", name="Take it back").click()


def test_goods_of_a_web_shop_are_taken_at_the_counter(open_window: OpenWindow) -> None:
    publish(Rule(name="final sale", sku="LAMP", returnable=False))
    order_id = shop.sold({"MUG": 2, "LAMP": 1})
    window = open_window("desktop")
    page = window.sign_in()
    page.get_by_role("link", name="Returns").click()
    window.shoot("returns")
    scan(page, link_of(order_id))
    expect(page.get_by_text("LAMP cannot be returned (rule 'final sale')")).to_be_visible()
    scan(page, "rug")
    expect(page.locator("[data-counted]")).to_have_text("rug is not part of this order.")
    scan(page, "mug")
    expect(page.get_by_label("Units of Mug")).to_have_value("1")
    page.get_by_label("Reason for Mug").select_option("too small")
    window.shoot("return-counted")
    take_it(page)
    expect(page.get_by_role("heading", name="USD 12.50 for the customer")).to_be_visible()
    expect(page.get_by_text("the channel is told to")).to_be_visible()
    expect(page.get_by_text("as new, sold again here")).to_be_visible()
    window.shoot("return-taken")
    assert statuses(order_id) == [ReturnStatus.CLOSED]


def test_store_credit_and_quarantine(open_window: OpenWindow) -> None:
    order_id = shop.sold({"MUG": 2})
    window = open_window("phone", dark=True)
    page = window.sign_in()
    window.open(f"/store/returns/orders/{order_id}")
    page.get_by_label("Units of Mug").fill("1")
    page.get_by_label("Condition of Mug").select_option("faulty")
    page.get_by_label("Store credit").check()
    take_it(page)
    expect(page.locator("#notice")).to_contain_text("goods that are faulty are not sold again")
    page.get_by_label("What becomes of Mug").select_option("")
    take_it(page)
    code = page.locator(".collect-code")
    expect(code).to_be_visible()
    window.shoot("return-credit-dark")
    with transaction() as unit:
        assert crediting.named(unit, code.inner_text()).balance_minor == 1_250
    page.get_by_label("What becomes of it").select_option("write_off")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("faulty, written off")).to_be_visible()
    expect(code).to_have_count(0)
    page.get_by_text("The customer has no code").click()
    page.get_by_role("button", name="Show a new code").click()
    expect(code).to_be_visible()
    assert statuses(order_id) == [ReturnStatus.CLOSED]


def test_an_exchange_and_a_till_that_pays_out(open_window: OpenWindow) -> None:
    order_id = shop.order({"MUG": 3}, channel="till")
    with transaction() as unit:
        capturing.take(
            unit, order_id, tender="cash", amount_minor=3_750, reference="T1/1", key="k" * 8,
            actor="till",
        )  # fmt: skip
    shop.send(order_id)
    window = open_window("phone")
    page = window.sign_in()
    page.get_by_role("link", name="Returns").click()
    with transaction() as unit:
        number = str(unit.get_one(Order, order_id).number)
    scan(page, number)
    page.get_by_label("Units of Mug").fill("3")
    page.get_by_label("New article barcode or SKU").fill("lamp")
    expect(page.get_by_label("Another article instead")).to_be_checked()
    window.shoot("return-exchange")
    take_it(page)
    expect(page.get_by_text("Hand it over under Pickups")).to_be_visible()
    page.get_by_label("The till’s number").fill("T1/2")
    page.get_by_role("button", name="Paid out").click()
    expect(page.get_by_role("button", name="Paid out")).to_have_count(0)
    window.shoot("return-exchanged")
    assert statuses(order_id) == [ReturnStatus.CLOSED]


def test_without_a_receipt_by_policy_only(open_window: OpenWindow) -> None:
    window = open_window("phone")
    page = window.sign_in()
    window.open("/store/returns")
    expect(page.get_by_text("Without a receipt or an order nothing is taken back")).to_be_visible()
    window.open("/store/returns/no-receipt")
    scan(page, "mug")
    expect(page.locator("#notice")).to_contain_text("not taken back (policy no_receipt)")
    publish(no_receipt="store_credit")
    scan(page, "mug")
    expect(page.get_by_text("its lowest recent price")).to_be_visible()
    page.get_by_role("button", name="Take it for store credit").click()
    expect(page.get_by_role("heading", name="USD 12.50 of store credit")).to_be_visible()
    window.shoot("return-no-receipt")


def test_a_repeated_tap_takes_the_goods_once_and_a_store_may_take_no_returns(site: Site) -> None:
    order_id = shop.sold({"MUG": 2})
    return_id = a_return(order_id, 2)
    with transaction() as unit:
        row = queries.read(unit, return_id)
        [line] = queries.lines(unit, return_id)
    form = {
        "version": str(row.version), "line_id": str(line.line_id), "units": "2", "reason": "",
        "condition": "as_new", "disposition": "sellable", "give": "credit",
    }  # fmt: skip
    with site.at_store() as anna:
        key = {"Idempotency-Key": "the-same-key"}
        path = f"/store/returns/{return_id}/take"
        first, again = (anna.post(path, data=form, headers=key).text for _ in range(2))
        assert "collect-code" in first
        assert "collect-code" not in again
        assert "Show a new code" in again
        found = anna.post("/store/returns/find", data={"shown": str(row.number)})
        assert found.headers["HX-Redirect"] == f"/store/returns/{return_id}"
        nothing = anna.post("/store/returns/find", data={"shown": "no such"}).text
        assert "No order or return fits" in nothing
        with transaction() as unit:
            locations.by_code(unit, "S01").can_returns = False
        assert "takes no returns" in anna.get("/store/returns").text
        assert anna.get(f"/store/returns/{return_id}").status_code == 409
