"""What operations see of an order's money and of its returns."""

from uuid import UUID, uuid4

from oms.db import transaction
from oms.locations import queries as locations
from oms.orders import queries as orders
from oms.returns import asking, queries, receiving, ruling, settling
from oms.returns.asking import Wanted
from oms.returns.models import Condition, ReturnStatus, Way
from oms.returns.rules import Rule, RuleSet
from tests.web import shop
from tests.web.conftest import OpenWindow, Site


def a_return(order_id: UUID, units: int = 1) -> UUID:
    with transaction() as unit:
        [line] = orders.lines(unit, order_id)
        wanted = [Wanted(line.id, units, "too small")]
        return asking.ask(unit, order_id, wanted, way=Way.STORE, actor="customer").id


def a_refunded_return(order_id: UUID) -> UUID:
    return_id = a_return(order_id)
    with transaction() as unit:
        place = locations.by_code(unit, "S01")
        receiving.receive(
            unit, return_id, {"MUG": 1}, location_id=place.id, actor="associate:S01:7"
        )
        [one] = queries.goods(unit, return_id)
        receiving.inspect(unit, return_id, one.id, condition=Condition.WORN, actor="operator:olga")
        assert settling.give_money_back(unit, return_id)
    return return_id


def test_an_order_shows_its_money_and_its_returns_with_what_happened(
    open_window: OpenWindow,
) -> None:
    order_id = shop.sold({"MUG": 2})
    return_id = a_refunded_return(order_id)
    for size in ("phone", "desktop"):
        window = open_window(size)
        page = window.sign_in_to_operations()
        window.open(f"/operations/orders/{order_id}")
        money = page.get_by_role("region", name="Money")
        assert money.get_by_role("row").nth(1).inner_text().split("\t")[1:] == [
            "USD 25.00", "USD 12.50", "USD 0.00",
        ]  # fmt: skip
        assert "USD 12.50 owed" in money.inner_text()
        assert "1 × MUG: worn, in quarantine" in page.locator("#card").inner_text()
        window.shoot("order-with-a-return")
        page.get_by_role("link", name="Every entry of the ledger").click()
        rows = page.get_by_role("table").nth(1).get_by_role("rowheader").all_inner_texts()
        assert [row.split(" return")[0] for row in rows] == [
            "Authorised", "Captured", "Given back",
        ]  # fmt: skip
        window.shoot("money")
        window.open(f"/operations/returns/{return_id}")
        happened = page.locator(".timeline > li > span:first-child").all_inner_texts()
        assert [one.split("  ")[0].split(" (")[0] for one in happened][-1].startswith(
            "Return asked for"
        )
        assert any(one.startswith("Ana Silva") or "Goods came back" in one for one in happened)
        window.shoot("return")


def test_operations_answer_a_return_that_waits_for_them(site: Site) -> None:
    with transaction() as unit:
        body = RuleSet(rules=(Rule(name="dear", approval="by_hand"),))
        ruling.publish(unit, body, note="test", actor="olga")
    order_id = shop.sold({"MUG": 2})
    refused, allowed = a_return(order_id), a_return(order_id)
    with site.in_operations() as olga:
        assert "Waits for an answer" in olga.get(f"/operations/orders/{order_id}").text
        page = olga.get(f"/operations/returns/{refused}").text
        assert "Authorise" in page
        olga.post(f"/operations/returns/{refused}/refuse", data={"reason": "worn in the picture"})
        shown = olga.post(f"/operations/returns/{allowed}/authorise", data={"reason": "go"}).text
        assert "The customer may send or bring the goods" in shown
        again = olga.post(f"/operations/returns/{allowed}/refuse", data={"reason": "no"})
        assert again.status_code == 409
        assert olga.get(f"/operations/returns/{uuid4()}").status_code == 404
    with transaction() as unit:
        assert queries.read(unit, refused).status is ReturnStatus.REFUSED
        assert queries.read(unit, refused).decision == "worn in the picture"
        assert queries.read(unit, allowed).status is ReturnStatus.AUTHORISED
