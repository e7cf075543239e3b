"""Turn new orders away when too many wait to be written, before they cost any work.

In a rush this is asked thousands of times a second, on the cores that write the orders before it:
so it stands outside everything else, reads no body, and has its answer ready.
"""

import json
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api import security
from api.errors import body_of, headers_of, status_of
from oms.errors import Busy

_WEBHOOKS, _ORDERS = "/v1/webhooks/", "/v1/orders"


def brings_orders(scope: Scope) -> bool:
    """Whether a request brings new orders: a writer of their own writes them many at once."""
    path: str = scope["path"]
    return scope["method"] == "POST" and (path == _ORDERS or path.startswith(_WEBHOOKS))


class TurningAway:
    """ASGI middleware that asks `room` before each new order."""

    def __init__(self, app: ASGIApp, *, room: Callable[[], bool]) -> None:
        self.app = app
        self.room = room
        busy = Busy("too many orders are waiting to be written")
        self.status = status_of(busy)
        self.body = json.dumps(body_of(busy), separators=(",", ":")).encode()
        given = headers_of(busy) | {
            "Content-Type": "application/json",
            "Content-Length": str(len(self.body)),
        }
        self.headers: Final = [
            *((name.lower().encode(), value.encode()) for name, value in given.items()),
            *security.HEADERS,
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, or answer 503 with `Retry-After`."""
        if scope["type"] != "http" or not brings_orders(scope) or self.room():
            await self.app(scope, receive, send)
            return
        named = (b"x-request-id", security.request_id(scope).encode())
        await send(
            {
                "type": "http.response.start",
                "status": self.status,
                "headers": [*self.headers, named],
            }
        )
        await send({"type": "http.response.body", "body": self.body})
