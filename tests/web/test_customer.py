"""The customer's page of an order, in two languages and a real browser, and its doors."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlmodel import select
from starlette.exceptions import HTTPException

from api.web.pacing import Pace
from oms.customers import links
from oms.db import transaction
from oms.exceptions.models import OpenException
from oms.fulfilments import handing_over, packing, picking, scanning
from oms.fulfilments.models import Fulfilment, Parcel
from oms.fulfilments.scanning import CarrierScan
from oms.locations.models import Location
from oms.notifications import opting_out
from oms.notifications.models import Medium, NoticeKind
from oms.orders.models import Order
from tests.web import shop
from tests.web.conftest import OpenWindow, Site


def link(order_id: UUID) -> str:
    """The customer's way to their order."""
    with transaction() as unit:
        return f"/order/{links.token_of(unit, order_id)}"


def store_of(order_id: UUID) -> str:
    with transaction() as unit:
        order = unit.get_one(Order, order_id)
        return unit.get_one(Location, order.pickup_location_id).code


def delivered(order_id: UUID) -> None:
    """The order was sent, and has arrived."""
    with transaction() as unit:
        part = unit.exec(select(Fulfilment).where(Fulfilment.order_id == order_id)).one()
        picking.start(unit, part.id, actor="anna")
        packing.pack(unit, part.id, picked={"MUG": 2}, actor="anna")
    shop.buy_labels(part.id)
    with transaction() as unit:
        handing_over.to_carrier(unit, part.id, actor="anna")
        parcel = unit.exec(select(Parcel).where(Parcel.fulfilment_id == part.id)).one()
        scan = CarrierScan("1", "delivered", datetime.now(UTC))
        scanning.add_scans(unit, parcel.id, [scan], actor="carrier:simulated")


def test_a_customer_changes_a_pickup_in_german_and_answers_in_english(
    open_window: OpenWindow,
) -> None:
    order_id = shop.order({"MUG": 2, "LAMP": 1}, pickup_store="S01")
    window = open_window("phone")
    page = window.open(link(order_id))
    expect(page.get_by_role("heading", name="Order #")).to_be_visible()
    page.get_by_role("link", name="Deutsch").click()
    expect(page.get_by_text("Ihre Bestellung wird vorbereitet.")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"
    page.get_by_label("Name").fill("Bo Berg")
    page.get_by_role("button", name="Hinzufügen").click()
    expect(page.get_by_text("Bo Berg")).to_be_visible()
    window.shoot("order-german")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="Andere Filiale oder Lieferung").click()
    window.shoot("order-move-german")
    page.get_by_role("button", name="Bei Store S02 abholen").click()
    expect(page.get_by_text("Sie haben einen anderen Weg gewählt")).to_be_visible()
    assert store_of(order_id) == "S02"
    page.get_by_text("Etwas stornieren").click()
    page.get_by_label("Lamp").select_option("1")
    page.get_by_role("button", name="Diese stornieren").click()
    expect(page.get_by_text("1 storniert", exact=True)).to_be_visible()

    sent = shop.order({"MUG": 2})
    delivered(sent)
    page = window.open(f"{link(sent)}/language?to=en")
    expect(page.get_by_role("heading", name="Did everything arrive well?")).to_be_visible()
    window.shoot("order-delivered")
    page.get_by_label("Something is missing").check()
    page.get_by_label("What is missing or damaged?").fill("one mug")
    page.get_by_role("button", name="Tell the shop").click()
    expect(page.get_by_text("Thank you for telling us.")).to_be_visible()
    with transaction() as unit:
        assert "one mug" in unit.exec(select(OpenException)).one().detail


def test_a_link_shows_no_person_and_no_search_engine_keeps_it(site: Site) -> None:
    order_id = shop.order({"MUG": 1})
    with site.client() as client:
        answer = client.get(link(order_id), headers={"Accept-Language": "pl"})
        assert answer.status_code == 200
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Content-Language"] == "pl"
        assert "Zamówienie" in answer.text
        for private in ("Ada", "example.com", "Main Street", "10002"):
            assert private not in answer.text
        gone = client.get("/order/nobody", headers={"Accept-Language": "it"})
        assert (gone.status_code, "Questo link non mostra nulla" in gone.text) == (404, True)
        late = client.post(
            link(order_id) + "/store",
            data={"version": 99, "store": "S02"},
            headers={"Accept-Language": "nl"},
        )
        assert (late.status_code, "intussen gewijzigd" in late.text) == (409, True)


def test_one_click_unsubscribes_and_reading_does_not(site: Site) -> None:
    order_id = shop.order({"MUG": 1})
    with transaction() as unit:
        customer_id = unit.get_one(Order, order_id).customer_id
        token = shop.a_sending(unit, order_id)
    with site.client() as client:
        page = client.get(f"/messages/{token}")
        assert page.status_code == 200
        with transaction() as unit:
            assert opting_out.of_customer(unit, customer_id) == frozenset()
        answer = client.post(f"/messages/{token}", data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert client.post("/messages/nobody").status_code == 404
    with transaction() as unit:
        kinds = {kind for _, kind in opting_out.of_customer(unit, customer_id)}
    assert kinds == {k for k in NoticeKind if opting_out.may_refuse(k, Medium.EMAIL)}


def test_a_link_is_asked_only_so_often() -> None:
    pace = Pace(per_minute=2)
    for _ in range(2):
        pace.take("a", now=0)
    with pytest.raises(HTTPException) as refused:
        pace.take("a", now=1)
    assert (refused.value.status_code, refused.value.headers) == (429, {"Retry-After": "29"})
    pace.take("b", now=1)
    pace.take("a", now=31)


def test_operations_word_a_message_and_see_it_before_it_is_used(open_window: OpenWindow) -> None:
    window = open_window("desktop")
    page = window.sign_in_to_operations()
    page.get_by_role("link", name="Messages").click()
    expect(page.get_by_text("Thank you. We have received your order #1001.")).to_be_visible()
    page.get_by_text("Word it for this brand").click()
    page.get_by_label("Subject").fill("Got {{ order }}")
    page.get_by_label("Text", exact=False).first.fill("Hello {{ nobody }}")
    page.get_by_label("Text message").fill("{{ shop }}: {{ order }}")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text("names nobody, which this kind of notice has not")).to_be_visible()
    page.get_by_label("Text", exact=False).first.fill("Hello, {{ order }} is ours.")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text("Version 1 is used from now on.")).to_be_visible()
    expect(page.get_by_text("Got #1001")).to_be_visible()
    window.shoot("operations-messages")
