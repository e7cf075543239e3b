"""The customer's page of returns: from the link in a message to the money, in a real browser."""

from uuid import UUID, uuid4

import httpx2
from playwright.sync_api import expect

from oms import clock
from oms.db import transaction
from oms.orders import queries as orders
from oms.returns import labels, links, queries, ruling
from oms.returns.models import Return, ReturnStatus, Way
from oms.returns.rules import Rule, RuleSet
from tests.web import shop
from tests.web.conftest import OpenWindow, Site
from workflows.activities import return_labels
from workflows.messages import Step


def path_of(order_id: UUID) -> str:
    with transaction() as unit:
        return "/return/" + links.link(unit, order_id).rpartition("/")[2]


def the_return(order_id: UUID) -> Return:
    with transaction() as unit:
        [row] = queries.of_order(unit, order_id)
        return row


def test_a_customer_prints_the_label_and_sends_the_parcel(open_window: OpenWindow) -> None:
    with transaction() as unit:
        rules = (
            Rule(name="mail", label_paid_by="customer"),
            Rule(name="final sale", sku="LAMP", returnable=False),
        )
        ruling.publish(unit, RuleSet(rules=rules), note="test", actor="olga")
    order_id = shop.sold({"MUG": 2, "LAMP": 1})
    window = open_window("desktop", dark=True)
    page = window.open(path_of(order_id))
    expect(page.get_by_text("Lamp: LAMP cannot be returned (rule 'final sale')")).to_be_visible()
    page.get_by_label("How many of Mug").select_option("1")
    page.get_by_label("Why Mug").select_option("It is too small")
    page.get_by_label("By mail, with a label from us").check()
    expect(page.get_by_text("What the label costs is kept from your refund.")).to_be_visible()
    window.shoot("customer-return")
    page.get_by_role("button", name="Ask for the return").click()
    expect(page.get_by_text("Your label is being made.")).to_be_visible()
    row = the_return(order_id)
    return_labels.buy_return_label(Step(str(row.id), version=1, at=clock.now()))
    page.get_by_role("link", name="Look again").click()
    label = page.get_by_role("link", name="Print the label")
    expect(label).to_be_visible()
    expect(page.get_by_text("It costs USD")).to_be_visible()
    window.shoot("customer-return-label")
    pdf = page.request.get(window.site.url + str(label.get_attribute("href")))
    assert pdf.body().startswith(b"%PDF")
    page.get_by_role("button", name="I have given it to the carrier").click()
    expect(page.get_by_text("It is on its way to us.")).to_be_visible()
    assert the_return(order_id).status is ReturnStatus.IN_TRANSIT
    with transaction() as unit:
        events = [("delivered", clock.now())]
        labels.scanned(unit, row.id, events, actor="carrier:simulated")
    page.reload()
    expect(page.get_by_text("The parcel has arrived.")).to_be_visible()


def test_a_customer_brings_it_to_a_store_that_scans_the_code(open_window: OpenWindow) -> None:
    order_id = shop.sold({"MUG": 2})
    path = path_of(order_id)
    window = open_window("phone")
    page = window.open(path)
    page.get_by_role("button", name="Ask for the return").click()  # no way was chosen
    assert page.url.endswith(path)
    page.get_by_label("I bring it to a store").check()
    page.get_by_role("button", name="Ask for the return").click()
    expect(page.get_by_role("alert")).to_contain_text("no line is to be returned")
    page.get_by_label("How many of Mug").select_option("2")
    page.get_by_label("I bring it to a store").check()
    page.get_by_role("button", name="Ask for the return").click()
    expect(page.locator(".qr")).to_be_visible()
    expect(page.get_by_text("Store S01, 1 High Street, New York")).to_be_visible()
    window.shoot("customer-return-store")
    with window.site.at_store() as anna:
        shown = window.site.url + path  # what the code says
        found = anna.post("/store/returns/find", data={"shown": shown})
        assert found.headers["HX-Redirect"] == f"/store/returns/{the_return(order_id).id}"
    page.get_by_role("button", name="Keep the goods").click()
    expect(page.get_by_text("You keep the goods.")).to_be_visible()
    assert the_return(order_id).status is ReturnStatus.CANCELLED


def send(client: httpx2.Client, path: str, order_id: UUID, way: Way) -> httpx2.Response:
    with transaction() as unit:
        [line] = orders.lines(unit, order_id)
    form = {"line_id": str(line.id), "units": "1", "reason": "", "way": way.value}
    return client.post(path, data=form)


def test_a_link_opens_its_own_order_alone(site: Site) -> None:
    mine, other = shop.sold({"MUG": 1}), shop.sold({"MUG": 1})
    with site.client() as somebody:
        assert somebody.get(f"/return/{uuid4().hex}").status_code == 404
        assert "Ada" not in somebody.get(path_of(mine)).text
        assert send(somebody, path_of(other), other, Way.STORE).status_code == 303
        theirs = the_return(other)
        for what in ("cancel", "sent"):
            answer = somebody.post(f"{path_of(mine)}/{theirs.id}/{what}")
            assert answer.status_code == 404
        assert somebody.get(f"{path_of(mine)}/{theirs.id}/label.pdf").status_code == 404
        assert somebody.get(f"{path_of(other)}/{theirs.id}/label.pdf").status_code == 404
        again = send(somebody, path_of(other), other, Way.STORE)
        assert (again.status_code, "on a return already" in again.text) == (409, True)
    assert the_return(other).status is ReturnStatus.AUTHORISED
