"""Waves, short picks, packages and bins over the API."""

from typing import Any

import pytest

from oms.db import transaction
from oms.pickup import queries as pickups
from oms.pickup.models import Pickup
from tests.api.asking import Api, a_pickup, error_of, everything, routed
from tests.oms.shop import Shop

HERE = "/v1/stores/S01"


def a_new_pickup(api: Api, **wanted: int) -> Pickup:
    lines = [{"sku": sku, "quantity": n, "unit_price_minor": 1_250} for sku, n in wanted.items()]
    [part] = routed(api.post("/v1/orders", a_pickup(lines=lines)).json()["order_id"])
    with transaction() as session:
        found = pickups.of_fulfilment(session, part)
        assert found is not None
        return found


def put(api: Api, path: str, body: Any) -> Any:
    headers = {"Authorization": f"Bearer {api.key}"}
    return api.client.put(path, headers=headers, json=body)


def test_a_wave_from_bins_to_shelves(api: Api, shop: Shop) -> None:
    for sku, place in (("MUG", {"zone": "B", "bin": "9"}), ("LAMP", {"zone": "A", "bin": "10"})):
        set_ = put(api, f"{HERE}/bins/{sku}", {"bins": [place]}).json()
        assert set_ == [{"zone": place["zone"], "aisle": "", "bin": place["bin"], "rank": 1}]
        assert api.get(f"{HERE}/bins/{sku}").json() == set_
    first, second = a_new_pickup(api, MUG=1, LAMP=1), a_new_pickup(api, MUG=1)
    wave = api.post(f"{HERE}/waves", {"pickup_ids": [str(first.id), str(second.id)]}).json()
    path = f"{HERE}/waves/{wave['wave_id']}"
    assert [stop["sku"] for stop in wave["stops"]] == ["LAMP", "MUG"]
    assert [tote["version"] for tote in wave["totes"]] == [2, 2]
    assert api.get(f"{HERE}/waves").json() == [api.get(path).json()] == [wave]
    said = [
        api.post(f"{path}/scan", {"code": code}).json() for code in ("mug", "anvil", "mug", "mug")
    ]
    assert [(one["outcome"], one["tote"]) for one in said] == [
        ("assigned", 1),
        ("wrong", None),
        ("assigned", 2),
        ("complete", None),
    ]
    left = api.post(f"{path}/take-out", {"pickup_id": str(second.id), "sku": "MUG"}).json()
    assert (left["picked"], left["quantity"]) == (1, 3)
    again = {"code": "mug"}
    for _ in range(2):
        answer = api.post(f"{path}/scan", again, once="scan-00000001")
        assert (answer.json()["outcome"], answer.json()["picked"]) == ("assigned", 2)
    done = api.post(f"{HERE}/pickups/{second.id}/ready", {"version": 2, "shelf": "A1"})
    assert (done.json()["step"], done.json()["shelf"]) == ("ready", "A1")
    early = api.post(f"{HERE}/pickups/{first.id}/ready", {"version": 2, "shelf": "A1"})
    assert error_of(early, 422, "invalid")["field"] == "picked"


def test_what_is_not_there_is_settled_and_the_rest_is_packed(api: Api, shop: Shop) -> None:
    pickup = a_new_pickup(api, MUG=2, LAMP=1)
    path = f"{HERE}/pickups/{pickup.id}"
    api.post(f"{path}/start", {"version": 1})
    found = api.get(f"{path}/ways-out?sku=LAMP").json()
    assert [one["way"] for one in found["options"]][-1] == "cancel"
    assert found["options"][-1]["worth_minor"] == 1_250
    assert {one["way"] for one in found["not_offered"]} >= {"other_bin", "later"}
    given = {"version": 2, "sku": "LAMP", "units": 1, "reason": "damaged", "way": "cancel"}
    left = api.post(f"{path}/short", given).json()
    assert [(line["sku"], line["quantity"]) for line in left["lines"]] == [("MUG", 2)]
    packed = api.post(f"{path}/packages", {"version": 3, "code": "tote-1"}).json()
    assert packed["packages"] == [
        {"number": 1, "code": "TOTE-1", "temperature": "ambient", "shelf": ""}
    ]
    staged = api.post(f"{path}/packages/1/shelf", {"version": 4, "shelf": "C 7"}).json()
    assert staged["packages"] == api.get(f"{path}/packages").json()
    second = api.post(f"{path}/packages", {"version": 5}).json()
    answer = api.post(f"{path}/ready", {"version": 6, "picked": {"MUG": 2}})
    assert error_of(answer, 422, "invalid")["field"] == "shelf"
    sheet = api.get(f"{path}/labels").text
    assert sheet.count("<svg") == 2
    assert second["packages"][1]["code"] in sheet
    assert "Ada" not in sheet
    api.post(f"{path}/packages/2/unpack", {"version": 6})
    done = api.post(f"{path}/ready", {"version": 7, "picked": {"MUG": 2}})
    assert (done.json()["step"], done.json()["shelf"]) == ("ready", "C 7")


def test_shelves_are_named_by_operations(api: Api, shop: Shop) -> None:
    assert api.get(f"{HERE}/staging").json() == {"shelves": {}}
    body = {"shelves": {"a1": "ambient", "F1": "frozen"}}
    named = {"shelves": {"A1": "ambient", "F1": "frozen"}}
    assert put(api, f"{HERE}/staging", body).json() == named
    assert api.get(f"{HERE}/staging").json() == named


def test_what_is_missing_or_malformed_is_refused_by_field(
    api: Api, shop: Shop, subtests: pytest.Subtests
) -> None:
    pickup = a_new_pickup(api, MUG=2)
    pick = f"pickups/{pickup.id}"
    api.post(f"{HERE}/{pick}/start", {"version": 1})
    short = {"version": 2, "sku": "MUG", "units": 1, "reason": "not_found", "way": "cancel"}
    before = everything()
    for path, body, status, code, field in (
        ("waves", {"pickup_ids": []}, 422, "malformed_request", "pickup_ids"),
        ("waves", {"most": 11}, 422, "malformed_request", "most"),
        ("waves", {"most": 1}, 409, "conflict", "most"),
        (f"waves/{pickup.id}/scan", {"code": "mug"}, 404, "not_found", "wave_id"),
        (f"waves/{pickup.id}/scan", {"code": ""}, 422, "malformed_request", "code"),
        (f"{pick}/short", short | {"units": 3}, 422, "invalid", "units"),
        (f"{pick}/short", short | {"way": "ship"}, 422, "malformed_request", "way"),
        (f"{pick}/short", short | {"way": "later"}, 422, "invalid", "agreed"),
        (f"{pick}/short", short | {"way": "later", "agreed": True}, 409, "conflict", "way"),
        (f"{pick}/short", short | {"version": 1}, 409, "stale_version", "version"),
        (f"{pick}/packages/1/shelf", {"version": 2, "shelf": "A"}, 404, "not_found", "number"),
        (f"{pick}/packages", {"version": 2, "colour": 1}, 422, "malformed_request", "colour"),
    ):
        with subtests.test(f"{path} {body}"):
            error = error_of(api.post(f"{HERE}/{path}", body), status, code)
            assert error["field"] == field
    twice = {"bins": [{"bin": "1"}, {"bin": "1"}]}
    assert error_of(put(api, f"{HERE}/bins/MUG", twice), 422, "invalid")["field"] == "bins"
    assert error_of(put(api, f"{HERE}/bins/VASE", twice), 404, "not_found")["field"] == "sku"
    assert everything() == before
