"""The shops' own view of their orders, on one page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader
from starlette.responses import HTMLResponse

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
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        return HTMLResponse(page, headers={"Content-Security-Policy": policy})

    return routes


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
