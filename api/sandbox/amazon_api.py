"""Amazon's Selling Partner API as far as an order desk uses it, with its login.

Where the official models are given, every request body and every answer is held against them.
"""

import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.sandbox import amazon_documents as documents
from api.sandbox.amazon_schema import ORDERS, V0, models
from api.sandbox.config import ShopConfig
from api.sandbox.faults import answered
from api.sandbox.orders import Happened, Received, ShopOrder
from api.sandbox.state import State
from oms import clock

_RATE: Final = {"x-amzn-RateLimit-Limit": "50.0"}
_LEAST_AGE: Final = timedelta(minutes=2)
_LASTS_S: Final = 3600
_SIZE: Final = 100

Json = dict[str, Any]
Act = Callable[[ShopOrder], Response]


def router(state: State) -> APIRouter:
    """The endpoints of every Amazon seller."""
    routes = APIRouter(prefix="/{channel}")
    _add_login(routes, state)
    _add_reading(routes, state)
    _add_writing(routes, state)
    return routes


def _add_login(routes: APIRouter, state: State) -> None:
    @routes.post("/auth/o2/token")
    async def token(channel: str, request: Request) -> Response:
        """Login with Amazon: an access token for the refresh token."""
        shop = _seller(state, channel)
        form = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
        if shop is None or form.get("client_secret") != shop.consumer_secret:
            return JSONResponse({"error": "invalid_client"}, 401)
        if form.get("refresh_token") != shop.secret:
            return JSONResponse({"error": "invalid_grant"}, 400)
        fresh = f"Atza|{secrets.token_hex(8)}"
        state.tokens[channel] = fresh
        return JSONResponse({"access_token": fresh, "token_type": "bearer", "expires_in": _LASTS_S})


def _add_reading(routes: APIRouter, state: State) -> None:
    @routes.get("/orders/2026-01-01/orders")
    async def search(channel: str, request: Request) -> Response:
        """Orders changed within a window."""
        if no := _refusal(state, channel, request):
            return no
        return await answered(
            state.faults.take(channel, write=False),
            act=lambda: _search(state, channel, request),
            throttled=lambda: _error(429, "QuotaExceeded", "You exceeded your quota."),
            refused=lambda: _error(400, "InvalidInput", "The sandbox was told to refuse."),
        )

    @routes.get("/orders/2026-01-01/orders/{order_id}")
    async def read(request: Request) -> Response:
        """One order."""
        included = _listed(request, "includedData")
        return await _carried_out(
            state,
            request,
            lambda order: _right(
                state, "GetOrderResponse", {"order": documents.document(order, included)}
            ),
        )


def _add_writing(routes: APIRouter, state: State) -> None:
    @routes.post("/orders/v0/orders/{order_id}/shipmentConfirmation")
    async def confirm(request: Request) -> Response:
        """Take a package, or correct the one of the same reference."""
        body = await request.json()
        return await _carried_out(
            state, request, lambda order: _confirm(state, order, body), write=True
        )

    @routes.post("/orders/v0/orders/{order_id}/shipment")
    async def collected(request: Request) -> Response:
        """Take how far an order is that is collected in a store."""
        body = await request.json()
        return await _carried_out(
            state, request, lambda order: _pickup(state, order, body), write=True
        )


async def _carried_out(
    state: State, request: Request, act: Act, *, write: bool = False
) -> Response:
    channel = request.path_params["channel"]
    if no := _refusal(state, channel, request):
        return no
    order = state.order(channel, request.path_params["order_id"])
    if order is None:
        return _error(404, "NotFound", "The order does not exist.")
    return await answered(
        state.faults.take(channel, write=write),
        act=lambda: act(order),
        throttled=lambda: _error(429, "QuotaExceeded", "You exceeded your quota."),
        refused=lambda: _error(400, "InvalidInput", "The sandbox was told to refuse."),
    )


def _seller(state: State, channel: str) -> ShopConfig | None:
    shop = state.config.shops.get(channel)
    return shop if shop is not None and shop.kind == "amazon" else None


def _refusal(state: State, channel: str, request: Request) -> Response | None:
    """The answer to a caller without a token of now; None for one who has it."""
    if _seller(state, channel) is None:
        return _error(404, "NotFound", "No such seller.")
    given = request.headers.get("x-amz-access-token", "")
    if not given or given != state.tokens.get(channel):
        return _error(403, "Unauthorized", "Access to requested resource is denied.")
    return None


