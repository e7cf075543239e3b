"""Let in only as many requests as the database has connections for; the others wait in order.

A request keeps its connection from its first query to its commit, also while it waits for a
thread. With more requests inside than connections, threads wait for connections whose holders
wait for threads, until both time out. Whoever waits outside holds nothing.
"""

import asyncio

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# They touch no database, or they stay open for hours.
_FREE = ("/healthz", "/static/", "/store/events")
_RETRY_AFTER_S = 2


class Admission:
    """ASGI middleware with a queue before the door."""

    def __init__(self, app: ASGIApp, *, at_once: int, waiting: int) -> None:
        self.app = app
        self.inside = asyncio.Semaphore(at_once)
        self.most_waiting = waiting
        self.waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request when there is room, or say at once that there will be none soon."""
        if scope["type"] != "http" or scope["path"].startswith(_FREE):
            await self.app(scope, receive, send)
            return
        if self.inside.locked() and self.waiting >= self.most_waiting:
            await _refusal()(scope, receive, send)
            return
        self.waiting += 1
        try:
            await self.inside.acquire()
        finally:
            self.waiting -= 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.inside.release()


def _refusal() -> JSONResponse:
    return JSONResponse(
        {
            "error": {
                "code": "busy",
                "message": "too many requests are waiting already; nothing was changed",
                "field": None,
                "remedy": f"send the same request again in {_RETRY_AFTER_S} seconds",
                "facts": {},
            }
        },
        status_code=503,
        headers={"Retry-After": str(_RETRY_AFTER_S)},
    )
