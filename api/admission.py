"""Let in only as many requests as the database has connections for; the others wait in order.

A request keeps its connection from its first query to its commit, also while it waits for a
thread. With more requests inside than connections, threads wait for connections whose holders
wait for threads, until both time out. Whoever waits outside holds nothing.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import body_of, headers_of, status_of
from api.turning_away import brings_orders
from oms.errors import Busy

# They touch no database, or stay open for hours.
_FREE = ("/healthz", "/static/", "/store/events")
_FULL = "too many requests are waiting already"


class Admission:
    """ASGI middleware with a queue before the door. Found again as `state.admission`."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        at_once: int,
        waiting: int,
    ) -> None:
        self.app = app
        self.inside = asyncio.Semaphore(at_once)
        self.most_waiting = waiting
        self.waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request when there is room, or say at once that there will be none soon."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["admission"] = self
        # New orders are written many at once; they ask for a place when they need one.
        if scope["path"].startswith(_FREE) or brings_orders(scope):
            await self.app(scope, receive, send)
            return
        if self._full():
            busy = Busy(_FULL)
            refusal = JSONResponse(
                body_of(busy), status_code=status_of(busy), headers=headers_of(busy)
            )
            await refusal(scope, receive, send)
            return
        async with self.place():
            await self.app(scope, receive, send)

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """One of the places inside, for as long as the block lasts. Raises `Busy`."""
        if self._full():
            raise Busy(_FULL)
        self.waiting += 1
        try:
            await self.inside.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self.inside.release()

    def _full(self) -> bool:
        return self.inside.locked() and self.waiting >= self.most_waiting
