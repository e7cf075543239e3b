"""Returns over the API: each command once, each refusal with its rule."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from oms.returns import queries, receiving, settling
from oms.returns.models import Condition
from tests.api.asking import Api, error_of, everything
from tests.api.test_payments import order_id, send  # noqa: F401 - a fixture

CASH = {"tender": "cash", "amount_minor": 2_500, "reference": "T1/1"}


@pytest.fixture
def line(api: Api, order_id: str) -> dict[str, Any]:  # noqa: F811 - the fixture
    """Two mugs that were paid for and sent."""
    api.post(f"/v1/orders/{order_id}/payments", CASH)
    send(order_id)
    [found] = api.get(f"/v1/orders/{order_id}").json()["lines"]
    return {"order_id": order_id, "line_id": found["id"]}


def a_return(line: dict[str, Any], units: int = 1, **changes: Any) -> dict[str, Any]:
    lines = [{"line_id": line["line_id"], "units": units, "reason": "too small"}]
    return {"order_id": line["order_id"], "way": "store", "lines": lines} | changes


def test_from_asking_to_closing_each_command_once(api: Api, line: dict[str, Any]) -> None:
    key = str(uuid4())
    row = api.post("/v1/returns", a_return(line), once=key).json()
    assert api.post("/v1/returns", a_return(line), once=key).json() == row
    assert (row["status"], row["number"] >= 8_001, row["decision"]) == (
        "authorised", True, "rule: standard",
    )  # fmt: skip
    path = f"/v1/returns/{row['id']}"
    sent = api.post(f"{path}/sent", {"carrier": "UPS", "tracking_number": "1Z"}).json()
    assert (sent["status"], sent["version"]) == ("in_transit", 3)
    receipt = {"location": "S02", "goods": [{"sku": "MUG", "units": 1}], "version": 2}
    error_of(api.post(f"{path}/receipts", receipt), 409, "stale_version")
    came = api.post(f"{path}/receipts", receipt | {"version": 3}).json()
    [goods] = came["goods"]
    assert (goods["location"], goods["condition"], goods["disposition"]) == ("S02", None, None)
    inspect = f"{path}/goods/{goods['id']}/inspect"
    looked = api.post(inspect, {"condition": "opened", "photos": ["a.jpg"]}).json()
    assert (looked["status"], looked["goods"][0]["photos"]) == ("inspected", ["a.jpg"])
    dispose = f"{path}/goods/{goods['id']}/dispose"
    error_of(api.post(dispose, {"disposition": "transfer"}), 422, "invalid")
    done = api.post(dispose, {"disposition": "transfer", "to_location": "W01"}).json()
    assert done["goods"][0]["disposition"] == "transfer"
    with transaction() as session:
        settling.give_money_back(session, UUID(row["id"]))
        settling.close(session, UUID(row["id"]))
    assert api.get(path).json()["status"] == "closed"
    [listed] = api.get(f"/v1/returns?order_id={line['order_id']}").json()
    assert listed["refund_id"] is not None
    money = api.get(f"/v1/orders/{line['order_id']}/payments").json()
    assert [refund["amount_minor"] for refund in money["refunds"]] == [1_250]


def test_what_makes_no_sense_is_refused_and_changes_nothing(api: Api, line: dict[str, Any]) -> None:
    api.post("/v1/returns", a_return(line))
    before = everything()
    for body, status, code in (
        (a_return(line | {"line_id": str(uuid4())}), 404, "not_bought"),
        (a_return(line | {"order_id": str(uuid4())}), 404, "not_found"),
        (a_return(line, units=3), 409, "more_than_sent"),
        (a_return(line, units=2), 409, "returned_before"),
        (a_return(line, email="eve@example.com"), 403, "not_this_customer"),
        (a_return(line, email="eve"), 422, "malformed_request"),
        (a_return(line, units=0), 422, "malformed_request"),
        (a_return(line, lines=[]), 422, "malformed_request"),
        (a_return(line, way="pigeon"), 422, "malformed_request"),
    ):
        error_of(api.post("/v1/returns", body), status, code)
    error_of(api.post(f"/v1/returns/{uuid4()}/cancel"), 404, "not_found")
    assert everything() == before


def test_rules_are_published_in_versions_and_cited(api: Api, line: dict[str, Any]) -> None:
    final = {"rules": [{"name": "final sale", "sku": "MUG", "returnable": False}]}
    made = api.post("/v1/return-rules", {"rules": final, "note": "clearance"}).json()
    mistyped = {"rules": {"rules": [{"name": "x", "dayz": 1}]}, "note": "x"}
    error_of(api.post("/v1/return-rules", mistyped), 422, "malformed_request")
    twice = {"rules": [{"name": "x"}, {"name": "x"}]}
    error_of(api.post("/v1/return-rules", {"rules": twice, "note": "x"}), 422, "invalid")
    row = api.post("/v1/returns", a_return(line)).json()
    assert (row["status"], row["rules_version"]) == ("refused", made["version"])
    assert row["decision"] == "MUG cannot be returned (rule 'final sale')"
    path = f"/v1/returns/{row['id']}"
    receipt = {"location": "S02", "goods": [{"sku": "MUG", "units": 1}]}
    error_of(api.post(f"{path}/receipts", receipt), 409, "conflict")
    again = api.post(f"{path}/authorise", {"reason": "an old customer"}).json()
    assert again["status"] == "authorised"
    assert [one["version"] for one in api.get("/v1/return-rules").json()] == [made["version"]]


def test_returns_have_scopes_of_their_own(
    api: Api, client: TestClient, line: dict[str, Any]
) -> None:
    row = api.post("/v1/returns", a_return(line)).json()
    with transaction() as session:
        others = [scope for scope in Scope if not scope.value.startswith("returns:")]
        without = Api(client, enrolling.issue_key(session, name="none", scopes=others))
        scopes = [Scope.RETURNS_READ, Scope.RETURNS_WRITE]
        desk = Api(client, enrolling.issue_key(session, name="desk", scopes=scopes))
    path = f"/v1/returns/{row['id']}"
    error_of(without.get(path), 403, "forbidden")
    assert desk.get(path).status_code == 200
    error_of(desk.post(f"{path}/refuse", {"reason": "x"}), 403, "forbidden")
    rules = {"rules": {}, "note": "x"}
    error_of(desk.post("/v1/return-rules", rules), 403, "forbidden")


def test_other_goods_are_had_instead_and_go_on_when_they_are_paid(
    api: Api, line: dict[str, Any]
) -> None:
    row = api.post("/v1/returns", a_return(line)).json()
    path = f"/v1/returns/{row['id']}"
    assert (row["exchange"], row["exchange_order_id"]) == ("after_receipt", None)
    wanted = {"lines": [{"sku": "MUG", "units": 2}], "pickup_store": "S01"}
    error_of(api.post(f"{path}/exchange", wanted), 409, "no_exchange")
    api.post(f"{path}/receipts", {"location": "S02", "goods": [{"sku": "MUG", "units": 1}]})
    nothing = {"lines": [{"sku": "LAMP", "units": 9_999}], "pickup_store": "S01"}
    error_of(api.post(f"{path}/exchange", nothing), 409, "out_of_stock")
    key = str(uuid4())
    for _ in range(2):
        made = api.post(f"{path}/exchange", wanted, once=key)
        assert made.status_code == 201, made.text
    other = made.json()["exchange_order_id"]
    with transaction() as session:
        [goods] = queries.goods(session, UUID(row["id"]))
        receiving.inspect(
            session, UUID(row["id"]), goods.id, condition=Condition.AS_NEW, actor="anna"
        )
        settling.give_money_back(session, UUID(row["id"]))
    shown = api.get(f"/v1/orders/{other}").json()
    assert (shown["channel"], shown["status"]) == ("exchange", "held")
    due = api.get(f"/v1/orders/{other}/payments").json()["due_minor"]
    assert due == 1_250
    api.post(f"/v1/orders/{other}/payments", CASH | {"amount_minor": due})
    assert api.get(f"/v1/orders/{other}").json()["status"] != "held"


def test_a_customers_link_is_the_same_every_time(api: Api, line: dict[str, Any]) -> None:
    path = f"/v1/orders/{line['order_id']}/return-link"
    first, again = (api.post(path, once=None).json()["link"] for _ in range(2))
    assert first == again
    assert "/return/" in first
    error_of(api.post(f"/v1/orders/{uuid4()}/return-link", once=None), 404, "not_found")
    wants = a_return(line, label=True)
    error_of(api.post("/v1/returns", wants), 422, "invalid")  # a store takes no parcel
    row = api.post("/v1/returns", wants | {"way": "mail"}).json()
    assert row["wants_label"]
    error_of(api.get(f"/v1/returns/{row['id']}/label"), 404, "not_found")
