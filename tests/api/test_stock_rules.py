"""Rules, supply, damaged goods, counts wanted and releases over the API."""

from typing import Any

import pytest
from sqlmodel import select

from api.schemas.stock import AvailabilityOut
from oms.db import transaction
from oms.inventory.models import StockBalance
from tests.api.asking import Api, a_pickup, an_order, error_of, everything, routed

FRIDAY = "2030-03-01T00:00:00Z"


def there(api: Api, location: str = "S01", **asked: str) -> dict[str, Any]:
    rows = api.get("/v1/availability", params={"sku": "MUG", **asked}).json()
    [row] = [row for row in rows if row["location"] == location]
    assert set(row) == set(AvailabilityOut.model_fields)
    return dict(row)


def a_rule(**changes: Any) -> dict[str, Any]:
    return {"kind": "safety", "units": 2} | changes


def test_a_rule_is_set_once_per_key_shown_and_ended(api: Api) -> None:
    body = a_rule(sku="MUG", location="S01", note="wrong counts")
    answers = [api.post("/v1/stock/rules", body, once="rule-0001") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    rule = answers[0].json()
    assert (rule["sku"], rule["location"], rule["units"]) == ("MUG", "S01", 2)
    assert rule == answers[1].json()
    assert api.get("/v1/stock/rules").json() == [rule]
    assert (there(api)["rule_safety"], there(api)["promisable"]) == (2, 3)
    path = f"/v1/stock/rules/{rule['id']}/end"
    assert api.post(path, {"because": "counted"}).json()["ended_because"] == "counted"
    assert api.get("/v1/stock/rules").json() == []
    [ended] = api.get("/v1/stock/rules", params={"history": True, "sku": "MUG"}).json()
    assert ended["ended_by"] == "service:everything"
    error_of(api.post(path, {"because": "again"}), 409, "conflict")


def test_channels_see_what_they_may_promise(api: Api) -> None:
    fence = a_rule(
        kind="allotment", sku="MUG", location="S01", channel="web", units=3, until=FRIDAY
    )
    api.post("/v1/stock/rules", fence)
    api.post("/v1/stock/rules", a_rule(kind="buffer", channel="web", units=1))
    assert there(api)["promisable"] == 2
    assert (there(api, channel="web")["promisable"], there(api, channel="web")["buffer"]) == (4, 1)
    assert there(api, channel="till")["ring_fenced"] == 3
    order = an_order(
        lines=[{"sku": "MUG", "quantity": 3, "unit_price_minor": 1}],
        delivery="pickup", pickup_store="S01", address=None,
    )  # fmt: skip
    del order["address"]
    error_of(api.post("/v1/orders", order), 409, "out_of_stock")


def test_why_so_much_may_be_promised_is_told_rule_by_rule(api: Api) -> None:
    api.post("/v1/orders", a_pickup())
    rule = api.post("/v1/stock/rules", a_rule(category="", sku="MUG", note="walk-ins"))
    error_of(rule, 422, "malformed_request")
    rule_id = api.post("/v1/stock/rules", a_rule(sku="MUG", note="walk-ins")).json()["id"]
    api.post("/v1/supplies", a_supply())
    answer = api.get(
        "/v1/availability/MUG/explanation", params={"location": "S01", "channel": "web"}
    )
    assert answer.json() == [
        {
            "sku": "MUG",
            "location": "S01",
            "channel": "web",
            "on_hand": 5,
            "deductions": [
                {"what": "orders", "units": 1, "why": "held for orders", "rule_id": None,
                 "until": None},
                {"what": "safety by rule", "units": 2, "why": "2 for MUG: walk-ins",
                 "rule_id": rule_id, "until": None},
            ],
            "promisable": 2,
            "incoming": [
                {"expected_at": FRIDAY, "units": 4, "document": "PO-1", "in_transit": False}
            ],
        }
    ]  # fmt: skip
    assert there(api)["incoming"] == answer.json()[0]["incoming"]
    assert len(api.get("/v1/availability/MUG/explanation").json()) == 3
    error_of(api.get("/v1/availability/VASE/explanation"), 404, "not_found")


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"sku": "VASE"}, 404, "not_found", "sku"),
        ({"location": "S99"}, 404, "not_found", "location"),
        ({"units": -1}, 422, "malformed_request", "units"),
        ({"kind": "wish"}, 422, "malformed_request", "kind"),
        ({"kind": "buffer"}, 422, "invalid", "channel"),
        ({"sku": "MUG", "category": "cups"}, 422, "invalid", "category"),
        ({"until": "2020-01-01T00:00:00Z"}, 422, "invalid", "until"),
        ({"until": "2030-01-01T00:00:00"}, 422, "malformed_request", "until"),
        ({"kind": "allotment", "channel": "web"}, 422, "invalid", "sku"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_field(
    api: Api, changes: dict[str, Any], status: int, code: str, field: str
) -> None:
    before = everything()
    answer = api.post("/v1/stock/rules", a_rule(**changes))
    assert error_of(answer, status, code)["field"] == field
    assert everything() == before


def a_supply(**changes: Any) -> dict[str, Any]:
    return {
        "document": "PO-1", "sku": "MUG", "location": "S01", "units": 4, "expected_at": FRIDAY,
    } | changes  # fmt: skip


def test_supply_is_announced_received_in_parts_and_given_up(api: Api) -> None:
    supply = api.post("/v1/supplies", a_supply()).json()
    assert (supply["status"], supply["outstanding"], supply["location"]) == ("incoming", 4, "S01")
    path = f"/v1/supplies/{supply['id']}"
    for _ in range(2):
        part = api.post(f"{path}/receipts", {"units": 3, "damaged": 1}, once="slip-0001").json()
    assert (part["received"], part["outstanding"]) == (3, 1)
    assert (there(api)["on_hand"], there(api)["damaged"]) == (8, 1)
    assert [row["outstanding"] for row in api.get("/v1/supplies?location=S01").json()] == [1]
    error = error_of(api.post(f"{path}/receipts", {"units": 2}), 409, "conflict")
    assert error["facts"] == {"outstanding": 1}
    assert api.post(f"{path}/close").json()["status"] == "closed"
    assert api.get("/v1/supplies?sku=MUG").json() == []
    error_of(api.post(f"{path}/close"), 409, "illegal_move")


def test_a_transfer_is_in_transit_until_it_is_received(api: Api) -> None:
    body = {
        "document": "TR-1", "sku": "MUG", "from_location": "W01", "to_location": "S01",
        "units": 2, "expected_at": FRIDAY,
    }  # fmt: skip
    moved = api.post("/v1/supplies/transfers", body).json()
    assert (moved["status"], moved["from_location"], moved["kind"]) == (
        "in_transit", "W01", "transfer",
    )  # fmt: skip
    assert there(api, "W01")["on_hand"] == 3
    assert [one["in_transit"] for one in there(api)["incoming"]] == [True]
    api.post(f"/v1/supplies/{moved['id']}/receipts", {"units": 2})
    assert there(api)["on_hand"] == 7
    error_of(api.post("/v1/supplies/transfers", body | {"document": "TR-2", "units": 9}), 409,
             "insufficient_stock")  # fmt: skip


def test_a_backordered_order_says_when_its_goods_are_expected(api: Api) -> None:
    api.post("/v1/supplies", a_supply(units=40))
    body = an_order(
        when_out_of_stock="backorder",
        lines=[{"sku": "MUG", "quantity": 20, "unit_price_minor": 1}],
    )
    placed = api.post("/v1/orders", body).json()
    assert (placed["backordered"], placed["expected"]) == ({"MUG": 20}, {"MUG": FRIDAY})
    [line] = api.get(f"/v1/orders/{placed['order_id']}").json()["lines"]
    assert line["expected_at"] == FRIDAY


def test_damaged_units_are_set_apart_restored_and_written_off_once_per_key(api: Api) -> None:
    body = {"sku": "MUG", "location": "S01", "units": 2, "reason": "fell"}
    for path, answer in (
        ("set-apart", {"on_hand": 5, "damaged": 2, "promisable": 3}),
        ("restorations", {"on_hand": 5, "damaged": 0, "promisable": 5}),
        ("set-apart", {"on_hand": 5, "damaged": 2, "promisable": 3}),
        ("write-offs", {"on_hand": 3, "damaged": 0, "promisable": 3}),
    ):
        key = f"{path}-{answer['on_hand']}-{answer['damaged']}-{id(answer)}"
        for _ in range(2):
            found = api.post(f"/v1/stock/{path}", body, once=key)
        assert found.json() == {"sku": "MUG", "location": "S01"} | answer
    error_of(api.post("/v1/stock/write-offs", body), 409, "insufficient_stock")
    free = api.post("/v1/stock/write-offs", body | {"damaged": False}).json()
    assert free["on_hand"] == 1


def test_a_store_sees_what_it_is_asked_to_count(api: Api) -> None:
    placed = api.post("/v1/orders", a_pickup()).json()
    routed(placed["order_id"])
    [pickup] = api.get("/v1/stores/S01/pickups").json()
    api.post(
        f"/v1/stores/S01/pickups/{pickup['pickup_id']}/reject",
        {"version": pickup["version"], "reason": "not_found"},
    )
    [wanted] = api.get("/v1/stores/S01/counts-wanted").json()
    assert (wanted["sku"], wanted["name"], wanted["on_hand"], wanted["reason"]) == (
        "MUG", "Mug", 4, "goods were not found",
    )  # fmt: skip
    assert (there(api)["doubted"], there(api)["promisable"]) == (2, 2)
    api.post("/v1/stock/counts", {"sku": "MUG", "location": "S01", "units": 4})
    assert api.get("/v1/stores/S01/counts-wanted").json() == []
    assert there(api)["promisable"] == 4


def test_an_order_before_the_release_is_held(api: Api) -> None:
    answer = api.post("/v1/products/MUG/release", {"releases_at": FRIDAY})
    assert answer.json() == {"sku": "MUG", "releases_at": FRIDAY}
    assert api.post("/v1/orders", an_order()).json()["status"] == "held"
    api.post("/v1/products/MUG/release", {"releases_at": None})
    assert api.post("/v1/orders", an_order()).json()["status"] == "captured"
    error_of(api.post("/v1/products/VASE/release", {"releases_at": None}), 404, "not_found")


def test_the_sum_of_what_is_shown_is_what_is_in_the_books(api: Api) -> None:
    api.post("/v1/stock/rules", a_rule(units=1))
    row = there(api)
    with transaction() as session:
        found = session.exec(select(StockBalance.withheld).where(StockBalance.sku == "MUG"))
        assert set(found) == {1}
    kept_back = ("reserved", "safety", "damaged", "rule_safety", "doubted", "ring_fenced",
                 "channel_safety", "buffer")  # fmt: skip
    assert row["promisable"] == row["on_hand"] - sum(row[name] for name in kept_back)
