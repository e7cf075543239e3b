"""Every error has one shape; nothing that a caller sends makes a 500."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.errors import body_of, status_of
from oms.channels.base import BadSignature, TooLarge
from oms.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Locked,
    NotFound,
    OmsError,
    StaleVersion,
    Unauthenticated,
)
from oms.inventory.movements import InsufficientStock
from tests.api.asking import Api, an_order, error_of, everything
from tests.api.test_webhooks import cut_whoever_waits


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadSignature("x"), 401),
        (Unauthenticated("x"), 401),
        (Forbidden("x"), 403),
        (NotFound("x"), 404),
        (Conflict("x"), 409),
        (StaleVersion("x"), 409),
        (InsufficientStock("x"), 409),
        (TooLarge("x"), 413),
        (Invalid("x"), 422),
        (OmsError("x"), 422),
        (Locked("x"), 423),
    ],
)
def test_each_broken_rule_has_its_status(error: OmsError, status: int) -> None:
    assert status_of(error) == status
    assert body_of(error)["error"]["code"] == error.code


def test_a_path_or_method_that_is_not_there_is_told_in_the_same_shape(api: Api) -> None:
    assert error_of(api.get("/v1/nothing"), 404, "not_found")["field"] == "path"
    answer = api.client.put("/v1/orders")
    assert error_of(answer, 405, "method_not_allowed")["field"] == "method"
    assert answer.headers["Allow"] == "POST"


def test_an_error_of_ours_is_a_500_that_can_be_found_and_changes_nothing(api: Api) -> None:
    app = create_app()

    @app.get("/v1/broken")
    def broken() -> None:
        raise RuntimeError("a secret detail")

    client = TestClient(app, raise_server_exceptions=False)
    answer = client.get("/v1/broken", headers={"X-Request-Id": "req-0000-0001"})
    error = error_of(answer, 500, "internal_error")
    assert error["facts"] == {"request_id": "req-0000-0001"}
    assert "secret" not in answer.text


def test_a_connection_cut_in_the_middle_is_a_503_and_nothing_is_half_written(
    api: Api, live_database: str
) -> None:
    before = everything()
    with psycopg.connect(live_database) as blocker, ThreadPoolExecutor(1) as pool:
        blocker.execute("LOCK TABLE reservations IN ACCESS EXCLUSIVE MODE")
        asked = pool.submit(api.post, "/v1/orders", an_order(), once="key-00000001")
        cut_whoever_waits(live_database, asked)
        answer = asked.result()
        blocker.rollback()
    error_of(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "2"
    assert everything() == before
    assert api.post("/v1/orders", an_order(), once="key-00000001").status_code == 201


def test_a_sum_beyond_its_column_is_refused_and_is_no_fault_of_ours(
    api: Api, live_database: str
) -> None:
    with psycopg.connect(live_database) as connection:
        connection.execute("UPDATE stock_balances SET on_hand = 2147483647 WHERE sku = 'MUG'")
        connection.execute(
            "INSERT INTO stock_movements (sku, location_id, kind, on_hand_delta, reserved_delta,"
            " cause_type, actor, at) SELECT sku, location_id, 'count', 2147483642, 0, 'count',"
            " 'test', now() FROM stock_balances WHERE sku = 'MUG'"
        )
    before = everything()
    goods = {"sku": "MUG", "location": "S01", "units": 1}
    error = error_of(api.post("/v1/stock/receipts", goods), 422, "malformed_request")
    assert "out of range" in error["message"]
    assert everything() == before


def test_every_answer_has_the_browser_s_safety_headers(client: TestClient, api: Api) -> None:
    for path in ("/healthz", "/v1/exceptions", "/v1/nothing"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["Cache-Control"] == "no-store", path
        assert len(headers["X-Request-Id"]) == 32, path
    for odd in ("short", "x" * 65, "ünïcode-request"):
        answered = client.get("/healthz", headers={"X-Request-Id": odd.encode()})
        assert answered.headers["X-Request-Id"] != odd
