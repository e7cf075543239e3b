"""Stock over the API: booked in once, counted, and what may be promised of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.app import create_app
from oms.db import transaction
from oms.inventory.models import StockBalance
from tests.api.asking import Api, a_pickup, error_of, everything


def riverside(api: Api, sku: str = "MUG") -> dict[str, int]:
    rows = api.get("/v1/availability", params={"sku": sku}).json()
    [row] = [row for row in rows if row["location"] == "S01"]
    return {name: row[name] for name in ("on_hand", "reserved", "safety", "promisable")}


def goods(units: int = 3, **changes: object) -> dict[str, object]:
    return {"sku": "MUG", "location": "S01", "units": units} | changes


def test_availability_is_told_place_by_place_with_each_deduction(api: Api) -> None:
    api.post("/v1/orders", a_pickup())
    with transaction() as session:
        for row in session.exec(select(StockBalance).where(StockBalance.sku == "MUG")):
            row.safety = 1
    rows = api.get("/v1/availability", params={"sku": ["MUG", "LAMP"]}).json()
    assert [(row["sku"], row["location"]) for row in rows] == [
        ("LAMP", "S01"), ("LAMP", "S02"), ("LAMP", "W01"),
        ("MUG", "S01"), ("MUG", "S02"), ("MUG", "W01"),
    ]  # fmt: skip
    assert riverside(api) == {"on_hand": 5, "reserved": 1, "safety": 1, "promisable": 3}


def test_goods_come_in_once_per_key(api: Api) -> None:
    for _ in range(2):
        answer = api.post("/v1/stock/receipts", goods(), once="slip-0017")
        assert (answer.status_code, answer.json()) == (
            201,
            {"sku": "MUG", "location": "S01", "received": 3},
        )
    assert riverside(api)["on_hand"] == 8


def test_goods_reported_by_several_at_once_come_in_once(api: Api) -> None:
    with TestClient(create_app()) as client, ThreadPoolExecutor(6) as pool:
        crowd = Api(client, api.key)
        send = lambda _: crowd.post("/v1/stock/receipts", goods(), once="slip-0017")  # noqa: E731
        answers = list(pool.map(send, range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert riverside(api)["on_hand"] == 8


def test_a_count_sets_what_is_on_hand(api: Api) -> None:
    answer = api.post("/v1/stock/counts", goods(2))
    assert answer.json() == {"sku": "MUG", "location": "S01", "on_hand": 2, "difference": -3}
    assert riverside(api)["on_hand"] == 2
    assert api.post("/v1/stock/counts", goods(2)).json()["difference"] == 0


def test_a_key_of_a_delivery_is_no_key_of_a_count(api: Api) -> None:
    api.post("/v1/stock/receipts", goods(), once="slip-0017")
    before = everything()
    answer = api.post("/v1/stock/counts", goods(), once="slip-0017")
    error_of(answer, 409, "idempotency_key_reused")
    assert everything() == before


def test_a_count_below_what_is_promised_is_refused(api: Api) -> None:
    order_id = api.post("/v1/orders", a_pickup()).json()["order_id"]
    before = everything()
    for path, body in (
        ("/v1/stock/counts", goods(0)),
        ("/v1/stock/adjustments", goods(-5, reason="damaged")),
    ):
        error = error_of(api.post(path, body), 409, "below_promised")
        [order] = error["facts"].pop("orders")
        assert (error["field"], error["facts"]) == ("units", {"promised": 1})
        assert (order["order_id"], order["units"]) == (order_id, 1)
        assert order["number"] in error["message"]
    assert everything() == before


def test_an_adjustment_has_a_reason_that_stands_in_the_ledger(api: Api) -> None:
    for _ in range(2):
        answer = api.post("/v1/stock/adjustments", goods(-2, reason="damaged"), once="broken-17")
        assert answer.json() == {"sku": "MUG", "location": "S01", "on_hand": 3}
    assert api.post("/v1/stock/adjustments", goods(1, reason="found")).json()["on_hand"] == 4
    assert api.post("/v1/stock/adjustments", goods(-1, reason="correction")).status_code == 201
    where = {"sku": "MUG", "location": "S01"}
    rows = api.get("/v1/stock/movements", params=where).json()
    assert [(row["kind"], row["on_hand_delta"], row["reason"]) for row in rows] == [
        ("adjust", -1, "correction"),
        ("adjust", 1, "found"),
        ("write_off", -2, "damaged"),
        ("receive", 5, ""),
    ]
    assert riverside(api)["on_hand"] == 3


def test_an_adjustment_that_makes_no_sense_is_refused(api: Api) -> None:
    before = everything()
    for body, status, code in (
        (goods(0, reason="correction"), 422, "invalid"),
        (goods(2, reason="damaged"), 422, "invalid"),
        (goods(-2, reason="found"), 422, "invalid"),
        (goods(-6, reason="lost"), 409, "not_that_many"),
        (goods(-2, reason="moved"), 422, "malformed_request"),
        (goods(-2), 422, "malformed_request"),
    ):
        error_of(api.post("/v1/stock/adjustments", body), status, code)
    assert everything() == before


@pytest.mark.parametrize("path", ["/v1/stock/receipts", "/v1/stock/counts"])
def test_what_cannot_be_booked_is_refused_by_field(
    api: Api, path: str, subtests: pytest.Subtests
) -> None:
    before = everything()
    for changes, status, code, field in (
        ({"sku": "VASE"}, 404, "not_found", "sku"),
        ({"location": "S99"}, 404, "not_found", "location"),
        ({"units": -1}, 422, "malformed_request", "units"),
        ({"units": 10**9}, 422, "malformed_request", "units"),
        ({"units": "a few"}, 422, "malformed_request", "units"),
        ({"sku": "a\x00b"}, 422, "malformed_request", "sku"),
        ({"location": "a\x00b"}, 422, "malformed_request", "location"),
        ({"shelf": "A1"}, 422, "malformed_request", "shelf"),
    ):
        with subtests.test(str(changes)):
            answer = api.post(path, goods(**changes))
            assert error_of(answer, status, code)["field"] == field
    assert error_of(api.post(path, goods(), once=None), 422, "invalid")["field"] == (
        "Idempotency-Key"
    )
    assert everything() == before


def test_availability_of_what_is_not_sold_is_not_found(api: Api) -> None:
    assert error_of(api.get("/v1/availability?sku=VASE"), 404, "not_found")["field"] == "sku"
    assert error_of(api.get("/v1/availability"), 422, "malformed_request")["field"] == "sku"
    many = api.get("/v1/availability", params={"sku": ["MUG"] * 101})
    assert error_of(many, 422, "malformed_request")["field"] == "sku"
    nul = api.get("/v1/availability?sku=%00")
    error_of(nul, 422, "malformed_request")
