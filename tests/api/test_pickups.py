"""The pickup queue over the API: an associate's day at one counter."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from oms import clock
from oms.access import enrolling, signing_in
from oms.db import transaction
from oms.pickup import expiry
from oms.pickup import queries as pickups
from oms.pickup.models import Pickup
from tests.api.asking import Api, a_pickup, error_of, everything, routed, stored
from tests.oms.shop import Shop, settled

HERE = "/v1/stores/S01/pickups"


@pytest.fixture
def pickup(api: Api) -> Pickup:
    """Two mugs to be collected at Riverside, new in its queue."""
    lines = [{"sku": "MUG", "quantity": 2, "unit_price_minor": 1_250}]
    placed = api.post("/v1/orders", a_pickup(lines=lines)).json()
    [part] = routed(placed["order_id"])
    with transaction() as session:
        found = pickups.of_fulfilment(session, part)
        assert found is not None
        return found


def do(api: Api, pickup: Pickup, what: str, version: int, **body: Any) -> Any:
    return api.post(f"{HERE}/{pickup.id}/{what}", {"version": version} | body)


def made_ready(api: Api, pickup: Pickup) -> int:
    """Walk to ready; the version then."""
    assert do(api, pickup, "start", 1).json()["step"] == "picking"
    answer = do(api, pickup, "ready", 2, picked={"MUG": 2}, shelf="A1")
    assert answer.json()["step"] == "ready", answer.text
    return int(answer.json()["version"])


def test_from_the_queue_to_the_hand_over(api: Api, pickup: Pickup) -> None:
    [new] = api.get(HERE).json()
    assert (new["pickup_id"], new["step"], new["version"], new["customer_name"]) == (
        str(pickup.id),
        "new",
        1,
        "Ada Example",
    )
    assert new["lines"] == [
        {"sku": "MUG", "name": "Mug", "quantity": 2, "picked": 0, "barcodes": ["mug"]}
    ]
    assert pickup.code not in api.get(HERE).text
    assert pickup.qr_token not in api.get(HERE).text
    version = made_ready(api, pickup)
    done = do(api, pickup, "hand-over", version, proof="code", value=pickup.code)
    assert (done.status_code, done.json()["step"], done.json()["status"]) == (
        200,
        "handing_over",
        "handing_over",
    )
    assert api.get(HERE).json() == []
    assert stored(str(pickup.order_id)).status.value == "ready_for_pickup"
    with transaction() as session:
        settled(session, session.get_one(Pickup, pickup.id))
    over = api.get(f"{HERE}/{pickup.id}").json()
    assert (over["step"], over["undo_until"]) == ("collected", None)
    assert stored(str(pickup.order_id)).status.value == "fulfilled"


def test_a_hand_over_is_undone_made_in_part_and_the_rest_declined(api: Api, pickup: Pickup) -> None:
    version = made_ready(api, pickup)
    shown = {"proof": "code", "value": pickup.code}
    done = do(api, pickup, "hand-over", version, **shown, signature="1,2 3,4")
    assert done.json()["undo_until"] is not None
    undone = do(api, pickup, "undo", done.json()["version"])
    assert (undone.status_code, undone.json()["step"]) == (200, "ready")
    answer = do(api, pickup, "undo", undone.json()["version"])
    assert error_of(answer, 409, "too_late_to_undo")["field"] == "status"
    version = undone.json()["version"]
    answer = do(api, pickup, "hand-over", version, **shown, taken={"MUG": 3})
    assert error_of(answer, 422, "invalid")["facts"] == {"there": {"MUG": 2}}
    answer = do(api, pickup, "hand-over", version, **shown, signature="<svg>")
    assert error_of(answer, 422, "invalid")["field"] == "signature"
    done = do(api, pickup, "hand-over", version, **shown, taken={"MUG": 1}, rest="declined")
    with transaction() as session:
        settled(session, session.get_one(Pickup, pickup.id))
    [left] = api.get(HERE).json()
    assert (left["step"], left["lines"][0]["quantity"]) == ("to_put_back", 1)
    back = do(api, pickup, "put-back", left["version"], counted={"MUG": 1})
    assert (back.status_code, back.json()["step"]) == (200, "put_back")


def test_what_lies_ready_is_declined_as_a_whole(api: Api, pickup: Pickup) -> None:
    declined = do(api, pickup, "decline", made_ready(api, pickup))
    assert (declined.status_code, declined.json()["step"]) == (200, "to_put_back")
    assert stored(str(pickup.order_id)).status.value == "cancelled"


@pytest.mark.parametrize(("proof", "field"), [("qr", "qr_token"), ("code", "code")])
def test_the_customer_s_own_proof_opens_the_hand_over(
    api: Api, pickup: Pickup, proof: str, field: str
) -> None:
    version = made_ready(api, pickup)
    answer = do(api, pickup, "hand-over", version, proof=proof, value=getattr(pickup, field))
    assert answer.status_code == 200


def test_a_repeated_command_gets_the_first_answer(api: Api, pickup: Pickup) -> None:
    path = f"{HERE}/{pickup.id}/start"
    first = api.post(path, {"version": 1}, once="key-00000001")
    before = everything()
    again = api.post(path, {"version": 1}, once="key-00000001")
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    error_of(api.post(path, {"version": 2}, once="key-00000001"), 409, "idempotency_key_reused")
    error_of(api.post(path, {"version": 1}, once=None), 422, "invalid")
    assert everything() == before


def test_a_command_on_an_older_state_is_refused(api: Api, pickup: Pickup) -> None:
    do(api, pickup, "start", 1)
    before = everything()
    error = error_of(do(api, pickup, "start", 1), 409, "stale_version")
    assert (error["field"], error["facts"]) == ("version", {"version": 2})
    error = error_of(do(api, pickup, "start", 2), 409, "illegal_move")
    assert error["field"] == "status"
    assert everything() == before


def test_wrong_codes_are_counted_answered_and_lock_the_pickup(api: Api, pickup: Pickup) -> None:
    version = made_ready(api, pickup)
    wrong = f"{(int(pickup.code) + 1) % 1_000_000:06}"
    left = []
    for _ in range(5):
        answer = do(api, pickup, "hand-over", version, proof="code", value=wrong)
        error = error_of(answer, 403, "wrong_code")
        assert error["field"] == "value"
        left.append(error["facts"]["attempts_left"])
    assert left == [4, 3, 2, 1, 0]
    assert error["facts"]["locked_until"]
    answer = do(api, pickup, "hand-over", version, proof="code", value=pickup.code)
    error = error_of(answer, 423, "locked")
    assert error["field"] == "value"
    assert answer.headers["Retry-After"] == str(error["facts"]["retry_after_s"])
    with clock.at(clock.now() + timedelta(minutes=5)):
        answer = do(api, pickup, "hand-over", version, proof="code", value=pickup.code)
    assert answer.status_code == 200


def test_a_repeated_wrong_code_is_counted_once(api: Api, pickup: Pickup) -> None:
    version = made_ready(api, pickup)
    body = {"version": version, "proof": "code", "value": "wrong!"}
    for _ in range(6):
        answer = api.post(f"{HERE}/{pickup.id}/hand-over", body, once="key-00000001")
        assert error_of(answer, 403, "wrong_code")["facts"]["attempts_left"] == 4


def test_what_is_missing_or_malformed_is_refused_by_field(
    api: Api, pickup: Pickup, subtests: pytest.Subtests
) -> None:
    do(api, pickup, "start", 1)
    before = everything()
    for what, body, status, code, field in (
        ("ready", {"picked": {"MUG": 1}, "shelf": "A1"}, 422, "invalid", "picked"),
        ("ready", {"picked": {"MUG": 2}, "shelf": " "}, 422, "malformed_request", "shelf"),
        ("ready", {"picked": {"MUG": -2}, "shelf": "A"}, 422, "malformed_request", "picked.MUG"),
        ("ready", {"shelf": "A1"}, 422, "invalid", "picked"),
        ("reject", {"reason": "lazy"}, 422, "malformed_request", "reason"),
        ("reject", {"reason": "damaged", "skus": ["VASE"]}, 404, "not_found", "skus"),
        ("hand-over", {"proof": "smile", "value": "x"}, 422, "malformed_request", "proof"),
        ("hand-over", {"proof": "identity", "value": "AB123"}, 409, "not_staged", "status"),
        ("undo", {}, 409, "too_late_to_undo", "status"),
        ("decline", {}, 409, "conflict", "status"),
        ("put-back", {}, 409, "illegal_move", "status"),
    ):
        with subtests.test(f"{what} {body}"):
            assert error_of(do(api, pickup, what, 2, **body), status, code)["field"] == field
    answer = api.post(f"{HERE}/{pickup.id}/start", {"version": 0})
    assert error_of(answer, 422, "malformed_request")["field"] == "version"
    assert everything() == before


def test_the_number_of_a_document_is_refused(api: Api, pickup: Pickup) -> None:
    version = made_ready(api, pickup)
    before = everything()
    answer = do(api, pickup, "hand-over", version, proof="identity", value="passport 4711")
    error = error_of(answer, 422, "invalid")
    assert error["field"] == "value"
    assert everything() == before


def test_a_rejected_pickup_leaves_the_queue(api: Api, pickup: Pickup) -> None:
    answer = do(api, pickup, "reject", 1, reason="not_found", skus=["MUG"], note="shelf empty")
    assert (answer.status_code, answer.json()["step"]) == (200, "cancelled")
    assert api.get(HERE).json() == []


def test_expired_goods_are_put_back(api: Api, pickup: Pickup) -> None:
    version = made_ready(api, pickup)
    with clock.at(clock.now() + timedelta(days=30)), transaction() as session:
        expiry.meet_deadline(session, pickup.id, version=version)
    [waiting] = api.get(HERE).json()
    assert waiting["step"] == "expired"
    answer = do(api, pickup, "put-back", waiting["version"])
    assert (answer.status_code, answer.json()["step"]) == (200, "put_back")
    assert stored(str(pickup.order_id)).status.value == "cancelled"


def test_an_associate_sees_the_work_of_one_store(
    client: TestClient, api: Api, shop: Shop, pickup: Pickup
) -> None:
    with transaction() as session:
        for place, pin in ((shop.riverside, "1111"), (shop.harbour, "2222")):
            enrolling.add_associate(
                session, location_id=place.id, badge="17", name=place.name, pin=pin
            )
        cookies = {}
        for place, pin in ((shop.riverside, "1111"), (shop.harbour, "2222")):
            _, device = enrolling.enrol_device(session, location_id=place.id, name="Handheld")
            cookie = signing_in.associate(session, device_token=device, badge="17", pin=pin)
            assert isinstance(cookie, str)
            cookies[place.code] = (cookie, signing_in.by_cookie(session, cookie).csrf)

    def ask(store: str, method: str, path: str, **body: Any) -> Any:
        cookie, csrf = cookies[store]
        headers = {
            "Cookie": f"tributary_session={cookie}",
            "X-CSRF-Token": csrf or "",
            "Idempotency-Key": f"key-{store}-{path}"[:100],
        }
        return client.request(method, path, headers=headers, json=body or None)

    assert [one["step"] for one in ask("S01", "GET", HERE).json()] == ["new"]
    assert ask("S02", "GET", "/v1/stores/S02/pickups").json() == []
    before = everything()
    for path in (HERE, f"{HERE}/{pickup.id}"):
        assert error_of(ask("S02", "GET", path), 404, "not_found")["field"] == "code"
    elsewhere = f"/v1/stores/S02/pickups/{pickup.id}"
    assert error_of(ask("S02", "GET", elsewhere), 404, "not_found")["field"] == "pickup_id"
    for what, body in (
        ("start", {}),
        ("ready", {"picked": {"MUG": 2}, "shelf": "A1"}),
        ("hand-over", {"proof": "code", "value": pickup.code}),
        ("reject", {"reason": "closed"}),
        ("put-back", {}),
    ):
        answer = ask("S02", "POST", f"{elsewhere}/{what}", version=1, **body)
        assert error_of(answer, 404, "not_found")["field"] == "pickup_id"
    assert everything() == before
    started = ask("S01", "POST", f"{HERE}/{pickup.id}/start", version=1)
    assert started.json()["step"] == "picking"


def test_an_unknown_store_is_not_found(api: Api) -> None:
    assert error_of(api.get("/v1/stores/S99/pickups"), 404, "not_found")["field"] == "location"
    error_of(api.get("/v1/stores/%00/pickups"), 422, "malformed_request")
