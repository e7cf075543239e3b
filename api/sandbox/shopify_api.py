"""Shopify's Admin API: one GraphQL endpoint a shop, held against the official schema if given."""

import re
from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.sandbox import shopify_fields, shopify_stock
from api.sandbox.faults import answered
from api.sandbox.shopify_call import Call, Json
from api.sandbox.state import State

_FIELDS: Final[dict[str, Callable[[Call], object]]] = {
    **shopify_fields.FIELDS,
    **shopify_stock.FIELDS,
}
_VERSION: Final = re.compile(r"20\d\d-(01|04|07|10)|unstable")


def router(state: State) -> APIRouter:
    """The endpoint of every Shopify shop."""
    routes = APIRouter()

    @routes.post("/{channel}/admin/api/{version}/graphql.json")
    async def graphql(channel: str, version: str, request: Request) -> Response:
        """Carry out one GraphQL operation."""
        shop = state.config.shops.get(channel)
        if shop is None or shop.kind != "shopify" or not _VERSION.fullmatch(version):
            return JSONResponse({"errors": "Not Found"}, 404)
        if request.headers.get("x-shopify-access-token") != shop.access_token:
            said = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return JSONResponse({"errors": said}, 401)
        call = Call(state, channel, await request.json())
        if faults := _faults(call):
            return JSONResponse({"errors": [{"message": fault} for fault in faults]})
        return await answered(
            state.faults.take(
                channel,
                write=call.root in shopify_fields.MUTATIONS | shopify_stock.MUTATIONS,
                on="stock" if call.root in shopify_stock.FIELDS else "orders",
            ),
            act=lambda: _shaped(call, _FIELDS[call.root](call)),
            throttled=_throttled,
            refused=lambda: _shaped(call, _REFUSAL),
        )

    return routes


def _faults(call: Call) -> list[str]:
    """What is wrong with the request."""
    if call.root not in _FIELDS:
        return [f"the sandbox does not know {call.root!r}"]
    if shopify_stock.lacks_key(call):
        return ["The @idempotent directive is required for this mutation but was not provided."]
    schema = call.state.schema
    return schema.faults(call.query, call.variables, call.operation) if schema else []


def _shaped(call: Call, payload: object) -> Response:
    data: Json = {call.root: payload}
    if call.state.schema is not None:
        data = call.state.schema.completed(call.query, call.variables, call.operation, data)
    return JSONResponse({"data": data})


def _throttled() -> Response:
    cost = {
        "requestedQueryCost": 30,
        "actualQueryCost": None,
        "throttleStatus": {
            "maximumAvailable": 2000.0,
            "currentlyAvailable": 10,
            "restoreRate": 10.0,
        },
    }
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    return JSONResponse({"errors": [error], "extensions": {"cost": cost}})


_ERROR: Final = {"field": ["input"], "message": "The sandbox was told to refuse."}
_REFUSAL: Final[Json] = {
    "inventoryAdjustmentGroup": None,
    "inventoryLevel": None,
    "fulfillment": None,
    "job": None,
    "refund": None,
    "userErrors": [{**_ERROR, "code": None}],
    "orderCancelUserErrors": [{**_ERROR, "code": "INVALID"}],
}
