"""WooCommerce's REST API as far as an order desk uses it: read and change an order, its notes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.sandbox.faults import answered
from api.sandbox.orders import Happened, Received, ShopOrder
from api.sandbox.state import State
from api.sandbox.stock import put_back
from api.sandbox.woocommerce_access import error, refusal
from api.sandbox.woocommerce_documents import document
from oms import clock
from oms.money import to_decimal, to_minor

_TRACKING = "_wc_shipment_tracking_items"

Json = dict[str, Any]
Act = Callable[[ShopOrder], Response]


def router(state: State) -> APIRouter:
    """The endpoints of every WooCommerce shop."""
    every = APIRouter(prefix="/{channel}/wp-json/wc/v3/orders")

    @every.get("")
    async def changed(channel: str, request: Request) -> Response:
        """Orders changed after a moment, the oldest change first."""
        if no := refusal(state, channel, request):
            return no
        return await answered(
            state.faults.take(channel, write=False),
            act=lambda: JSONResponse(_changed(state, channel, request)),
            throttled=lambda: JSONResponse({}, 429, headers={"Retry-After": "2"}),
            refused=lambda: error("rest_invalid_param", "The sandbox was told to refuse.", 400),
        )

    routes = APIRouter(prefix="/{order_id}")

    @routes.get("")
    async def read(request: Request) -> Response:
        """The order."""
        return await _carried_out(state, request, lambda order: JSONResponse(document(order)))

    @routes.put("")
    async def change(request: Request) -> Response:
        """Change status and metadata."""
        changes = await request.json()
        return await _carried_out(
            state, request, lambda order: _change(state, order, changes), write=True
        )

    @routes.get("/notes")
    async def notes(request: Request) -> Response:
        """The order's notes, newest first."""
        return await _carried_out(
            state,
            request,
            lambda order: JSONResponse([_note(each) for each in reversed(_notes(order))]),
        )

    @routes.post("/notes")
    async def add_note(request: Request) -> Response:
        """Add a note, and mail it to the customer if it is for them."""
        note = await request.json()
        return await _carried_out(
            state, request, lambda order: _add_note(state, order, note), write=True
        )

    _add_refunds(routes, state)
    every.include_router(routes)
    return every


def _changed(state: State, channel: str, request: Request) -> list[Json]:
    """A page of them; WordPress compares whole seconds, and leaves the named one out."""
    asked = request.query_params
    after = datetime.fromisoformat(asked["modified_after"]).replace(tzinfo=UTC)
    size, page = int(asked["per_page"]), int(asked["page"])
    found = [
        order
        for order in state.orders(channel)
        if order.updated_at.replace(microsecond=0) > after and order.status != "deleted"
    ]
    found.sort(key=lambda order: order.updated_at)
    return [document(order) for order in found[(page - 1) * size : page * size]]


def _add_refunds(routes: APIRouter, state: State) -> None:
    """The endpoints of an order's refunds."""

    @routes.get("/refunds")
    async def refunds(request: Request) -> Response:
        """The order's refunds, newest first."""
        return await _carried_out(
            state,
            request,
            lambda order: JSONResponse([_refund(order, each) for each in _refunds(order)[::-1]]),
        )

    @routes.post("/refunds")
    async def refund(request: Request) -> Response:
        """Give money back through the order's gateway."""
        wanted = await request.json()
        return await _carried_out(
            state, request, lambda order: _give_back(state, order, wanted), write=True
        )


async def _carried_out(
    state: State, request: Request, act: Act, *, write: bool = False
) -> Response:
    channel = request.path_params["channel"]
    if no := refusal(state, channel, request):
        return no
    order = state.order(channel, request.path_params["order_id"])
    if order is None:
        return error("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 404)
    return await answered(
        state.faults.take(channel, write=write),
        act=lambda: act(order),
        throttled=lambda: JSONResponse({}, 429, headers={"Retry-After": "2"}),
        refused=lambda: error("rest_invalid_param", "The sandbox was told to refuse.", 400),
    )


def _change(state: State, order: ShopOrder, changes: Json) -> Response:
    before = {item["tracking_number"] for item in _tracked(order)}
    for entry in changes.get("meta_data") or ():
        _set_meta(order, entry["key"], entry["value"])
    for item in _tracked(order):
        if item["tracking_number"] not in before:
            order.received.append(
                Received(
                    id=f"{order.id}-{len(order.received)}",
                    kind="shipped",
                    at=clock.now(),
                    tracking_number=item["tracking_number"],
                    tracking_url=item.get("custom_tracking_link", ""),
                    carrier=item.get("custom_tracking_provider", ""),
                ),
            )
    if (status := changes.get("status")) and status in ("completed", "cancelled"):
        if order.status != status:
            order.received.append(
                Received(id=f"{order.id}-{len(order.received)}", kind=status, at=clock.now()),
            )
            order.mails.append(f"Your order is {status}")
            if status == "cancelled":
                put_back(state, order)
        order.status = status
    state.touched(order, Happened.UPDATED)
    return JSONResponse(document(order))


def _set_meta(order: ShopOrder, key: str, value: Any) -> None:
    for entry in order.meta:
        if entry["key"] == key:
            entry["value"] = value
            return
    order.meta.append({"id": len(order.meta) + 1, "key": key, "value": value})


def _tracked(order: ShopOrder) -> list[Json]:
    return next((entry["value"] for entry in order.meta if entry["key"] == _TRACKING), [])


def _notes(order: ShopOrder) -> list[Received]:
    return [each for each in order.received if each.kind == "note"]


def _note(received: Received) -> Json:
    return {
        "id": int(received.id.rpartition("-")[2]),
        "note": received.text,
        "date_created_gmt": received.at.replace(tzinfo=None).isoformat(timespec="seconds"),
    }


def _add_note(state: State, order: ShopOrder, note: Json) -> Response:
    received = Received(
        id=f"{order.id}-{len(order.received)}", kind="note", at=clock.now(), text=note["note"]
    )
    order.received.append(received)
    if note.get("customer_note"):
        order.mails.append(received.text)
    state.journal.keep(order)
    return JSONResponse(_note(received), 201)


def _refunds(order: ShopOrder) -> list[Received]:
    return [each for each in order.received if each.kind == "refunded"]


def _refund(order: ShopOrder, received: Received) -> Json:
    return {
        "id": int(received.id.rpartition("-")[2]),
        "amount": to_decimal(received.amount_minor, currency=order.currency),
        "reason": received.text,
        "refunded_payment": True,
    }


def _give_back(state: State, order: ShopOrder, wanted: Json) -> Response:
    amount = to_minor(wanted["amount"], currency=order.currency)
    if not 0 < amount <= order.total_minor() - order.refunded_minor():
        said = "Invalid refund amount."
        return error("woocommerce_rest_cannot_create_order_refund", said, 500)
    received = Received(
        id=f"{order.id}-{len(order.received)}",
        kind="refunded",
        at=clock.now(),
        text=wanted.get("reason", ""),
        amount_minor=amount,
    )
    order.received.append(received)
    state.touched(order, Happened.UPDATED)
    return JSONResponse(_refund(order, received), 201)
