"""What stands before the application: the queue for its places, and the limit of a body."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from api.admission import Admission
from api.bodies import WholeBody
from api.turning_away import TurningAway
from tests.api.asking import Api, error_of
from tests.oms.shop import Shop


class Room:
    """An application that holds its guests until it is told to let them go."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.go = asyncio.Event()
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.bodies.append((await receive()).get("body", b""))
        try:
            await self.go.wait()
            if scope["path"] == "/broken":
                raise RuntimeError("broken")
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"done"})
        finally:
            self.inside -= 1


Asked = Callable[..., Awaitable[list[Message]]]


def asking(app: Any) -> Asked:
    """Ask an ASGI application; the messages that it answers with."""

    async def ask(
        path: str = "/v1/x", *parts: bytes, never_ends: bool = False, method: str = "POST"
    ) -> list[Message]:
        waiting = list(parts or (b"",))
        answered: list[Message] = []

        async def receive() -> Message:
            if not waiting:
                await asyncio.Event().wait()  # the rest of the body, or the end, never comes
            more = never_ends or len(waiting) > 1
            return {"type": "http.request", "body": waiting.pop(0), "more_body": more}

        async def send(message: Message) -> None:
            answered.append(message)

        scope = {"type": "http", "path": path, "method": method, "headers": []}
        await app(scope, receive, send)
        return answered

    return ask


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_only_so_many_are_inside_and_the_others_wait_in_order() -> None:
    async def story() -> None:
        room = Room()
        ask = asking(Admission(room, at_once=2, waiting=10))
        guests = [asyncio.create_task(ask()) for _ in range(6)]
        await settle()
        assert room.inside == 2
        room.go.set()
        answers = await asyncio.gather(*guests)
        assert [answer[0]["status"] for answer in answers] == [200] * 6
        assert room.most == 2

    asyncio.run(story())


@pytest.mark.parametrize("waiting", [0, 1])
def test_who_finds_the_queue_full_is_told_to_come_back(waiting: int) -> None:
    async def story() -> None:
        room = Room()
        ask = asking(Admission(room, at_once=1, waiting=waiting))
        guests = [asyncio.create_task(ask()) for _ in range(1 + waiting)]
        await settle()
        assert room.inside == 1
        refusal = await ask()
        assert refusal[0]["status"] == 503
        assert (b"retry-after", b"2") in refusal[0]["headers"]
        assert b'"code":"busy"' in refusal[1]["body"]
        room.go.set()
        assert [answer[0]["status"] for answer in await asyncio.gather(*guests)] == [200] * (
            1 + waiting
        )

    asyncio.run(story())


def test_a_place_is_given_back_by_who_fails_and_by_who_gives_up() -> None:
    async def story() -> None:
        room = Room()
        ask = asking(Admission(room, at_once=1, waiting=10))
        first, second = asyncio.create_task(ask("/broken")), asyncio.create_task(ask())
        third = asyncio.create_task(ask())
        await settle()
        second.cancel()
        room.go.set()
        with pytest.raises(RuntimeError):
            await first
        assert (await third)[0]["status"] == 200
        assert (await ask())[0]["status"] == 200

    asyncio.run(story())


def test_what_needs_no_database_does_not_wait() -> None:
    async def story() -> None:
        room = Room()
        ask = asking(Admission(room, at_once=1, waiting=0))
        guests = [asyncio.create_task(ask(path)) for path in ("/v1/x", "/healthz", "/static/a.js")]
        await settle()
        assert room.inside == 3
        room.go.set()
        await asyncio.gather(*guests)

    asyncio.run(story())


def test_who_takes_long_over_a_body_keeps_nobody_waiting() -> None:
    async def story() -> None:
        room = Room()
        room.go.set()
        ask = asking(WholeBody(Admission(room, at_once=1, waiting=0), most_bytes=100))
        slow = asyncio.create_task(ask("/v1/x", b"the first half", never_ends=True))
        await settle()
        assert (await ask("/v1/x", b"a", b"b", b"c"))[0]["status"] == 200
        assert room.bodies == [b"abc"]
        slow.cancel()

    asyncio.run(story())


def test_a_body_is_refused_as_soon_as_it_is_too_long() -> None:
    async def story() -> None:
        room = Room()
        ask = asking(WholeBody(room, most_bytes=10))
        refusal = await ask("/v1/x", b"123456", b"123456", never_ends=True)
        assert refusal[0]["status"] == 413
        assert b'"code":"body_too_large"' in refusal[1]["body"]
        assert room.bodies == []

    asyncio.run(story())


def test_whoever_goes_away_while_sending_is_not_served() -> None:
    async def story() -> None:
        room = Room()

        async def gone() -> Message:
            return {"type": "http.disconnect"}

        async def nobody(_: Message) -> None:
            raise AssertionError("nobody is there to be answered")

        await WholeBody(room, most_bytes=10)({"type": "http", "path": "/"}, gone, nobody)
        assert room.bodies == []

    asyncio.run(story())


def test_a_large_body_is_refused_before_its_sender_is_known(client: TestClient, shop: Shop) -> None:
    answer = client.post("/v1/orders", content=b"[" + b" " * 2_000_000 + b"]")
    assert error_of(answer, 413, "body_too_large")["field"] == "body"


def test_an_ordinary_body_arrives_whole(api: Api) -> None:
    goods = {"sku": "MUG", "location": "S01", "units": 1}
    assert api.post("/v1/stock/receipts", goods).status_code == 201


def test_new_orders_are_turned_away_before_their_body_is_read_and_reading_orders_is_not() -> None:
    async def story() -> None:
        room = Room()
        room.go.set()
        full = asking(TurningAway(room, room=lambda: False))
        start, body = await full("/v1/orders", never_ends=True)
        assert (start["status"], room.bodies) == (503, [])
        assert b'"code":"busy"' in body["body"]
        headers = dict(start["headers"])
        assert headers[b"retry-after"] == b"2"
        assert headers[b"content-length"] == str(len(body["body"])).encode()
        assert len(headers[b"x-request-id"]) == 32
        assert (await full("/v1/webhooks/shop"))[0]["status"] == 503
        assert (await full("/v1/orders", method="GET"))[0]["status"] == 200
        assert (await full("/v1/orders/7/cancel"))[0]["status"] == 200
        free = asking(TurningAway(room, room=lambda: True))
        assert (await free("/v1/orders"))[0]["status"] == 200

    asyncio.run(story())
