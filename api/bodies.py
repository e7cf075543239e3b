"""Read a request's body whole, up to a limit, before anything else looks at the request.

A body is read before its sender is known, so its size must not be the sender's choice; and a
sender who takes minutes over it must not keep a place that others wait for.
"""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import body_of, status_of
from oms.channels.base import TooLarge

_STREAMED = "/v1/imports"
"""Takes files that do not fit into memory; it asks who is there before it reads."""


class WholeBody:
    """ASGI middleware that hands on requests with their bodies in memory, or refuses with 413."""

    def __init__(self, app: ASGIApp, *, most_bytes: int) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] == _STREAMED:
            await self.app(scope, receive, send)
            return
        try:
            body = await self._read(receive)
        except TooLarge as error:
            refusal = JSONResponse(body_of(error), status_code=status_of(error))
            await refusal(scope, receive, send)
            return
        if body is None:
            return
        handed_on = False

        async def replay() -> Message:
            nonlocal handed_on
            if handed_on:
                return await receive()
            handed_on = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, replay, send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The body; None if the sender went away. It is counted, for its length header may lie."""
        chunks: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self.most_bytes:
                raise TooLarge(
                    f"the body is larger than {self.most_bytes} bytes",
                    field="body",
                    remedy="send less at once",
                )
            more = message.get("more_body", False)
        return b"".join(chunks)
