"""Routing policies over the API and on the command line."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from api.cli import application
from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from oms.sourcing import routing_orders
from oms.sourcing.policy import document, standard
from tests.api.asking import Api, an_order, error_of, everything, routed
from tests.builders import no_cut_off_soon

POLICIES = "/v1/routing/policies"
PEAK: dict[str, Any] = {
    "name": "peak",
    "limits": {"max_parcels": 2},
    "holds": [{"channel": "shopify", "service": "standard", "minutes": 30}],
}


def oms(*arguments: str) -> Result:
    return CliRunner().invoke(application("policy"), ["policy", *arguments])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "peak.json"
    path.write_text(json.dumps(PEAK))
    return path


def test_a_version_is_added_once_read_and_compared(api: Api) -> None:
    assert api.get(f"{POLICIES}/current").json() == {
        "version": None, "name": "standard", "in_force": True, "effective_from": None, "note": "",
        "created_at": None, "created_by": "system", "policy": document(standard()), "replay": None,
        "not_replayed_because": None,
    }  # fmt: skip
    body = {"policy": PEAK, "note": "before the feast", "not_replayed_because": "the first"}
    first, again = (api.post(POLICIES, body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    row = first.json()
    assert again.json() == row
    assert (row["version"], row["name"], row["in_force"]) == (1, "peak", True)
    assert (row["created_by"], row["note"]) == ("service:everything", "before the feast")
    assert (row["replay"], row["not_replayed_because"]) == (None, "the first")
    assert row["policy"]["limits"] == {
        "max_parcels": 2, "split_lines": False, "late_days": 60, "moved_percent": 100,
    }  # fmt: skip
    later = {
        "policy": {"name": "calm"},
        "effective_from": "2035-01-01T00:00:00Z",
        "not_replayed_because": "as before",
    }
    assert api.post(POLICIES, later).json()["in_force"] is False
    assert [one["version"] for one in api.get(POLICIES).json()] == [2, 1]
    assert api.get(f"{POLICIES}/1").json() == row
    found = api.get(f"{POLICIES}/1/differences/2").json()
    assert {"field": "limits.max_parcels", "old": 2, "new": 3} in found
    error_of(api.get(f"{POLICIES}/3"), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"policy": {"name": "x", "limits": {"max_parcels": 0}}}, "invalid", "limits.max_parcels"),
        ({"policy": {}}, "invalid", "name"),
        (
            {"policy": PEAK | {"exclusions": [{"location": "S99", "reason": "x"}]}},
            "invalid",
            "exclusions[0].location",
        ),
        (
            {"policy": PEAK, "effective_from": "2020-01-01T00:00:00Z"},
            "invalid",
            "effective_from",
        ),
        (
            {"policy": PEAK, "effective_from": "2035-01-01T00:00:00"},
            "malformed_request",
            "effective_from",
        ),
        ({"policy": []}, "malformed_request", "policy"),
        ({"policy": PEAK, "name": "x"}, "malformed_request", "name"),
        ({"policy": PEAK, "not_replayed_because": ""}, "invalid", "replay"),
        (
            {"policy": PEAK, "replay": {"saved_minor": 12}, "not_replayed_because": ""},
            "invalid",
            "days",
        ),
    ],
)
def test_what_is_wrong_is_refused_by_field(
    api: Api, body: dict[str, Any], code: str, field: str
) -> None:
    before = everything()
    body = {"not_replayed_because": "a trial"} | body
    assert error_of(api.post(POLICIES, body), 422, code)["field"] == field
    assert everything() == before


def test_only_operations_may(api: Api) -> None:
    with transaction() as session:
        scopes = [scope for scope in Scope if scope is not Scope.OPERATIONS]
        key = enrolling.issue_key(session, name="others", scopes=scopes)
    other = Api(api.client, key)
    error_of(other.get(POLICIES), 403, "forbidden")
    error_of(other.post(POLICIES, {"policy": PEAK}), 403, "forbidden")


def test_commands_add_list_show_and_compare(api: Api, file: Path, tmp_path: Path) -> None:
    assert "standard policy" in oms("list").stdout
    refused = oms("add", str(file))
    assert refused.exit_code == 2
    assert "with its replay or with a reason" in refused.stderr
    added = oms("add", str(file), "--note", "peak", "--without-replay", "the first")
    assert added.exit_code == 0, added.output
    assert added.stdout.startswith("version 1, 'peak', counts from ")
    coming = oms(
        "add", str(file), "--effective-from", "2035-01-01T00:00:00", "--without-replay", "again"
    )
    assert coming.stdout == "version 2, 'peak', counts from 2035-01-01 00:00 UTC\n"
    assert "1 *" in oms("list").stdout
    assert "replay of version 1: none: the first" in oms("list").stdout
    rows = json.loads(oms("list", "--json").stdout)
    assert [(row["version"], row["in_force"]) for row in rows] == [(2, False), (1, True)]
    assert (rows[1]["replay"], rows[1]["not_replayed_because"]) == (None, "the first")
    shown = tmp_path / "shown.json"
    shown.write_text(oms("show").stdout)
    assert oms("diff", "1", str(shown)).exit_code == 0
    assert json.loads(oms("show", "2").stdout)["name"] == "peak"
    shown.write_text(json.dumps(PEAK | {"express_hours": 12}))
    answer = oms("diff", "1", str(shown))
    assert (answer.exit_code, answer.stdout) == (1, "express_hours: 48 -> 12\n")


@pytest.mark.parametrize("command", ["check", "add"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"name": "x", "holds": [{"service": "express", "minutes": 5}]}', "holds[0].minutes"),
        ("{", "is no JSON"),
        ("[]", "the policy"),
    ],
)
def test_a_bad_file_exits_2_and_names_the_field(
    api: Api, tmp_path: Path, command: str, text: str, words: str
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(text)
    answer = oms(command, str(bad))
    assert answer.exit_code == 2
    assert words in answer.stderr
    assert oms("diff", str(bad), str(bad)).exit_code == 2
    assert json.loads(oms("list", "--json").stdout) == []


def test_a_file_is_checked_without_a_database(file: Path) -> None:
    answer = oms("check", str(file))
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert "'peak' is as documented" in answer.stdout
    assert oms("check", str(file.parent / "none.json")).exit_code == 2


def test_an_unknown_location_is_the_file_s_fault(api: Api, file: Path) -> None:
    file.write_text(json.dumps(PEAK | {"exclusions": [{"location": "S99", "reason": "x"}]}))
    answer = oms("add", str(file), "--without-replay", "a trial")
    assert answer.exit_code == 2
    assert "exclusions[0].location: there is no location 'S99'" in answer.stderr


def test_an_order_that_waits_says_until_when_and_may_be_let_go(api: Api) -> None:
    with transaction() as session:
        no_cut_off_soon(session)
    hold = {"service": "standard", "minutes": 30}
    patient = {"name": "patient", "holds": [hold]}
    api.post(POLICIES, {"policy": patient, "not_replayed_because": "a trial"})
    placed = api.post("/v1/orders", an_order()).json()
    path = f"/v1/orders/{placed['order_id']}"
    before = api.get(path).json()
    assert before["release_at"] > before["placed_at"]
    assert routing_orders.route(UUID(placed["order_id"]), actor="test") is None
    after = api.post(f"{path}/release-now").json()
    assert after["release_at"] < before["release_at"]
    assert after["version"] == before["version"] + 1
    error_of(api.post(f"{path}/release-now"), 409, "conflict")
    routed(placed["order_id"])
    [decision] = api.get(f"{path}/decisions").json()
    assert decision["policy_version"] == 1
