"""An order's money over the API."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from oms.fulfilments import queries as fulfilments
from oms.payments import capturing
from tests.api.asking import Api, an_order, error_of, everything, routed
from tests.oms.shop import shipped


@pytest.fixture
def order_id(api: Api) -> str:
    """Two mugs for 25.00, placed at a till and not paid yet."""
    lines = [{"sku": "MUG", "quantity": 2, "unit_price_minor": 1_250}]
    placed: str = api.post("/v1/orders", an_order(lines=lines)).json()["order_id"]
    return placed


def send(order_id: str) -> None:
    parts = routed(order_id)
    with transaction() as session:
        for part in parts:
            shipped(session, fulfilments.locked(session, part))
        capturing.settle(session, UUID(order_id))


def money(api: Api, order_id: str) -> Any:
    return api.get(f"/v1/orders/{order_id}/payments").json()


def test_from_the_till_to_a_refund_that_is_paid_out(api: Api, order_id: str) -> None:
    cash = {"tender": "cash", "amount_minor": 2_500, "reference": "T1/1"}
    key = str(uuid4())
    assert money(api, order_id)["due_minor"] == 2_500
    for _ in range(2):
        taken = api.post(f"/v1/orders/{order_id}/payments", cash, once=key)
        assert taken.status_code == 201
    assert taken.json()["due_minor"] == 0
    [payment] = taken.json()["payments"]
    assert [entry["kind"] for entry in payment["entries"]] == ["authorise", "capture"]
    error_of(api.post(f"/v1/orders/{order_id}/payments", cash), 409, "conflict")
    send(order_id)
    [line] = api.get(f"/v1/orders/{order_id}").json()["lines"]
    body = {"lines": [{"line_id": line["id"], "units": 1}], "reason": "a crack"}
    refunded = api.post(f"/v1/orders/{order_id}/refunds", body).json()
    [refund] = refunded["refunds"]
    assert (refund["amount_minor"], refund["number"] >= 3_001) == (1_250, True)
    [repayment] = refund["repayments"]
    path = f"/v1/repayments/{repayment['id']}/pay"
    report = api.get("/v1/payments/reconciliation").json()
    assert [row["id"] for row in report["owed"]] == [repayment["id"]]
    assert api.post(path, {"reference": "T1/2"}).json()["status"] == "paid"
    error_of(api.post(path, {"reference": "T1/3"}), 409, "illegal_move")
    assert api.get("/v1/payments/reconciliation").json() == {"owed": [], "uncovered": []}


def test_a_day_is_exported_for_the_bookkeeping(api: Api, order_id: str) -> None:
    api.post(
        f"/v1/orders/{order_id}/payments",
        {"tender": "cash", "amount_minor": 1_000, "reference": "=1+1"},
    )
    send(order_id)
    today = datetime.now(UTC).date().isoformat()
    rows = api.get(f"/v1/payments/settlement?day={today}").json()
    assert [(row["kind"], row["amount_minor"]) for row in rows] == [
        ("authorise", 1_000),
        ("capture", 1_000),
    ]
    table = api.get(f"/v1/payments/settlement.csv?day={today}")
    assert table.headers["content-type"].startswith("text/csv")
    cells = table.text.splitlines()[1].split(",")
    assert (cells[6], cells[7], cells[8]) == ("10.00", "USD", "'=1+1")
    [row] = api.get("/v1/payments/reconciliation").json()["uncovered"]
    assert (row["channel"], row["due_minor"]) == ("till", 1_500)


def test_what_makes_no_sense_is_refused_and_changes_nothing(api: Api, order_id: str) -> None:
    send(order_id)
    [line] = api.get(f"/v1/orders/{order_id}").json()["lines"]
    one = {"line_id": line["id"], "units": 1}
    path = f"/v1/orders/{order_id}/refunds"
    before = everything()
    for body, status, code in (
        ({"lines": [one], "reason": "x"}, 409, "not_captured"),
        ({"lines": [one, one], "reason": "x"}, 422, "invalid"),
        ({"reason": "x"}, 422, "invalid"),
        ({"lines": [one | {"units": 3}], "reason": "x"}, 409, "refunded_before"),
        ({"lines": [one | {"line_id": str(uuid4())}], "reason": "x"}, 404, "not_found"),
        ({"lines": [one | {"units": 0}], "reason": "x"}, 422, "malformed_request"),
        ({"lines": [one]}, 422, "malformed_request"),
    ):
        error_of(api.post(path, body), status, code)
    error_of(api.post(path, {"lines": [one], "reason": "x"}, once=None), 422, "invalid")
    error_of(api.post(f"/v1/orders/{uuid4()}/refunds", {"reason": "x"}), 422, "invalid")
    error_of(api.post(f"/v1/repayments/{uuid4()}/pay", {"reference": "x"}), 404, "not_found")
    assert everything() == before


def test_money_has_scopes_of_its_own(api: Api, client: TestClient, order_id: str) -> None:
    with transaction() as session:
        others = [scope for scope in Scope if not scope.value.startswith("payments:")]
        key = enrolling.issue_key(session, name="no money", scopes=others)
        reader = enrolling.issue_key(session, name="reads", scopes=[Scope.PAYMENTS_READ])
    path = f"/v1/orders/{order_id}/payments"
    error_of(Api(client, key).get(path), 403, "forbidden")
    assert Api(client, reader).get(path).status_code == 200
    body = {"tender": "cash", "amount_minor": 1}
    error_of(Api(client, reader).post(path, body), 403, "forbidden")


def test_a_gift_card_is_sold_looked_up_and_spent(api: Api, order_id: str) -> None:
    key = str(uuid4())
    body = {"kind": "gift_card", "currency": "USD", "amount_minor": 2_000}
    sold = api.post("/v1/credits", body, once=key).json()
    again = api.post("/v1/credits", body, once=key).json()
    assert (again["id"], again["code"]) == (sold["id"], None)  # told once, and kept nowhere
    assert sold["code"].endswith(sold["ending"])
    assert not any(sold["code"] in str(rows) for rows in everything().values())
    look = api.post("/v1/credits/look", {"code": sold["code"]}, once=None).json()
    assert (look["balance_minor"], look["kind"]) == (2_000, "gift_card")
    path = f"/v1/orders/{order_id}/credit-payments"
    paying = {"code": sold["code"], "amount_minor": 2_000}
    refused = api.post(path, paying | {"amount_minor": 2_400})
    assert error_of(refused, 409, "not_enough_credit")["facts"] == {"balance_minor": 2_000}
    paid = api.post(path, paying)
    assert paid.status_code == 201, paid.text
    assert (paid.json()["due_minor"], paid.json()["payments"][0]["provider"]) == (500, "credit")
    renewed = api.post(f"/v1/credits/{sold['id']}/new-code").json()
    error_of(api.post("/v1/credits/look", {"code": sold["code"]}, once=None), 404, "not_found")
    assert renewed["code"] != sold["code"]
    cash = {"tender": "cash", "amount_minor": 500}
    api.post(f"/v1/orders/{order_id}/payments", cash)
    send(order_id)
    [line] = api.get(f"/v1/orders/{order_id}").json()["lines"]
    empty = api.post("/v1/credits", body | {"kind": "store_credit", "amount_minor": 0}).json()
    asked = {"lines": [{"line_id": line["id"], "units": 1}], "reason": "a crack"}
    refund = api.post(f"/v1/orders/{order_id}/refunds", asked | {"credit_id": empty["id"]})
    assert [part["credit_id"] for part in refund.json()["refunds"][0]["repayments"]] == [
        empty["id"], empty["id"],
    ]  # fmt: skip
    look = api.post("/v1/credits/look", {"code": empty["code"]}, once=None).json()
    assert look["balance_minor"] == 1_250
