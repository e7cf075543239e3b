"""New orders at a door whose writer runs: the same answers as without it."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from oms.capture import writer
from tests.api.asking import Api, an_order, error_of, everything, stored


@pytest.fixture
def busy(api: Api) -> Iterator[Api]:
    """The same program at a door whose writer runs."""
    with TestClient(create_app(), raise_server_exceptions=False) as client:
        yield Api(client, api.key)


def units(count: int) -> list[dict[str, object]]:
    return [{"sku": "MUG", "quantity": count, "unit_price_minor": 1_250}]


def test_both_ways_answer_alike_and_know_each_others_keys(api: Api, busy: Api) -> None:
    for first, second in ((api, busy), (busy, api)):
        key = str(uuid4())
        placed = first.post("/v1/orders", an_order(), once=key)
        before = everything()
        again = second.post("/v1/orders", an_order(), once=key)
        assert (placed.status_code, again.status_code) == (201, 201)
        assert placed.text == again.text
        assert placed.headers["content-type"] == again.headers["content-type"]
        other = second.post("/v1/orders", an_order(customer_name="Bob"), once=key)
        assert error_of(other, 409, "idempotency_key_reused")["field"] == "Idempotency-Key"
        assert everything() == before


def test_both_ways_refuse_alike(api: Api, busy: Api) -> None:
    before = everything()
    for body in (
        an_order(lines=units(6)),
        an_order(lines=[{"sku": "VASE", "quantity": 1, "unit_price_minor": 1}]),
        an_order(currency="CHF"),
        an_order(lines=units(0)),
        an_order(hold_id=str(uuid4())),
    ):
        ordinary, quick = (one.post("/v1/orders", body) for one in (api, busy))
        assert (ordinary.status_code, ordinary.json()) == (quick.status_code, quick.json())
        assert ordinary.status_code in (404, 409, 422)
    assert everything() == before


def test_an_order_bears_the_request_it_came_with_and_who_sent_it(busy: Api) -> None:
    answer = busy.post("/v1/orders", an_order())
    trail = [row for row in everything()["audit"] if answer.json()["order_id"] in row]
    assert len(trail) == 1
    assert answer.headers["x-request-id"] in trail[0]
    assert "service:everything" in trail[0]


def test_a_reference_names_one_order_at_either_door(api: Api, busy: Api) -> None:
    first = busy.post("/v1/orders", an_order(reference="T-77")).json()
    for one in (api, busy):
        error = error_of(one.post("/v1/orders", an_order(reference="T-77")), 409, "conflict")
        assert error["facts"] == {"order_id": first["order_id"]}
    assert stored(first["order_id"]).external_id == "T-77"


def test_when_too_many_wait_nothing_is_read_and_nothing_changed(
    busy: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything()
    with monkeypatch.context() as full:
        full.setattr(writer, "MOST_WAITING", 0)
        refused = busy.post("/v1/orders", an_order())
    assert error_of(refused, 503, "busy")["remedy"].startswith("send the same request again")
    assert refused.headers["retry-after"] == "2"
    assert everything() == before
    assert busy.post("/v1/orders", an_order()).status_code == 201
