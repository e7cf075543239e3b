"""Ask the API as a program does, and read its answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from httpx2 import Response

from oms.db import transaction
from oms.orders.models import Order
from oms.sourcing import routing_orders
from tests.builders import contents

ADDRESS = {
    "name": "Ada Example",
    "street": "5 Main Street",
    "city": "New York",
    "postcode": "10002",
    "country": "US",
    "latitude": 40.71,
    "longitude": -74.0,
}


@dataclass(frozen=True, slots=True)
class Api:
    """A caller with a key. Commands carry a fresh idempotency key unless one is given."""

    client: TestClient
    key: str

    def get(self, path: str, **options: Any) -> Response:
        """Read."""
        return self.client.get(path, headers={"Authorization": f"Bearer {self.key}"}, **options)

    def post(self, path: str, body: Any = None, *, once: str | None = "fresh") -> Response:
        """Command."""
        headers = {"Authorization": f"Bearer {self.key}"}
        if once is not None:
            headers["Idempotency-Key"] = str(uuid4()) if once == "fresh" else once
        # Escaped, so that half a surrogate pair can be sent as well.
        content = None if body is None else json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
        return self.client.post(path, content=content, headers=headers)

    def delete(self, path: str) -> Response:
        """Undo."""
        return self.client.delete(path, headers={"Authorization": f"Bearer {self.key}"})


def an_order(**changes: Any) -> dict[str, Any]:
    """The body of an order for a mug, sent to New York."""
    body: dict[str, Any] = {
        "source": "till",
        "delivery": "ship",
        "customer_name": "Ada Example",
        "customer_email": "ada@example.com",
        "address": ADDRESS,
        "currency": "USD",
        "lines": [{"sku": "MUG", "quantity": 1, "unit_price_minor": 1_250}],
    }
    return body | changes


def a_pickup(**changes: Any) -> dict[str, Any]:
    """The body of an order for a mug, to be collected at Riverside."""
    body = an_order(delivery="pickup", pickup_store="S01") | changes
    return {key: value for key, value in body.items() if key != "address"}


def error_of(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The error of an answer. Every error says what, why, and the way out, in one shape."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"error"}, body
    error: dict[str, Any] = body["error"]
    assert set(error) == {"code", "message", "field", "remedy", "facts"}
    assert error["code"] == code, error
    assert error["message"]
    assert error["remedy"], error
    return error


def everything() -> Mapping[str, list[str]]:
    """Every row of every table, but for what a mere question may note."""
    with transaction() as session:
        rows = contents(session)
    return {table: found for table, found in rows.items() if table != "service_keys"}


def routed(order_id: str) -> list[UUID]:
    """Route an order as its workflow would; the fulfilments made."""
    made = routing_orders.route(UUID(order_id), actor="system")
    assert made is not None
    return list(made.fulfilment_ids)


def stored(order_id: str) -> Order:
    """An order as it is in the database now."""
    with transaction() as session:
        return session.get_one(Order, UUID(order_id))
