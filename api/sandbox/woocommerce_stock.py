"""WooCommerce's products as far as an order desk keeps their stock."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.sandbox import stock
from api.sandbox.faults import answered
from api.sandbox.state import State
from api.sandbox.woocommerce_access import error, refusal

_MOST: Final = 100

Json = dict[str, Any]


def router(state: State) -> APIRouter:
    """The endpoints of every WooCommerce shop."""
    routes = APIRouter(prefix="/{channel}/wp-json/wc/v3/products")

    @routes.get("")
    async def products(channel: str, request: Request) -> Response:
        """Products and variations by SKU or id."""
        if no := refusal(state, channel, request):
            return no
        asked = request.query_params
        wanted = set(asked.get("sku", "").split(",")) if asked.get("sku") else None
        ids = set(asked.get("include", "").split(",")) if asked.get("include") else None
        found = [
            document
            for sku in stock.skus(state, channel)
            if (wanted is None or sku in wanted)
            for document in [_product(state, channel, sku)]
            if ids is None or str(document["id"]) in ids
        ]
        return await _with_faults(state, channel, JSONResponse(found[:_MOST]))

    @routes.put("/{number}")
    async def change(channel: str, number: int, request: Request) -> Response:
        """Change one product's stock."""
        if no := refusal(state, channel, request):
            return no
        changes = await request.json()
        return await answered(
            state.faults.take(channel, write=True, on="stock"),
            act=lambda: _one(_changed(state, channel, {**changes, "id": number}, parent=0)),
            throttled=_throttled,
            refused=_refused,
        )

    @routes.post("/batch")
    async def batch(channel: str, request: Request) -> Response:
        """Change many products' stock."""
        return await _batch(state, channel, request, parent=0)

    @routes.post("/{parent}/variations/batch")
    async def variations(channel: str, parent: int, request: Request) -> Response:
        """Change many variations' stock."""
        return await _batch(state, channel, request, parent=parent)

    return routes


async def _with_faults(state: State, channel: str, answer: Response) -> Response:
    return await answered(
        state.faults.take(channel, write=False, on="stock"),
        act=lambda: answer,
        throttled=_throttled,
        refused=_refused,
    )


async def _batch(state: State, channel: str, request: Request, *, parent: int) -> Response:
    if no := refusal(state, channel, request):
        return no
    wanted = (await request.json()).get("update") or []
    if len(wanted) > _MOST:
        return error("woocommerce_rest_request_entity_too_large", "Too many items.", 413)
    return await answered(
        state.faults.take(channel, write=True, on="stock"),
        act=lambda: JSONResponse(
            {"update": [_changed(state, channel, each, parent=parent) for each in wanted]}
        ),
        throttled=_throttled,
        refused=_refused,
    )


def _changed(state: State, channel: str, wanted: Json, *, parent: int) -> Json:
    number = int(wanted.get("id") or 0)
    sku = stock.sku_of(state, channel, number)
    if sku is None or _parent(state, channel, sku) != parent:
        fault = {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID."}
        return {"id": number, "error": {**fault, "data": {"status": 400}}}
    units = wanted.get("stock_quantity")
    if not isinstance(units, int):
        fault = {"code": "rest_invalid_param", "message": "Invalid parameter(s): stock_quantity"}
        return {"id": number, "error": {**fault, "data": {"status": 400}}}
    if wanted.get("manage_stock"):
        stock.put(state, channel, sku, units)
    return _product(state, channel, sku)


def _product(state: State, channel: str, sku: str) -> Json:
    units = stock.figure(state, channel, sku)
    parent = _parent(state, channel, sku)
    return {
        "id": stock.item_id(channel, sku),
        "type": "variation" if parent else "simple",
        "parent_id": parent,
        "sku": sku,
        "manage_stock": units is not None,
        "stock_quantity": units,
        "stock_status": "outofstock" if units == 0 else "instock",
    }


def _parent(state: State, channel: str, sku: str) -> int:
    found = stock.figures(state, channel, sku).get("")
    return found.parent if found else 0


def _one(document: Json) -> Response:
    if "error" in document:
        fault = document["error"]
        return error(fault["code"], fault["message"], fault["data"]["status"])
    return JSONResponse(document)


def _throttled() -> Response:
    return JSONResponse({}, 429, headers={"Retry-After": "2"})


def _refused() -> Response:
    return error("rest_invalid_param", "The sandbox was told to refuse.", 400)
