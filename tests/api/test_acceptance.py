"""Acceptance over the API and on the command line: listed, overridden, taken back."""

import json

from typer.testing import CliRunner, Result

from api.cli import application
from oms.errors import NotFound
from tests.api.asking import Api, error_of

PATH = "/v1/routing/acceptance"


def oms(*arguments: str) -> Result:
    return CliRunner().invoke(application("acceptance"), ["acceptance", *arguments])


def test_a_person_overrides_what_was_learned_and_takes_it_back(api: Api) -> None:
    before = api.get(PATH).json()
    assert [(one["location"], one["sku_class"]) for one in before] == [
        ("S01", ""),
        ("S02", ""),
        ("W01", ""),
    ]
    said = {"location": "S01", "sku_class": "kitchen", "probability": 0.25, "reason": "flood"}
    made = api.post(PATH, said)
    assert (made.status_code, made.json()["probability"]) == (201, 0.25)
    assert api.post(PATH, said).json() == made.json()
    whole, kitchen = api.get(PATH, params={"location": "S01"}).json()
    assert (whole["override"], whole["probability"]) == (None, whole["learned"])
    assert (kitchen["probability"], kitchen["override"]["reason"]) == (0.25, "flood")
    body = {"location": "S01", "sku_class": "kitchen", "because": "dry again"}
    assert api.post(f"{PATH}/clear", body).status_code == 200
    assert api.get(PATH).json() == before
    assert error_of(api.post(f"{PATH}/clear", body), 404, "not_found")["field"] == "sku_class"


def test_what_makes_no_sense_is_refused(api: Api) -> None:
    body = {"location": "S01", "probability": 1.5, "reason": "x"}
    assert error_of(api.post(PATH, body), 422, "malformed_request")["field"] == "probability"
    body = {"location": "S99", "probability": 0.5, "reason": "x"}
    assert error_of(api.post(PATH, body), 404, "not_found")["field"] == "location"
    body = {"location": "S01", "probability": 0.5, "reason": "x", "until": "2020-01-01T00:00:00Z"}
    assert error_of(api.post(PATH, body), 422, "invalid")["field"] == "until"
    error_of(api.get(PATH, params={"location": "S99"}), 404, "not_found")


def test_the_commands_do_the_same(api: Api) -> None:
    answer = oms("set", "S01", "0.5", "--reason", "understaffed", "--until", "2099-01-01T00:00:00")
    assert answer.stdout == "S01, all: 50.0%\n"
    [row] = json.loads(oms("list", "--location", "S01", "--json").stdout)
    assert (row["probability"], row["override"]["set_by"]) == (0.5, "cli")
    assert "understaffed" in oms("list").stdout
    cleared = oms("clear", "S01", "--because", "two more people")
    assert cleared.stdout == "S01, all: what was learned counts again\n"
    assert isinstance(oms("clear", "S01", "--because", "x").exception, NotFound)
