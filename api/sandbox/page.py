"""The shops' own view of their orders, on one page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader
from starlette.responses import HTMLResponse

from api.sandbox import stock
from api.sandbox.orders import ShopOrder
from api.sandbox.state import State
from oms.money import show

_SHOWN: Final = 40
_PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
)


def router(state: State) -> APIRouter:
    """The page."""
    routes = APIRouter()

    @routes.get("/", response_class=HTMLResponse)
    async def shops() -> HTMLResponse:
        """Every shop with its newest orders."""
        page = _PAGES.get_template("shops.html").render(
            shops=[
                {
                    "code": code,
                    "kind": shop.kind,
                    "count": len(orders := state.orders(code)),
                    "orders": [_row(state, order) for order in reversed(orders[-_SHOWN:])],
                }
                for code, shop in state.config.shops.items()
            ],
            faults=list(state.faults.active.values()),
            shown=_SHOWN,
        )
        return _answer(page)

    @routes.get("/stock", response_class=HTMLResponse)
    async def figures() -> HTMLResponse:
        """Every article with the figure that each shop shows."""
        page = _PAGES.get_template("stock.html").render(
            shops=list(state.config.shops), rows=_stock(state)
        )
        return _answer(page)

    return routes


def _answer(page: str) -> HTMLResponse:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


def _stock(state: State) -> list[dict[str, object]]:
    """One row an article of the book, then those that only a shop knows."""
    shops = list(state.config.shops)
    rows = [(each.title, {shop: each.on(shop) for shop in shops}) for each in state.book.skus]
    in_book = {(shop, sku) for _, skus in rows for shop, sku in skus.items()}
    rows += [("", {shop: sku}) for shop, sku in state.journal.figures if (shop, sku) not in in_book]
    return [{"title": title, "shops": _at_shops(state, skus)} for title, skus in rows]


def _at_shops(state: State, skus: Mapping[str, str]) -> dict[str, dict[str, object]]:
    names = {shop: stock.places(state, shop) for shop in skus}
    return {
        shop: {
            "sku": sku,
            "total": stock.total(state, shop, sku),
            "places": [
                (names[shop].get(place) or place, each.quantity)
                for place, each in sorted(stock.figures(state, shop, sku).items())
                if place and each.quantity
            ],
        }
        for shop, sku in skus.items()
    }


def _row(state: State, order: ShopOrder) -> dict[str, object]:
    sent = [
        each
        for each in state.journal.webhooks.values()
        if each.channel == order.channel and each.order_id == order.id
    ]
    return {
        "number": order.number,
        "placed_at": order.placed_at,
        "customer": order.customer.name,
        "lines": order.lines,
        "where": _where(order),
        "total": show(order.total_minor(), currency=order.currency),
        "status": order.status,
        "received": _in_words(order),
        "pending": sum(each.status == "pending" for each in sent),
        "failed": sum(each.status == "failed" for each in sent),
    }


def _where(order: ShopOrder) -> str:
    if order.delivery == "pickup":
        return f"picks up at {order.store}"
    return f"ship to {order.address.city}" if order.address else "ship, no address yet"


def _in_words(order: ShopOrder) -> Sequence[dict[str, str]]:
    return [
        {
            "what": each.text or " ".join(filter(None, (each.kind, each.carrier))),
            "number": each.tracking_number,
            "url": each.tracking_url if each.tracking_url.startswith("http") else "",
        }
        for each in order.received
    ]
