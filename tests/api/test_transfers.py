"""Transfers between locations over the API and the command line."""

import json
import sys
from datetime import timedelta

import pytest

from api import cli
from oms import clock
from tests.api.asking import Api, error_of, everything


def asked(**changes: object) -> dict[str, object]:
    body: dict[str, object] = {
        "from_location": "S02",
        "to_location": "S01",
        "lines": {"MUG": 3},
        "expected_at": (clock.now() + timedelta(days=2)).isoformat(),
    }
    return body | changes


def test_from_the_request_to_the_receipt_with_differences(api: Api) -> None:
    made = api.post("/v1/transfers", asked(), once="the-same-request")
    assert made.status_code == 201, made.text
    assert api.post("/v1/transfers", asked(), once="another-one").status_code == 409  # 2 are left
    path = f"/v1/transfers/{made.json()['id']}"
    picked = api.post(f"{path}/pick", {"version": 1, "picked": {"MUG": 3}}).json()
    shipped = api.post(f"{path}/ship", {"version": picked["version"]}, once="it-leaves-once")
    again = api.post(f"{path}/ship", {"version": picked["version"]}, once="it-leaves-once")
    assert again.json() == shipped.json()
    [coming] = api.get("/v1/supplies", params={"location": "S01"}).json()
    assert (coming["status"], coming["outstanding"], coming["from_location"]) == (
        "in_transit",
        3,
        "S02",
    )
    came = {"MUG": {"units": 2, "damaged": 1}}
    version = shipped.json()["version"]
    received = api.post(f"{path}/receive", {"version": version, "counted": came}).json()
    [line] = received["lines"]
    assert (received["status"], line["picked"], line["received"], line["damaged"]) == (
        "received",
        3,
        2,
        1,
    )
    assert api.get("/v1/supplies", params={"location": "S01"}).json() == []
    assert api.get(path).json() == received
    found = api.get("/v1/transfers", params={"location": "S01", "status": "received"}).json()
    assert [one["id"] for one in found] == [received["id"]]


def test_what_is_refused_changes_nothing(api: Api) -> None:
    made = api.post("/v1/transfers", asked()).json()
    path = f"/v1/transfers/{made['id']}"
    before = everything()
    error_of(api.post(f"{path}/ship", {"version": 1}), 409, "illegal_move")
    error_of(api.post(f"{path}/cancel", {"version": 9}), 409, "stale_version")
    error_of(api.post(f"{path}/pick", {"version": 1, "picked": {"MUG": 4}}), 422, "invalid")
    error_of(api.post("/v1/transfers", asked(from_location="S01")), 422, "invalid")
    error_of(api.post("/v1/transfers", asked(lines={"CUP": 1})), 404, "not_found")
    error_of(api.post("/v1/transfers", asked(order_id=made["id"])), 404, "not_found")
    assert api.post("/v1/transfers", asked(lines={})).status_code == 422
    assert everything() == before


def test_the_command_line_asks_and_lists(
    api: Api, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["oms", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
        return capsys.readouterr().out

    assert "S02 sends S01 MUG=2" in run("transfers", "request", "S02", "S01", "MUG=2")
    [listed] = json.loads(run("transfers", "list", "--location", "S01", "--json"))
    assert (listed["status"], listed["lines"][0]["requested"]) == ("requested", 2)
    assert "requested" in run("transfers", "list")
