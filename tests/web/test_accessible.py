"""Every page, signed in or not, holds the rules for accessibility that axe-core knows."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from playwright.sync_api import Page

from api.web import router
from oms.customers import links
from oms.db import transaction
from tests.web import shop
from tests.web.conftest import OpenWindow
from tests.web.test_looks import shipped
from tests.web.test_money import a_refunded_return
from tests.web.test_returning import path_of

PARTS: Final = (
    *("/card", "/list", "/queue", "/bell", "/events", "/facts", "/supposed", "/short"),
    *("/messages/{message_id}", "/language"),
    *(".{kind}", ".pdf"),
)
"""What is no page: a part that is looked at where it stands, a way to one, or a file."""

STRICT: Final = {"resultTypes": ["violations"]}


def pages() -> Iterator[str]:
    """The paths of all pages that the web process has."""
    for part in router.routes:
        for route in part.original_router.routes:
            assert isinstance(route, APIRoute)
            if "GET" in route.methods and not route.path.endswith(PARTS):
                yield route.path


@pytest.mark.parametrize(("size", "dark"), [("phone", False), ("desktop", True)])
def test_no_page_breaks_a_rule_of_accessibility(
    open_window: OpenWindow, size: str, dark: bool
) -> None:
    window = open_window(size, dark=dark)
    broken: list[str] = []

    def look(by_route: Mapping[str, list[str]]) -> set[str]:
        for path in chain(*by_route.values()):
            page = window.open(path)
            for panel in page.locator("details.panel > summary").all():
                panel.click()
            broken.extend(violations(page, path))
        return set(by_route)

    looked_at = look({"/": ["/"], **alone("/enrol", "/operations/sign-in")})
    broken += violations(window.enrol(), "/ of an enrolled device")
    window.enter(badge="9")
    looked_at |= look(store_pages())
    window.sign_in_to_operations()
    looked_at |= look(operations_pages())
    assert broken == []
    assert looked_at == set(pages())


def violations(page: Page, path: str) -> list[str]:
    """What axe-core finds, a line for each element."""
    found = Axe().run(page, options=STRICT).response["violations"]
    return [
        f"{path}: {one['id']}: {one['help']}: {node['html']}"
        for one in found
        for node in one["nodes"]
    ]


def alone(*routes: str) -> dict[str, list[str]]:
    """Routes that are paths themselves."""
    return {route: [route] for route in routes}


def store_pages() -> Mapping[str, list[str]]:
    """Paths of the pages of a store and its customers, with something on each, by their routes."""
    shop.at_the_car("1", "2")
    shop.a_box("BOX-S")
    pickups = [shop.a_pickup(), shop.a_ready_pickup(), shop.an_expired_pickup()]
    pickups.append(shop.a_declined_pickup())
    shop.visitor(pickups[1], vehicle="blue van", minutes_ago=4)
    wave = shop.a_wave(shop.a_pickup(), shop.a_pickup({"MUG": 1}))
    shipments = [shop.a_shipment() for _ in range(3)]
    shop.being_packed(shipments[1])
    shop.packed(shipments[2])
    shop.buy_labels(shipments[2])
    transfers = [
        shop.a_transfer("S02", "S01", note="for the window"),
        shop.a_transfer("S01", "S02"),
    ]
    sold = shop.sold({"MUG": 2})
    with transaction() as unit:
        token = links.token_of(unit, shop.pickup(pickups[0]).order_id)
        letter = shop.a_sending(unit, sold)
    return {
        "/store/pickups/{pickup_id}": [f"/store/pickups/{one}" for one in pickups],
        "/store/pickups/{pickup_id}/labels": [f"/store/pickups/{pickups[1]}/labels"],
        "/store/waves/{wave_id}": [f"/store/waves/{wave}"],
        "/store/shipments/{fulfilment_id}": [f"/store/shipments/{one}" for one in shipments],
        "/store/stock/article": ["/store/stock/article?code=MUG"],
        "/store/transfers/{transfer_id}": [f"/store/transfers/{one}" for one in transfers],
        "/store/returns/orders/{order_id}": [f"/store/returns/orders/{sold}"],
        "/store/returns/{return_id}": [f"/store/returns/{a_refunded_return(sold)}"],
        "/store/manage/{code}": ["/store/manage/S01"],
        "/collect/{token}": [f"/collect/{shop.pickup(one).qr_token}" for one in pickups],
        "/order/{token}": [f"/order/{token}"],
        "/order/{token}/move": [f"/order/{token}/move"],
        "/messages/{token}": [f"/messages/{letter}"],
        "/return/{token}": [path_of(sold)],
        **alone("/store", "/store/shipments", "/store/stock", "/store/transfers"),
        **alone("/store/boxes", "/store/manifests"),
        **alone("/store/returns", "/store/returns/no-receipt"),
    }


def operations_pages() -> Mapping[str, list[str]]:
    """Paths of the pages of operations, by their routes."""
    order_id = shipped()
    back = a_refunded_return(shop.sold({"MUG": 1}))
    names = (
        *("exceptions", "health", "channels", "stock", "acceptance"),
        *("imports", "routing", "messages", "stores"),
    )
    return {
        "/operations/orders/{order_id}": [f"/operations/orders/{order_id}"],
        "/operations/orders/{order_id}/money": [f"/operations/orders/{order_id}/money"],
        "/operations/returns/{return_id}": [f"/operations/returns/{back}"],
        "/operations/stores/{code}": ["/operations/stores/S01"],
        **alone("/operations", *(f"/operations/{name}" for name in names)),
    }
