"""The handle on the sandbox: place and change orders, send webhooks again, switch faults on.

It has no password. It listens to this machine only and not to web pages, which a browser
marks with an `Origin`.
"""

from datetime import timedelta

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from api.sandbox import placing, stock
from api.sandbox.faults import Fault
from api.sandbox.orders import ShopOrder, StockFigure, Webhook
from api.sandbox.placing import Change, WantedOrder
from api.sandbox.state import State
from api.sandbox.stock import WantedFigure
from oms import clock
from oms.errors import Forbidden, NotFound

_HERE = ("127.0.0.1", "::1")


class Placed(BaseModel):
    """An order and the webhook that tells of it."""

    order: ShopOrder
    webhook: Webhook


def router(state: State) -> APIRouter:
    """The control endpoints."""
    routes = APIRouter(prefix="/control", dependencies=[Depends(from_here)])
    _add_orders(routes, state)
    _add_webhooks(routes, state)
    _add_stock(routes, state)
    _add_faults(routes, state)
    return routes


def _add_orders(routes: APIRouter, state: State) -> None:
    @routes.post("/orders", status_code=201)
    async def place(wanted: WantedOrder) -> Placed:
        """Place an order in a shop."""
        with clock.at(clock.now() - timedelta(minutes=wanted.minutes_ago)):
            order, webhook = placing.place(state, wanted)
        return Placed(order=order, webhook=webhook)

    @routes.get("/orders")
    async def orders(channel: str | None = None) -> list[ShopOrder]:
        """The orders with what the shops were told about them."""
        return state.orders(channel)

    @routes.get("/orders/{channel}/{order_id}")
    async def order(channel: str, order_id: str) -> ShopOrder:
        """One order."""
        return placing.found(state, channel, order_id)

    @routes.patch("/orders/{channel}/{order_id}")
    async def change(channel: str, order_id: str, wanted: Change) -> Webhook:
        """Change an order."""
        with clock.at(clock.now() - timedelta(minutes=wanted.minutes_ago)):
            return placing.change(state, channel, order_id, wanted)

    @routes.delete("/orders/{channel}/{order_id}")
    async def cancel(
        channel: str, order_id: str, deleted: bool = False, send: bool = True
    ) -> Webhook:
        """Cancel an order, or delete it."""
        return placing.cancel(state, channel, order_id, deleted=deleted, send=send)


def _add_webhooks(routes: APIRouter, state: State) -> None:
    @routes.get("/webhooks")
    async def webhooks(channel: str | None = None, order_id: str | None = None) -> list[Webhook]:
        """The webhooks, oldest first."""
        return [
            each
            for each in state.journal.webhooks.values()
            if channel in (None, each.channel) and order_id in (None, each.order_id)
        ]

    @routes.post("/webhooks/{webhook_id:path}/send")
    async def send(webhook_id: str) -> Webhook:
        """Send a webhook again, or one that was held: late, twice or out of order."""
        webhook = state.journal.webhooks.get(webhook_id)
        if webhook is None:
            raise NotFound(f"there is no webhook {webhook_id}", field="webhook_id")
        return state.send_again(webhook)


def _add_stock(routes: APIRouter, state: State) -> None:
    @routes.get("/stock")
    async def figures(channel: str | None = None, sku: str | None = None) -> list[StockFigure]:
        """The shops' stock figures."""
        return [
            each
            for (code, own), places in state.journal.figures.items()
            if channel in (None, code) and sku in (None, own)
            for each in places.values()
        ]

    @routes.put("/stock")
    async def set_figure(wanted: WantedFigure) -> StockFigure:
        """Set a figure by hand, so that it drifts from what the order desk told."""
        known = stock.places(state, wanted.channel)
        if state.kind(wanted.channel) != "reference" and wanted.place not in known:
            raise NotFound(
                f"the shop {wanted.channel} has no place {wanted.place!r}",
                field="place",
                remedy=f"one of {', '.join(known) or 'the empty one'}",
            )
        return stock.put(
            state,
            wanted.channel,
            wanted.sku,
            wanted.quantity,
            place=wanted.place,
            parent=wanted.parent or None,
        )


def _add_faults(routes: APIRouter, state: State) -> None:
    @routes.get("/faults")
    async def faults() -> dict[str, Fault]:
        """The faults that are switched on, by channel."""
        return state.faults.active

    @routes.put("/faults")
    async def switch_on(fault: Fault) -> Fault:
        """Let the next requests to a shop go wrong."""
        state.kind(fault.channel)
        state.faults.active[fault.channel] = fault.model_copy()
        return fault

    @routes.delete("/faults/{channel}")
    async def switch_off(channel: str) -> dict[str, str]:
        """Let a shop behave again."""
        state.faults.active.pop(channel, None)
        return {}


async def from_here(request: Request) -> None:
    """Raise `Forbidden` for a caller elsewhere, or a page that a browser shows from elsewhere."""
    client = request.client.host if request.client else ""
    if client not in _HERE or "origin" in request.headers:
        raise Forbidden("the sandbox is controlled from its own machine only")
