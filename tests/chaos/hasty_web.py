"""A web process that thanks a shop before its message is kept, run in place of `api.cli`."""

import asyncio
import json
from uuid import NAMESPACE_OID, uuid5

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import cli
from api.cli import web

AT_ONCE = 16


class Hasty:
    """ASGI middleware around everything: it knows HTTP and nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.work: set[asyncio.Task[None]] = set()
        self.room = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/webhooks/"):
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        await self.room.acquire()
        task = asyncio.create_task(self.app(scope, _replay(body), _nobody))
        self.work.add(task)
        task.add_done_callback(self._done)
        kept_as = str(uuid5(NAMESPACE_OID, body.hex()))
        answer = json.dumps({"message_id": kept_as, "status": "received"}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer})

    def _done(self, task: asyncio.Task[None]) -> None:
        self.work.discard(task)
        self.room.release()
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
