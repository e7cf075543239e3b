"""A WooCommerce site's webhooks in its REST API; the sandbox itself sends all the same."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.sandbox.state import State
from api.sandbox.woocommerce_access import error, refusal

Json = dict[str, Any]


def router(state: State) -> APIRouter:
    """The endpoints of every WooCommerce shop."""
    routes = APIRouter(prefix="/{channel}/wp-json/wc/v3/webhooks")

    @routes.get("")
    async def listed(channel: str, request: Request) -> Response:
        """All of them."""
        return refusal(state, channel, request) or JSONResponse(state.subscriptions[channel])

    @routes.post("")
    async def make(channel: str, request: Request) -> Response:
        """A new one; its secret is never shown again."""
        if no := refusal(state, channel, request):
            return no
        wanted: Json = await request.json()
        if not wanted.get("delivery_url") or not wanted.get("topic"):
            return error("woocommerce_rest_webhook_invalid_topic", "Topic or URL missing.", 400)
        wanted.pop("secret", None)
        made = {"id": len(state.subscriptions[channel]) + 1, **wanted}
        state.subscriptions[channel].append(made)
        return JSONResponse(made, 201)

    @routes.put("/{number}")
    async def change(channel: str, number: int, request: Request) -> Response:
        """Change one."""
        if no := refusal(state, channel, request):
            return no
        found = next((each for each in state.subscriptions[channel] if each["id"] == number), None)
        if found is None:
            return error("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.", 404)
        found.update(await request.json())
        return JSONResponse(found)

    return routes
