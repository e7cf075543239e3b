"""The receiving end of the reference channel: events signed as Standard Webhooks has it.

Signatures are checked by the standardwebhooks library, which shares nothing with our own code.
"""

import json
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.responses import JSONResponse, Response

from api.sandbox import stock
from api.sandbox.faults import answered
from api.sandbox.orders import Received, ShopOrder
from api.sandbox.reference_documents import document
from api.sandbox.state import State
from oms import clock
from oms.money import to_minor

_KINDS: Final = {
    "order.shipped": "shipped",
    "pickup.ready": "ready",
    "pickup.collected": "collected",
    "order.cancelled": "cancelled",
    "order.refunded": "refunded",
}

Json = dict[str, Any]


def router(state: State) -> APIRouter:
    """The endpoint of every reference shop."""
    routes = APIRouter()

    @routes.post("/{channel}/webhooks")
    async def receive(channel: str, request: Request) -> Response:
        """Take one event in, once: 409 for one that came before."""
        shop = state.config.shops.get(channel)
        if shop is None or shop.kind != "reference":
            return JSONResponse({"error": "no such shop"}, 404)
        body = await request.body()
        try:
            Webhook(shop.secret).verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            return JSONResponse({"error": f"signature: {error}"}, 401)
        identifier = request.headers["webhook-id"]
        event: Json = json.loads(body)
        if event["type"] == "orders.requested":
            return await answered(
                state.faults.take(channel, write=False),
                act=lambda: _orders(state, channel, event["data"]),
                throttled=lambda: JSONResponse({}, 429, headers={"Retry-After": "2"}),
                refused=lambda: JSONResponse({"error": "the sandbox was told to refuse"}, 422),
            )
        on_stock = str(event["type"]).startswith("stock.")
        return await answered(
            state.faults.take(
                channel,
                write=event["type"] != "stock.requested",
                on="stock" if on_stock else "orders",
            ),
            act=lambda: (
                _stock(state, channel, identifier, event)
                if on_stock
                else _take(state, channel, identifier, event)
            ),
            throttled=lambda: JSONResponse({}, 429, headers={"Retry-After": "2"}),
            refused=lambda: JSONResponse({"error": "the sandbox was told to refuse"}, 422),
        )

    return routes


def _orders(state: State, channel: str, data: Json) -> Response:
    """The named orders, or a page of those that changed within a window."""
    found = state.orders(channel)
    if "ids" in data:
        found = [order for order in found if order.id in data["ids"]]
    else:
        since, until = (datetime.fromisoformat(data[end]) for end in ("since", "until"))
        found = [order for order in found if since <= order.updated_at <= until]
    found.sort(key=lambda order: (order.updated_at, order.id))
    start, size = int(data.get("token", 0)), state.config.shops[channel].page_size
    listed = [
        {**document(order), **({"cancelled": True} if order.status == "cancelled" else {})}
        for order in found[start : start + size]
    ]
    more = {"token": str(start + size)} if start + size < len(found) else {}
    return JSONResponse({"orders": listed, **more})


def _stock(state: State, channel: str, identifier: str, event: Json) -> Response:
    """Answer what is asked for, or set what is told: every figure that the shop has not newer."""
    data: Json = event["data"]
    if event["type"] == "stock.requested":
        levels = [
            {"sku": each.sku, "location": each.place, "quantity": each.quantity}
            for sku in data["skus"]
            for each in stock.figures(state, channel, sku).values()
        ]
        return JSONResponse({"levels": levels})
    if (channel, identifier) in state.keys:
        return JSONResponse(state.keys[channel, identifier][1], 409)
    known = set(stock.skus(state, channel))
    as_of = datetime.fromisoformat(event["timestamp"])
    refused = []
    for level in data["levels"]:
        if level["sku"] not in known:
            refused.append({**level, "reason": "no such article"})
            continue
        stock.put(
            state, channel, level["sku"], level["quantity"], place=level["location"], as_of=as_of
        )
    answer = {"reference": identifier, "refused": refused}
    state.keys[channel, identifier] = ("", answer)
    return JSONResponse(answer)


def _take(state: State, channel: str, identifier: str, event: Json) -> Response:
    data: Json = event["data"]
    order = state.order(channel, data["id"])
    kind = _KINDS.get(event["type"])
    if order is None or kind is None:
        return JSONResponse({"error": "unknown order or type"}, 422)
    if any(each.id == identifier for each in order.received):
        return JSONResponse({"reference": identifier}, 409)
    lines = {line["id"]: int(line["quantity"]) for line in data.get("lines") or ()}
    amount = to_minor(data.get("amount", "0"), currency=order.currency)
    if amount > order.total_minor() - order.refunded_minor():
        return JSONResponse({"error": "more is to be given back than was paid"}, 422)
    if kind in ("shipped", "collected") and (fault := _excess(order, lines)):
        return JSONResponse({"error": fault}, 422)
    order.received.append(
        Received.model_validate(
            {
                "id": identifier,
                "kind": kind,
                "at": clock.now(),
                "lines": lines,
                "tracking_number": data.get("tracking_number", ""),
                "tracking_url": data.get("tracking_url", ""),
                "carrier": data.get("carrier", ""),
                "text": data.get("reason", ""),
                "amount_minor": amount,
            }
        )
    )
    _advance(order, kind, lines)
    state.journal.keep(order)
    return JSONResponse({"reference": identifier})


def _excess(order: ShopOrder, lines: dict[str, int]) -> str:
    """Units told of beyond those that are still to come."""
    for line_id, units in lines.items():
        line = order.line(line_id)
        if line is None or not 0 < units <= line.left():
            return f"line {line_id} has fewer than {units} units to come"
    return ""


def _advance(order: ShopOrder, kind: str, lines: dict[str, int]) -> None:
    order.mails.append(f"Your order: {kind}")
    if kind == "refunded":
        return
    if kind == "cancelled":
        order.status = "cancelled"
    elif kind == "ready":
        order.status = "ready"
    else:
        for line in order.lines:
            line.sent += lines.get(line.id, 0)
        if all(line.left() == 0 for line in order.lines):
            order.status = "completed"
