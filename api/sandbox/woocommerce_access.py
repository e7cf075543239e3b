"""Who may call a WooCommerce shop's API, and how it says no."""

import base64
import secrets

from fastapi import Request
from starlette.responses import JSONResponse, Response

from api.sandbox.state import State


def refusal(state: State, channel: str, request: Request) -> Response | None:
    """The answer to a caller without the shop's key; None for one who has it."""
    shop = state.config.shops.get(channel)
    if shop is None or shop.kind != "woocommerce":
        return error("rest_no_route", "No route was found matching the URL.", 404)
    given = request.headers.get("authorization", "").removeprefix("Basic ")
    try:
        user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        user = password = ""
    right = secrets.compare_digest(user.encode(), shop.consumer_key.encode())
    if not (right and secrets.compare_digest(password.encode(), shop.consumer_secret.encode())):
        return error("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401)
    return None


def error(code: str, message: str, status: int) -> Response:
    """An error in WordPress's form."""
    return JSONResponse({"code": code, "message": message, "data": {"status": status}}, status)
