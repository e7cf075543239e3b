"""A store's own manager and operations change it over the API; nobody else may."""

from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient
from sqlmodel import select

from oms import clock
from oms.access import enrolling, signing_in
from oms.access.models import Command, Device
from oms.db import transaction
from tests.api.asking import Api, a_pickup, error_of, everything
from tests.oms.shop import Shop

HERE = "/v1/stores/S01"


def put(api: Api, path: str, body: Any) -> Any:
    headers = {"Authorization": f"Bearer {api.key}"}
    return api.client.put(f"{HERE}{path}", json=body, headers=headers)


def test_a_pause_is_obeyed_by_the_next_order_and_ends(api: Api) -> None:
    body = {"work": "pickup", "because": "the till is down"}
    for _ in range(2):
        answer = api.post(f"{HERE}/pauses", body, once="pause-0001")
        assert answer.json() == [{**body, "until": None}]
    error = error_of(api.post("/v1/orders", a_pickup()), 409, "pickup_paused")
    assert error["field"] == "pickup_store"
    assert api.get(f"{HERE}/overview").json()["pauses"] == [{**body, "until": None}]
    assert api.post(f"{HERE}/pauses/pickup/end", {}).json() == []
    assert api.post("/v1/orders", a_pickup()).status_code == 201
    before = everything()
    error = error_of(api.post(f"{HERE}/pauses/ship/end", {}), 409, "conflict")
    assert error["field"] == "work"
    late = {**body, "until": (clock.now() - timedelta(hours=1)).isoformat()}
    assert error_of(api.post(f"{HERE}/pauses", late), 422, "invalid")["field"] == "until"
    assert everything() == before


def test_hours_and_closures_are_read_and_changed(api: Api) -> None:
    hours = api.get(f"{HERE}/hours").json()
    assert hours["week"]["sun"] == [{"opens": "08:00:00", "closes": "20:00:00"}]
    assert hours["closures"] == []
    week = {"mon": [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:00", "closes": "18:00"}]}
    moved = put(api, "/hours", {"week": week})
    assert moved.json() == {"wait_longer": 0, "promised_later": 0}
    day = (clock.now() + timedelta(days=30)).date().isoformat()
    assert put(api, f"/closures/{day}", {"reason": "feast"}).status_code == 200
    hours = api.get(f"{HERE}/hours").json()
    assert [len(hours["week"][name]) for name in ("mon", "tue")] == [2, 0]
    assert hours["closures"] == [{"day": day, "reason": "feast"}]
    assert api.delete(f"{HERE}/closures/{day}").status_code == 204
    error = error_of(api.delete(f"{HERE}/closures/{day}"), 404, "not_found")
    assert error["field"] == "day"
    wrong = {"week": {"mon": [{"opens": "12:00", "closes": "09:00"}]}}
    assert error_of(put(api, "/hours", wrong), 422, "invalid")["field"] == "week.mon"


def test_people_and_devices_come_and_go_and_no_secret_is_kept(api: Api) -> None:
    person = {"badge": "17", "name": "Ana Silva", "pin": "902107"}
    added = api.post(f"{HERE}/people", person)
    assert added.json() == {
        "badge": "17", "name": "Ana Silva", "manages": False, "active": True, "locked_until": None,
    }  # fmt: skip
    assert error_of(api.post(f"{HERE}/people", person), 409, "conflict")["field"] == "badge"
    made = api.post(f"{HERE}/devices", {"name": "Tablet"}, once="device-0001").json()
    assert made["enrol_at"].endswith(f"/enrol#{made['token']}")
    again = api.post(f"{HERE}/devices", {"name": "Tablet"}, once="device-0001").json()
    assert (again["id"], again["token"], again["enrol_at"]) == (made["id"], None, None)
    with transaction() as session:
        cookie = signing_in.associate(session, device_token=made["token"], badge="17", pin="902107")
        assert isinstance(cookie, str)
        kept = str([row.model_dump() for row in session.exec(select(Command)).all()])
        assert len(session.exec(select(Device)).all()) == 1
    assert made["token"] not in kept
    assert "902107" not in kept
    assert api.post(f"{HERE}/people/17/pin", {"pin": "4711"}).json()["active"] is True
    assert api.post(f"{HERE}/people/17/deactivate", {}).json()["active"] is False
    assert api.post(f"{HERE}/people/17/reactivate", {}).json()["active"] is True
    assert [one["badge"] for one in api.get(f"{HERE}/people").json()] == ["17"]
    assert api.post(f"{HERE}/devices/{made['id']}/revoke", {}).status_code == 204
    assert api.get(f"{HERE}/devices").json() == []


def test_a_manager_looks_after_one_store_and_an_associate_after_none(
    client: TestClient, api: Api, shop: Shop
) -> None:
    with transaction() as session:
        _, device = enrolling.enrol_device(session, location_id=shop.riverside.id, name="Tablet")
        cookies = {}
        for badge, manages in (("1", True), ("2", False)):
            person = enrolling.add_associate(
                session, location_id=shop.riverside.id, badge=badge, name=badge, pin="1111"
            )
            person.manages = manages
            session.flush()
            cookie = signing_in.associate(session, device_token=device, badge=badge, pin="1111")
            assert isinstance(cookie, str)
            cookies[badge] = cookie

    def look(badge: str, path: str) -> Any:
        return client.get(path, headers={"Cookie": f"tributary_session={cookies[badge]}"})

    assert look("1", f"{HERE}/overview").status_code == 200
    assert error_of(look("1", "/v1/stores/S02/overview"), 404, "not_found")["field"] == "code"
    assert error_of(look("2", f"{HERE}/overview"), 403, "forbidden")["facts"] == {
        "scope": "store:manage"
    }
