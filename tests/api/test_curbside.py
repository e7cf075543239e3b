"""Hand-over at the car over the API: set-up, arrivals, slots, and who may ask for what."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from oms import clock
from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from oms.fulfilments.models import Fulfilment
from oms.locations import queries as locations
from oms.pickup import queries as pickups
from oms.pickup.models import Pickup
from tests.api.asking import Api, a_pickup, error_of, everything, routed
from tests.oms.shop import Shop, ready

STORE = "/v1/stores/S01"
SET_UP = {"bays": ["1", "2"], "slot_minutes": 60, "slot_capacity": 1}


@pytest.fixture
def car_store(api: Api, shop: Shop) -> Api:
    """Riverside hands over at the car, in two bays and slots of an hour."""
    with transaction() as session:
        locations.by_code(session, "S01").can_curbside = True
    answer = api.client.put(
        f"{STORE}/curbside", json=SET_UP, headers={"Authorization": f"Bearer {api.key}"}
    )
    assert (answer.status_code, answer.json()) == (200, SET_UP)
    return api


def with_scope(client: TestClient, *scopes: Scope) -> Api:
    with transaction() as session:
        return Api(client, enrolling.issue_key(session, name=str(scopes), scopes=list(scopes)))


def a_waiting_pickup(api: Api) -> Pickup:
    placed = api.post("/v1/orders", a_pickup()).json()
    [part] = routed(placed["order_id"])
    with transaction() as session:
        ready(session, session.get_one(Fulfilment, part))
        found = pickups.of_fulfilment(session, part)
        assert found is not None
        return found


def put(api: Api, path: str, body: dict[str, Any]) -> Any:
    return api.client.put(path, json=body, headers={"Authorization": f"Bearer {api.key}"})


def test_from_the_shop_s_app_to_the_car(car_store: Api) -> None:
    pickup = a_waiting_pickup(car_store)
    link = f"/v1/collect/{pickup.qr_token}"
    assert car_store.get(link).json()["free_bays"] == ["1", "2"]
    coming = car_store.post(f"{link}/on-my-way", {"minutes": 10}, once=None).json()
    assert coming["status"] == "on_the_way"
    said = {"bay": "2", "vehicle": "blue hatchback", "plate": "AB 123"}
    here = car_store.post(f"{link}/here", said, once=None)
    assert (here.json()["status"], here.json()["bay"]) == ("here", "2")
    assert "AB 123" not in here.text
    [visit] = car_store.get(f"{STORE}/arrivals").json()
    assert (visit["plate"], visit["shelf"], visit["taken_by"]) == ("AB 123", "A1", None)

    path = f"{STORE}/pickups/{pickup.id}/arrival"
    seen = {"version": visit["version"]}
    taken = car_store.post(f"{path}/take", seen, once="the-same-tap")
    again = car_store.post(f"{path}/take", seen, once="the-same-tap")
    assert taken.json() == again.json()
    assert taken.json()["status"] == "taken"
    error_of(car_store.post(f"{path}/take", seen), 409, "stale_version")
    handed = car_store.post(
        f"{STORE}/pickups/{pickup.id}/hand-over",
        {"version": pickup.version, "proof": "code", "value": pickup.code},
    )
    assert handed.status_code == 200, handed.text
    assert car_store.get(f"{STORE}/arrivals").json() == []
    # Neither the trail, nor the outbox, nor the kept answers know the car any more.
    assert "AB 123" not in str(everything())


def test_a_bay_that_is_taken_names_the_free_ones(car_store: Api) -> None:
    first, second = a_waiting_pickup(car_store), a_waiting_pickup(car_store)
    car_store.post(f"/v1/collect/{first.qr_token}/here", {"bay": "1"}, once=None)
    before = everything()
    refused = car_store.post(f"/v1/collect/{second.qr_token}/here", {"bay": "1"}, once=None)
    assert error_of(refused, 409, "conflict")["facts"] == {"free": ["2"]}
    assert everything() == before


def test_staff_enter_a_customer_who_called_and_one_who_left(car_store: Api) -> None:
    pickup = a_waiting_pickup(car_store)
    path = f"{STORE}/pickups/{pickup.id}/arrival"
    here = car_store.post(f"{path}/here", {"vehicle": "red van"}).json()
    assert (here["status"], here["bay"]) == ("here", "1")
    taken = car_store.post(f"{path}/take", {"version": here["version"]}).json()
    left = car_store.post(f"{path}/let-go", {"version": taken["version"]}).json()
    assert left["status"] == "here"
    gone = car_store.post(f"{path}/gone", {"version": left["version"]}).json()
    assert gone["status"] == "gone"
    error_of(car_store.post(f"{path}/take", {"version": gone["version"]}), 409, "conflict")


def test_a_slot_is_booked_with_the_order_or_after_it_and_a_full_one_is_refused(
    car_store: Api,
) -> None:
    late = (clock.now() + timedelta(days=2)).isoformat()
    found = car_store.get(f"{STORE}/slots", params={"since": late, "limit": 3}).json()
    starts = [slot["starts_at"] for slot in found]
    assert [slot["left"] for slot in found] == [1, 1, 1]
    first = car_store.post("/v1/orders", a_pickup(slot_starts_at=starts[0]))
    assert first.status_code == 201, first.text
    before = everything()
    refused = car_store.post("/v1/orders", a_pickup(slot_starts_at=starts[0]))
    error = error_of(refused, 409, "slot_full")
    assert error["facts"]["next_free"][0][:16] == starts[1][:16]
    assert everything() == before  # no order, no reservation
    order_id = first.json()["order_id"]
    moved = put(car_store, f"/v1/orders/{order_id}/slot", {"starts_at": starts[1]})
    assert moved.json()["starts_at"] == starts[1]
    assert car_store.get(f"/v1/orders/{order_id}/slot").json() == moved.json()
    assert car_store.delete(f"/v1/orders/{order_id}/slot").status_code == 204
    error_of(car_store.get(f"/v1/orders/{order_id}/slot"), 404, "not_found")
    sent = {"slot_starts_at": starts[0], "delivery": "ship", "pickup_store": None}
    assert car_store.post("/v1/orders", a_pickup(**sent)).status_code == 422


def test_each_door_opens_for_its_own_scope_only(car_store: Api, client: TestClient) -> None:
    pickup = a_waiting_pickup(car_store)
    link = f"/v1/collect/{pickup.qr_token}"
    clerk, shop_app = with_scope(client, Scope.STORE_WORK), with_scope(client, Scope.ORDERS_WRITE)
    error_of(put(clerk, f"{STORE}/curbside", SET_UP), 403, "forbidden")
    error_of(clerk.post(f"{link}/here", {}, once=None), 403, "forbidden")
    error_of(shop_app.get(f"{STORE}/arrivals"), 403, "forbidden")
    error_of(clerk.get(f"{STORE}/slots"), 403, "forbidden")
    assert shop_app.post(f"{link}/here", {}, once=None).status_code == 200
    error_of(shop_app.post("/v1/collect/guessed/here", {}, once=None), 404, "not_found")
