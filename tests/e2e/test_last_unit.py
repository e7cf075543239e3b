"""Two buyers of the last unit, over HTTP, against two web processes at once."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text
from sqlmodel import Session
from standardwebhooks import Webhook

from api.stack.ports import free_port
from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from tests import builders
from tests.channel_settings import CHANNELS

UNITS, BUYERS = 50, 200
ROOT = Path(__file__).parents[2]


@pytest.fixture
def doors(live_database: str, tmp_path: Path) -> Iterator[list[str]]:
    """Two web processes on one database in which fifty mugs lie in three stores."""
    with transaction() as session:
        builders.a_tariff(session)
        builders.a_product(session, "MUG")
        for code, units in (("S01", 20), ("S02", 20), ("S03", UNITS - 40)):
            builders.stock(session, builders.a_store(session, code), MUG=units)
    urls, processes = [], []
    for number in (1, 2):
        port = free_port()
        with (tmp_path / f"web-{number}.log").open("wb") as log:
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "api.cli", "api", "--port", str(port)],
                    cwd=ROOT,
                    env={**os.environ, "DATABASE_URL": live_database},
                    stdout=log,
                    stderr=log,
                )
            )
        urls.append(f"http://127.0.0.1:{port}")
    try:
        for url in urls:
            _await(url)
        yield urls
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=15)


def _await(url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx2.get(f"{url}/healthz", trust_env=False).status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def rush(
    doors: list[str], path: str, request: Callable[[int], tuple[bytes, dict[str, str]]]
) -> list[httpx2.Response]:
    """All buyers at once, spread over the doors."""

    async def buy() -> list[httpx2.Response]:
        limits = httpx2.Limits(max_connections=BUYERS)
        async with httpx2.AsyncClient(timeout=60, limits=limits, trust_env=False) as client:

            async def one(number: int) -> httpx2.Response:
                body, headers = request(number)
                url = doors[number % len(doors)] + path
                headers["Content-Type"] = "application/json"
                return await client.post(url, content=body, headers=headers)

            return list(await asyncio.gather(*(one(number) for number in range(BUYERS))))

    return asyncio.run(buy())


def reserved(session: Session) -> int:
    return int(session.execute(text("SELECT sum(reserved) FROM stock_balances")).scalar_one())


def test_two_hundred_buyers_of_fifty_units_get_exactly_fifty(doors: list[str]) -> None:
    with transaction() as session:
        key = enrolling.issue_key(session, name="till", scopes=[Scope.ORDERS_WRITE])
    body = json.dumps(
        {
            "source": "till",
            "delivery": "ship",
            "customer_name": "Ada Example",
            "address": {
                "name": "Ada Example",
                "street": "5 Main Street",
                "city": "New York",
                "postcode": "10002",
                "country": "US",
                "latitude": 40.71,
                "longitude": -74.0,
            },
            "currency": "USD",
            "lines": [{"sku": "MUG", "quantity": 1, "unit_price_minor": 1250}],
            "when_out_of_stock": "refuse",
        }
    ).encode()
    answers = rush(
        doors,
        "/v1/orders",
        lambda _: (body, {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid4())}),
    )
    assert Counter(answer.status_code for answer in answers) == {201: UNITS, 409: BUYERS - UNITS}
    refusals = [answer.json()["error"] for answer in answers if answer.status_code == 409]
    assert {one["code"] for one in refusals} == {"out_of_stock"}
    assert all(one["field"] and one["remedy"] for one in refusals)
    with transaction() as session:
        assert reserved(session) == UNITS


def test_two_hundred_signed_webhooks_for_fifty_units_promise_exactly_fifty(
    doors: list[str],
) -> None:
    signer = Webhook(CHANNELS["reference"]["secrets"][0])  # type: ignore[index]
    now = datetime.now(UTC)

    def request(number: int) -> tuple[bytes, dict[str, str]]:
        document = {
            "type": "order.created",
            "timestamp": now.isoformat(),
            "data": {
                "id": f"WEB-{number}",
                "number": str(number),
                "placed_at": now.isoformat(),
                "updated_at": now.isoformat(),
                "currency": "USD",
                "total": "12.50",
                "payment": "paid",
                "customer": {"name": "Ada Example", "email": f"ada{number}@example.com"},
                "delivery": {
                    "method": "ship",
                    "address": {
                        "name": "Ada Example",
                        "street": "5 Main Street",
                        "city": "New York",
                        "postcode": "10002",
                        "country": "US",
                        "latitude": 40.71,
                        "longitude": -74.0,
                    },
                },
                "lines": [{"id": "1", "sku": "MUG", "quantity": 1, "unit_price": "12.50"}],
            },
        }
        body = json.dumps(document)
        message_id = str(uuid4())
        return body.encode(), {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signer.sign(message_id, now, body),
        }

    answers = rush(doors, "/v1/webhooks/reference", request)
    assert Counter(answer.status_code for answer in answers) == {200: BUYERS}
    assert Counter(answer.json()["status"] for answer in answers) == {"applied": BUYERS}
    with transaction() as session:
        counted = session.execute(text("SELECT status, count(*) FROM orders GROUP BY status"))
        states = {row[0]: row[1] for row in counted}
        assert states == {"captured": UNITS, "backordered": BUYERS - UNITS}
        assert reserved(session) == UNITS
