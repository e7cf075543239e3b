"""What users of pickup apps complain about, each complaint by its name."""

import re

from oms.db import transaction
from oms.inventory.bins import Bin
from oms.ordering import revising
from oms.orders.models import Order
from tests.builders import a_new_order
from tests.web import shop
from tests.web.conftest import Site
from tests.web.test_picking import lying
from tests.web.test_store_commands import send

# In a browser besides: the scan field is not cleared, and stale screens (test_picking,
# test_counter, test_live); alerts are lost on refresh (test_counter, and below).


def test_the_order_stays_listed_after_success(site: Site) -> None:
    pickup_id = shop.a_pickup({"MUG": 1})
    number = shop.number_of(pickup_id)
    with site.at_store() as ana:
        send(ana, f"/store/pickups/{pickup_id}/start", version="1")
        send(ana, f"/store/pickups/{pickup_id}/ready", version="2", sku="MUG", units="1", shelf="A")
        assert ana.get("/store").text.count(number) == 1
        code = shop.pickup(pickup_id).code
        send(ana, f"/store/pickups/{pickup_id}/hand-over", version="3", value=code)
        assert number not in ana.get("/store").text
        assert number not in ana.get("/store/queue").text


def test_there_is_no_sorting_by_bin(site: Site) -> None:
    lying(LAMP=Bin("B", "1", "9"), RUG=Bin("A", "22", "1"))
    pickup_id = shop.a_pickup({"MUG": 1, "LAMP": 1, "RUG": 1})
    with site.at_store() as ana:
        rows = {"zone": ["B", ""], "aisle": ["1", ""], "bin": ["10", ""]}
        saved = send(ana, "/store/stock/bins", sku="MUG", **rows).text
        assert 'Bins <span class="hint">B · 1 · 10</span>' in saved
        page = send(ana, f"/store/pickups/{pickup_id}/start", version="1").text
    assert re.findall(r'class="pick" data-sku="(\w+)"', page) == ["RUG", "LAMP", "MUG"]


def test_ready_is_impossible_after_a_part_refund(site: Site) -> None:
    pickup_id = shop.a_pickup({"MUG": 2, "LAMP": 1})
    with site.at_store() as ana:
        send(ana, f"/store/pickups/{pickup_id}/start", version="1")
        with transaction() as unit:
            order = unit.get_one(Order, shop.pickup(pickup_id).order_id)
            left = a_new_order({"MUG": 1}, external_id=order.external_id, pickup_store="S01")
            revising.apply(unit, left, actor="channel:reference")
        card = ana.get(f"/store/pickups/{pickup_id}/card?version=2&visit=0").text
        assert re.findall(r'data-sku="(\w+)" data-quantity="(\d)"', card) == [("MUG", "1")]
        done = send(
            ana, f"/store/pickups/{pickup_id}/ready", version="3", sku="MUG", units="1", shelf="A"
        )
    assert "Ready. The customer is told" in done.text


def test_alerts_for_new_orders_are_lost_on_refresh(site: Site) -> None:
    pickup_id = shop.a_pickup({"MUG": 1})
    with site.at_store() as ana:
        for path in ("/store", "/store", "/store/shipments", "/store/bell"):
            assert f"data-new='[\"{pickup_id}\"]'" in ana.get(path).text, path
        send(ana, "/store/waves", most="1")
        assert "data-new='[]'" in ana.get("/store/bell").text
