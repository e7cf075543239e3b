"""Checkout holds over the API: kept once per key, and taken over by the order."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.asking import Api, an_order, error_of, everything


def a_basket(**changes: Any) -> dict[str, Any]:
    """Two mugs to be sent to New York."""
    return {
        "channel": "till",
        "currency": "USD",
        "lines": [{"sku": "MUG", "quantity": 2}],
        "destination": {"country": "US", "postcode": "10002", "latitude": 40.7, "longitude": -74.0},
    } | changes


def reserved(api: Api) -> dict[str, int]:
    rows = api.get("/v1/availability", params={"sku": "MUG"}).json()
    return {row["location"]: row["reserved"] for row in rows if row["reserved"]}


def two_mugs(**changes: Any) -> dict[str, Any]:
    lines = [{"sku": "MUG", "quantity": 2, "unit_price_minor": 1_250}]
    return an_order(lines=lines) | changes


def test_a_basket_is_kept_once_per_key_and_becomes_an_order(api: Api) -> None:
    answers = [api.post("/v1/holds", a_basket(), once="basket-01") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    hold = answers[0].json()
    assert hold == answers[1].json()
    assert hold["lines"] == [{"sku": "MUG", "quantity": 2, "location": "S01"}]
    assert (hold["status"], hold["order_id"]) == ("open", None)
    assert reserved(api) == {"S01": 2}
    placed = api.post("/v1/orders", two_mugs(hold_id=hold["hold_id"])).json()
    assert placed["status"] == "captured"
    assert reserved(api) == {"S01": 2}
    after = api.get(f"/v1/holds/{hold['hold_id']}").json()
    assert (after["status"], after["order_id"]) == ("converted", placed["order_id"])
    error = error_of(api.post("/v1/orders", two_mugs(hold_id=hold["hold_id"])), 409, "conflict")
    assert (error["field"], error["facts"]) == ("hold_id", {"order_id": placed["order_id"]})


def test_a_hold_is_extended_and_released(api: Api) -> None:
    hold = api.post("/v1/holds", a_basket(minutes=5)).json()
    path = f"/v1/holds/{hold['hold_id']}"
    longer = api.post(f"{path}/extend", {"minutes": 30}).json()
    assert longer["expires_at"] > hold["expires_at"]
    error_of(api.post(f"{path}/extend", {"minutes": 121}), 422, "invalid")
    assert api.post(f"{path}/release").json()["status"] == "released"
    assert reserved(api) == {}
    error_of(api.post(f"{path}/release"), 409, "illegal_move")
    error_of(api.post(f"{path}/extend", {}), 409, "hold_ended")
    placed = api.post("/v1/orders", two_mugs(hold_id=hold["hold_id"])).json()
    assert placed["status"] == "captured"


def test_one_key_sent_by_several_at_once_keeps_one_basket(api: Api) -> None:
    with TestClient(create_app()) as client, ThreadPoolExecutor(5) as pool:
        crowd = Api(client, api.key)
        send = lambda _: crowd.post("/v1/holds", a_basket(), once="basket-01")  # noqa: E731
        answers = list(pool.map(send, range(5)))
    assert {answer.json()["hold_id"] for answer in answers} == {answers[0].json()["hold_id"]}
    assert reserved(api) == {"S01": 2}


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"destination": None}, 422, "malformed_request", "destination"),
        ({"delivery": "pickup"}, 422, "malformed_request", "pickup_store"),
        ({"delivery": "pickup", "pickup_store": "S99"}, 404, "unknown_store", "pickup_store"),
        ({"lines": []}, 422, "malformed_request", "lines"),
        ({"lines": [{"sku": "VASE", "quantity": 1}]}, 404, "unknown_sku", "lines.sku"),
        ({"lines": [{"sku": "MUG", "quantity": 99}]}, 409, "out_of_stock", "lines.quantity"),
        ({"minutes": 0}, 422, "malformed_request", "minutes"),
        ({"minutes": 500}, 422, "invalid", "minutes"),
        ({"currency": "EUR"}, 404, "not_found", "currency"),
        ({"channel": ""}, 422, "malformed_request", "channel"),
    ],
)
def test_a_basket_that_cannot_be_kept_is_refused_by_field(
    api: Api, changes: dict[str, Any], status: int, code: str, field: str
) -> None:
    before = everything()
    answer = api.post("/v1/holds", a_basket(**changes))
    assert error_of(answer, status, code)["field"] == field
    assert everything() == before


def test_a_hold_of_somebody_else_or_none_is_refused(api: Api) -> None:
    other = api.post("/v1/holds", a_basket(channel="phone")).json()["hold_id"]
    error = error_of(api.post("/v1/orders", two_mugs(hold_id=other)), 409, "conflict")
    assert error["field"] == "hold_id"
    error_of(api.post("/v1/orders", two_mugs(hold_id=str(uuid4()))), 404, "not_found")
    error_of(api.get(f"/v1/holds/{uuid4()}"), 404, "not_found")
