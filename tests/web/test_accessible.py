"""Every page, signed in or not, holds the rules for accessibility that axe-core knows."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from playwright.sync_api import Page

from api.web import router
from tests.web import shop
from tests.web.conftest import OpenWindow
from tests.web.test_looks import shipped

PARTS: Final = (
    *(
        "/card",
        "/list",
        "/queue",
        "/bell",
        "/events",
        "/facts",
        "/supposed",
        "/messages/{message_id}",
    ),
    ".{kind}",
)
"""What is no page: a part that is looked at where it stands, or a file."""

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
    window.enter()
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
    """Paths of the pages of a store, with something on each, by their routes."""
    shop.at_the_car("1", "2")
    pickups = [shop.a_pickup(), shop.a_ready_pickup(), shop.an_expired_pickup()]
    shop.visitor(pickups[1], vehicle="blue van", minutes_ago=4)
    transfers = [
        shop.a_transfer("S02", "S01", note="for the window"),
        shop.a_transfer("S01", "S02"),
    ]
    parts = {
        "/store/pickups/{pickup_id}": [f"/store/pickups/{one}" for one in pickups],
        "/store/shipments/{fulfilment_id}": [f"/store/shipments/{shop.a_shipment()}"],
        "/store/stock/article": ["/store/stock/article?code=MUG"],
        "/store/transfers/{transfer_id}": [f"/store/transfers/{one}" for one in transfers],
        "/collect/{token}": [f"/collect/{shop.pickup(one).qr_token}" for one in pickups],
    }
    return parts | alone("/store", "/store/shipments", "/store/stock", "/store/transfers")


def operations_pages() -> Mapping[str, list[str]]:
    """Paths of the pages of operations, by their routes."""
    parts = {"/operations/orders/{order_id}": [f"/operations/orders/{shipped()}"]}
    names = ("exceptions", "health", "stock", "acceptance", "imports", "routing")
    return parts | alone("/operations", *(f"/operations/{name}" for name in names))