def _search(state: State, channel: str, request: Request) -> Response:
    asked = request.query_params
    try:
        since = datetime.fromisoformat(asked["lastUpdatedAfter"])
        until = datetime.fromisoformat(asked["lastUpdatedBefore"])
        start = int(asked.get("paginationToken", "0"))
    except (KeyError, ValueError):
        return _error(400, "InvalidInput", "lastUpdatedAfter, lastUpdatedBefore or the token")
    if until > clock.now() - _LEAST_AGE or "createdAfter" in asked:
        return _error(400, "InvalidInput", "lastUpdatedBefore must be two minutes in the past")
    size = min(int(asked.get("maxResultsPerPage", _SIZE)), state.config.shops[channel].page_size)
    wanted = [each for each in state.orders(channel) if since <= each.updated_at <= until]
    wanted.sort(key=lambda order: order.updated_at)
    included = _listed(request, "includedData")
    page = wanted[start : start + size]
    answer: Json = {
        "orders": [documents.document(order, included) for order in page],
        "lastUpdatedBefore": asked["lastUpdatedBefore"],
    }
    if start + size < len(wanted):
        answer["pagination"] = {"nextToken": str(start + size)}
    return _right(state, "SearchOrdersResponse", answer)


def _confirm(state: State, order: ShopOrder, body: Json) -> Response:
    if faults := _faults(state, "ConfirmShipmentRequest", body):
        return _error(400, "InvalidInput", "; ".join(faults))
    package = body["packageDetail"]
    reference = str(package["packageReferenceId"])
    if not reference.isdecimal() or int(reference) < 1:
        return _error(400, "InvalidInput", "packageReferenceId must be a positive number")
    if package["carrierCode"] == "Other" and not package.get("carrierName"):
        return _error(400, "InvalidInput", "carrierName is required when carrierCode is Other")
    known = {each.id: each for each in documents.packages(order)}
    lines = {item["orderItemId"]: item["quantity"] for item in package["orderItems"]}
    for line_id, units in lines.items():
        line = order.line(line_id)
        before = known[reference].lines.get(line_id, 0) if reference in known else 0
        if line is None or not 0 < units <= line.left() + before:
            return _error(400, "InvalidInput", f"item {line_id}: not so many units are unshipped")
    if order.status == "cancelled" or order.by_marketplace:
        return _error(400, "InvalidInput", "the order cannot be confirmed")
    fresh = Received(
        id=reference,
        kind="shipped",
        at=clock.now(),
        lines=lines,
        tracking_number=package["trackingNumber"],
        carrier=package.get("carrierName") or package["carrierCode"],
    )
    order.received = [each for each in order.received if each.id != reference] + [fresh]
    if reference not in known:
        order.mails.append(f"Your package is on its way: {fresh.tracking_number}")
    for line in order.lines:
        line.sent = sum(each.lines.get(line.id, 0) for each in documents.packages(order))
    if not any(line.left() for line in order.lines):
        order.status = "completed"
    state.touched(order, Happened.UPDATED)
    return Response(status_code=204, headers=_RATE)


def _pickup(state: State, order: ShopOrder, body: Json) -> Response:
    if faults := _faults(state, "UpdateShipmentStatusRequest", body):
        return _error(400, "InvalidInput", "; ".join(faults))
    if order.delivery != "pickup":
        return _error(400, "InvalidInput", "the order is not collected in a store")
    collected = body["shipmentStatus"] == "PickedUp"
    kind = "collected" if collected else "ready"
    if not any(each.kind == kind for each in order.received):
        lines = {item["orderItemId"]: item["quantity"] for item in body.get("orderItems", ())}
        order.received.append(
            Received.model_validate({"id": kind, "kind": kind, "at": clock.now(), "lines": lines})
        )
    if collected:
        for line in order.lines:
            line.sent = line.quantity - line.removed
    order.status = "completed" if collected else "ready"
    state.touched(order, Happened.UPDATED)
    return Response(status_code=204, headers=_RATE)


def _listed(request: Request, name: str) -> list[str]:
    return request.query_params.get(name, "").split(",")


def _right(state: State, schema: str, answer: Json) -> Response:
    """An answer that keeps the official model; the stand-in itself is wrong if it does not."""
    folder = state.channel_schemas
    official = models(folder, ORDERS) if folder else None
    faults = official.faults(schema, json.loads(json.dumps(answer))) if official else []
    if faults:
        raise AssertionError(f"the sandbox breaks {schema}: {faults}")
    return JSONResponse(answer, headers=_RATE)


def _faults(state: State, schema: str, body: Json) -> list[str]:
    official = models(state.channel_schemas, V0) if state.channel_schemas else None
    return official.faults(schema, body) if official else []


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"errors": [{"code": code, "message": message, "details": ""}]}, status)
