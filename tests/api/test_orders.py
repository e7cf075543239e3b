"""Orders over the API: placed once, read, held, cancelled; refused with field and remedy."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.app import create_app
from oms.customers.models import Customer
from oms.db import transaction
from oms.fulfilments import giving_back
from oms.fulfilments.models import RejectReason
from oms.orders.models import Order
from oms.sourcing import routing_orders
from tests.api.asking import (
    ADDRESS,
    Api,
    a_pickup,
    an_order,
    error_of,
    everything,
    routed,
    stored,
)
from tests.oms.shop import Shop

NUL = "a\x00b"


def line(**changes: Any) -> dict[str, Any]:
    return {"sku": "MUG", "quantity": 1, "unit_price_minor": 1_250} | changes


def test_an_order_is_placed_and_its_stock_held_before_the_answer(api: Api) -> None:
    answer = api.post("/v1/orders", an_order(shipping_minor=300, lines=[line(tax_minor=50)]))
    assert answer.status_code == 201
    placed = answer.json()
    assert placed["status"] == "captured"
    assert placed["backordered"] == {}
    read = api.get(f"/v1/orders/{placed['order_id']}").json()
    assert (read["number"], read["channel"], read["version"]) == (placed["number"], "till", 2)
    assert (read["total_minor"], read["currency"], read["delivery"]) == (1_600, "USD", "ship")
    [shown] = read["lines"]
    assert (shown["sku"], shown["title"], shown["quantity"], shown["reserved"]) == (
        "MUG",
        "MUG",
        1,
        1,
    )


def test_the_source_s_reference_names_the_order_and_else_the_key_does(api: Api) -> None:
    given = api.post("/v1/orders", an_order(reference="T-77")).json()
    assert api.get(f"/v1/orders/{given['order_id']}").json()["external_id"] == "T-77"
    bare = api.post("/v1/orders", an_order(), once="key-00000001").json()
    assert api.get(f"/v1/orders/{bare['order_id']}").json()["external_id"] == "key-00000001"


def test_a_repeated_request_gets_the_first_answer(api: Api) -> None:
    first = api.post("/v1/orders", an_order(), once="key-00000001")
    before = everything()
    again = api.post("/v1/orders", an_order(), once="key-00000001")
    assert (again.status_code, again.json()) == (201, first.json())
    assert everything() == before


def test_a_key_with_another_body_is_refused(api: Api) -> None:
    api.post("/v1/orders", an_order(), once="key-00000001")
    before = everything()
    answer = api.post("/v1/orders", an_order(customer_name="Bob"), once="key-00000001")
    error = error_of(answer, 409, "idempotency_key_reused")
    assert error["field"] == "Idempotency-Key"
    assert everything() == before


def test_one_request_sent_several_times_at_once_is_carried_out_once(
    api: Api, live_database: str
) -> None:
    with TestClient(create_app()) as client, ThreadPoolExecutor(6) as pool:
        crowd = Api(client, api.key)
        send: Callable[[int], Any] = lambda _: crowd.post(  # noqa: E731
            "/v1/orders", an_order(), once="key-00000001"
        )
        answers = list(pool.map(send, range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    with transaction() as session:
        assert len(session.exec(select(Order)).all()) == 1


@pytest.mark.parametrize("key", [None, "short", "x" * 121])
def test_a_command_without_a_proper_key_is_refused(api: Api, key: str | None) -> None:
    error = error_of(api.post("/v1/orders", an_order(), once=key), 422, "invalid")
    assert error["field"] == "Idempotency-Key"
    assert "UUID" in error["remedy"]


def test_the_same_reference_is_one_order(api: Api) -> None:
    first = api.post("/v1/orders", an_order(reference="T-77")).json()
    before = everything()
    error = error_of(api.post("/v1/orders", an_order(reference="T-77")), 409, "conflict")
    assert (error["field"], error["facts"]) == ("reference", {"order_id": first["order_id"]})
    assert everything() == before
    assert api.post("/v1/orders", an_order(reference="T-77", source="phone")).status_code == 201


def test_what_cannot_be_filled_is_refused_and_nothing_is_written(api: Api) -> None:
    before = everything()
    lines = [line(quantity=4), line(quantity=9), line(sku="LAMP", quantity=1)]
    error = error_of(api.post("/v1/orders", an_order(lines=lines)), 409, "out_of_stock")
    assert error["field"] == "lines.quantity"
    assert error["facts"] == {"skus": {"MUG": 9}}
    assert everything() == before


def test_what_cannot_be_filled_may_wait(api: Api) -> None:
    body = an_order(
        lines=[line(quantity=6), line(quantity=9), line(sku="LAMP")],
        when_out_of_stock="backorder",
    )
    placed = api.post("/v1/orders", body).json()
    assert (placed["status"], placed["backordered"]) == ("backordered", {"MUG": 15})


def test_a_pickup_order_is_placed_at_its_store(api: Api, shop: Shop) -> None:
    placed = api.post("/v1/orders", a_pickup()).json()
    assert stored(placed["order_id"]).pickup_location_id == shop.riverside.id


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"lines": [line(sku="VASE")]}, 404, "unknown_sku", "lines.sku"),
        ({"pickup_store": "S99"}, 404, "unknown_store", "pickup_store"),
        ({"pickup_store": "W01"}, 422, "invalid", "pickup_store"),
        ({"currency": "CHF"}, 404, "not_found", "currency"),
    ],
)
def test_what_the_network_does_not_know_is_refused(
    api: Api, changes: dict[str, Any], status: int, code: str, field: str
) -> None:
    before = everything()
    body = a_pickup() | changes
    assert error_of(api.post("/v1/orders", body), status, code)["field"] == field
    assert everything() == before


MALFORMED = [
    ({"lines": [line(quantity=0)]}, "lines.0.quantity"),
    ({"lines": [line(quantity=-1)]}, "lines.0.quantity"),
    ({"lines": [line(), line(quantity=100_001)]}, "lines.1.quantity"),
    ({"lines": [line(quantity=10**30)]}, "lines.0.quantity"),
    ({"lines": [line(quantity=1.5)]}, "lines.0.quantity"),
    ({"lines": [line(quantity="many")]}, "lines.0.quantity"),
    ({"lines": [line(unit_price_minor=-1)]}, "lines.0.unit_price_minor"),
    ({"lines": [line(quantity=100_000, unit_price_minor=10**12)]}, "lines"),
    ({"lines": []}, "lines"),
    ({"lines": [line()] * 501}, "lines"),
    ({"lines": [line(sku=NUL)]}, "lines.0.sku"),
    ({"lines": [line(title=NUL)]}, "lines.0.title"),
    ({"lines": [line(colour="red")]}, "lines.0.colour"),
    ({"customer_name": NUL}, "customer_name"),
    ({"customer_name": "   "}, "customer_name"),
    ({"customer_name": "\ud800"}, "customer_name"),
    ({"customer_email": "nobody"}, "customer_email"),
    ({"customer_phone": NUL}, "customer_phone"),
    ({"reference": NUL}, "reference"),
    ({"reference": "x" * 121}, "reference"),
    ({"currency": "usd"}, "currency"),
    ({"currency": "US\n"}, "currency"),
    ({"address": None}, "address"),
    ({"address": ADDRESS | {"postcode": NUL}}, "address.postcode"),
    ({"address": ADDRESS | {"street": NUL}}, "address.street"),
    ({"address": ADDRESS | {"country": "us"}}, "address.country"),
    ({"address": ADDRESS | {"latitude": 91}}, "address.latitude"),
    ({"delivery": "pickup"}, "pickup_store"),
    ({"delivery": "drone"}, "delivery"),
    ({"source": "shopify"}, "source"),
    ({"deliver_by": "2026-03-02T12:00:00"}, "deliver_by"),
    ({"when_out_of_stock": "panic"}, "when_out_of_stock"),
    ({"surprise": 1}, "surprise"),
    ({"shipping_minor": 10**13}, "shipping_minor"),
]


def test_a_malformed_order_is_refused_by_the_name_of_its_field(
    api: Api, subtests: pytest.Subtests
) -> None:
    before = everything()
    for changes, field in MALFORMED:
        with subtests.test(field, changes=str(changes)[:80]):
            answer = api.post("/v1/orders", an_order(**changes))
            error = error_of(answer, 422, "malformed_request")
            assert error["field"] == field, error
            assert error["message"].startswith(f"{field}: ")
            assert error["facts"]["faults"][0]["field"] == field
    assert everything() == before


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"\xff", b"null"])
def test_a_body_that_is_no_json_object_is_refused(api: Api, body: bytes) -> None:
    answer = api.client.post(
        "/v1/orders",
        content=body,
        headers={
            "Authorization": f"Bearer {api.key}",
            "Idempotency-Key": "key-00000001",
            "Content-Type": "application/json",
        },
    )
    assert answer.status_code in (400, 422)
    assert error_of(answer, answer.status_code, "malformed_request")["field"] == "body"


def test_an_order_that_is_not_there_is_not_found(api: Api) -> None:
    for path in (f"/v1/orders/{uuid4()}", f"/v1/orders/{uuid4()}/decisions"):
        assert error_of(api.get(path), 404, "not_found")["field"] == "order_id"
    error = error_of(api.get("/v1/orders/77"), 422, "malformed_request")
    assert error["field"] == "order_id"
    answer = api.post(f"/v1/orders/{uuid4()}/cancel", {"reason": "test"})
    assert error_of(answer, 404, "not_found")["field"] == "order_id"


def test_customers_who_order_twice_at_once_are_one_customer(api: Api) -> None:
    with TestClient(create_app()) as client, ThreadPoolExecutor(6) as pool:
        crowd = Api(client, api.key)
        answers = list(pool.map(lambda _: crowd.post("/v1/orders", an_order()), range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    with transaction() as session:
        assert len(session.exec(select(Customer)).all()) == 1


def test_an_order_is_cancelled_on_the_state_that_was_seen(api: Api) -> None:
    placed = api.post("/v1/orders", an_order()).json()
    path = f"/v1/orders/{placed['order_id']}/cancel"
    before = everything()
    error = error_of(api.post(path, {"reason": "test", "version": 1}), 409, "stale_version")
    assert (error["field"], error["facts"]) == ("version", {"version": 2})
    assert everything() == before
    cancelled = api.post(path, {"reason": "test", "version": 2})
    assert cancelled.json()["status"] == "cancelled"
    assert cancelled.json()["lines"][0]["cancelled"] == 1
    before = everything()
    assert error_of(api.post(path, {"reason": "test"}), 409, "too_late")["field"] == "status"
    assert everything() == before


def test_a_hold_keeps_an_order_from_being_routed(api: Api) -> None:
    placed = api.post("/v1/orders", an_order()).json()
    path = f"/v1/orders/{placed['order_id']}/holds"
    held = api.post(path, {"kind": "fraud", "reason": "odd"})
    assert (held.status_code, held.json()["status"]) == (201, "held")
    error = error_of(api.post(path, {"kind": "fraud", "reason": "odd"}), 409, "conflict")
    assert error["field"] == "kind"
    assert routing_orders.route(UUID(placed["order_id"]), actor="system") is None
    released = api.delete(f"{path}/fraud")
    assert (released.status_code, released.json()["status"]) == (200, "captured")
    assert error_of(api.delete(f"{path}/fraud"), 404, "not_found")["field"] == "kind"
    assert error_of(api.delete(f"{path}/bored"), 422, "malformed_request")["field"] == "kind"


def test_a_decision_is_read_with_its_reasons_the_newest_first(api: Api, shop: Shop) -> None:
    placed = api.post("/v1/orders", an_order()).json()
    [first] = routed(placed["order_id"])
    with transaction() as session:
        giving_back.reject(session, first, reason=RejectReason.TOO_BUSY, actor="anna")
    routed(placed["order_id"])
    decisions = api.get(f"/v1/orders/{placed['order_id']}/decisions").json()
    assert [one["plan"]["parcels"][0]["location"] for one in decisions] == ["S02", "S01"]
    newest = decisions[0]
    assert (newest["engine"], newest["status"], newest["currency"]) == ("exact", "optimal", "USD")
    assert (
        newest["cost_minor"] == newest["lower_bound_minor"] == newest["plan"]["parcels"][0]["cents"]
    )
    assert any("gave this order back" in one for one in newest["explanation"]["sentences"])


def test_why_tells_all_decisions_and_what_would_have_changed_the_newest(api: Api) -> None:
    placed = api.post("/v1/orders", an_order()).json()
    path = f"/v1/orders/{placed['order_id']}/why"
    assert api.get(path).json() == {
        "order_id": placed["order_id"],
        "number": placed["number"],
        "decisions": [],
        "suppositions": [],
        "counterfactuals": [],
    }
    [first] = routed(placed["order_id"])
    with transaction() as session:
        giving_back.reject(session, first, reason=RejectReason.TOO_BUSY, actor="anna")
    routed(placed["order_id"])
    why = api.get(path).json()
    newest, oldest = why["decisions"]
    assert oldest["changed"] == []
    assert newest["changed"][0] == "Store S02 instead of Store S01."
    assert newest["winner"]["parcels"][0]["location"] == "S02"
    [again] = [one for one in why["counterfactuals"] if one["figure"] == "excluded"]
    assert (again["from"], again["to"], again["location"]) == (1, 0, "S01")
    assert again["cost_cents"] == oldest["cost_minor"]
    assert again["plan"]["parcels"][0]["location"] == "S01"
    assert again["words"] in why["suppositions"]


def test_rejections_are_forgotten_over_the_api(api: Api) -> None:
    placed = api.post("/v1/orders", a_pickup()).json()
    [first] = routed(placed["order_id"])
    with transaction() as session:
        giving_back.reject(session, first, reason=RejectReason.TOO_BUSY, actor="anna")
    assert routed(placed["order_id"]) == []
    answer = api.post(f"/v1/orders/{placed['order_id']}/reroute")
    assert answer.status_code == 200
    assert len(routed(placed["order_id"])) == 1
