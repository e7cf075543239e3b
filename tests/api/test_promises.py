"""`GET /v1/promise` and `oms promise`: one answer, in JSON and in words."""

import json
from typing import Any

import pytest
from click.testing import Result
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.cli import application
from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from oms.errors import OmsError
from oms.locations.models import Postcode
from oms.sourcing import decisions
from tests.api.asking import Api, an_order, error_of, everything, routed, stored
from tests.oms.shop import Shop


@pytest.fixture(autouse=True)
def _map(shop: Shop) -> None:
    with transaction() as session:
        session.add(Postcode(country="US", postcode="10002", latitude=40.71, longitude=-74.0))


def ask(api: Api, **params: Any) -> Any:
    given = {"sku": "MUG", "postcode": "10002"} | params
    answer = api.get("/v1/promise", params=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def oms(*words: str) -> Result:
    return CliRunner().invoke(application(words[0]), list(words))


def test_a_promise_says_by_when_and_where_and_holds_nothing(api: Api) -> None:
    before = everything()
    found = ask(api, sku=["MUG", "LAMP"], qty=[2, 1])
    assert everything() == before
    assert set(found) == {"as_of", "currency", "shipping", "pickup", "assumptions"}
    [option] = found["shipping"]["options"]
    assert (option["locations"], option["cost_minor"]) == (1, 950 + 190 + 120)
    [parcel] = option["parcels"]
    assert (parcel["location"], parcel["skus"]) == ("S01", ["MUG", "LAMP"])
    assert parcel["leaves_on"] < parcel["arrives_on"] == option["arrives_on"]
    stores = [(one["location"], one["distance_miles"]) for one in found["pickup"]["stores"]]
    assert stores == [("S01", 0.0), ("S02", 190.0)]
    assert found["pickup"]["stores"][1]["distance_km"] == 305.8
    assert (found["pickup"]["in_part"], found["pickup"]["reason"]) == ([], None)


def test_the_promised_moment_is_what_an_order_is_routed_for(api: Api) -> None:
    promised = ask(api)["shipping"]["options"][0]["promise_by"]
    placed = api.post("/v1/orders", an_order(deliver_by=promised)).json()
    assert routed(placed["order_id"])
    order = stored(placed["order_id"])
    assert order.promise_by.isoformat().replace("+00:00", "Z") == promised
    with transaction() as session:
        [decision] = decisions.of_order(session, order.id)
    assert decision.fallback_reason is None


def test_what_cannot_be_promised_is_said_in_words(api: Api) -> None:
    found = ask(api, sku=["MUG", "LAMP"], qty=[1, 6], postcode="99999")
    assert found["shipping"] == {
        "options": [],
        "lacking": [
            {
                "sku": "LAMP",
                "quantity": 6,
                "free": 15,
                "reason": "no location has 6 together: the most at one is 5, and 15 in all",
            }
        ],
    }
    assert found["pickup"]["stores"] == []
    assert found["assumptions"] == [
        "The postcode is not on the map, so distances are from the network's middle."
    ]


WRONG: list[tuple[dict[str, Any], int, str, str]] = [
    ({"sku": "CUP", "postcode": "10002"}, 404, "unknown_sku", "sku"),
    ({"postcode": "10002"}, 422, "malformed_request", "sku"),
    ({"sku": "MUG", "qty": 0, "postcode": "10002"}, 422, "malformed_request", "qty.0"),
    ({"sku": "MUG", "qty": "two", "postcode": "10002"}, 422, "malformed_request", "qty.0"),
    ({"sku": "MUG", "qty": [1, 2], "postcode": "10002"}, 422, "invalid", "qty"),
    ({"sku": ["MUG", "MUG"], "postcode": "10002"}, 422, "invalid", "sku"),
    ({"sku": ["A"] * 11, "postcode": "10002"}, 422, "malformed_request", "sku"),
    ({"sku": "MUG"}, 422, "invalid", "postcode"),
    ({"sku": "MUG", "latitude": 91, "longitude": 0}, 422, "malformed_request", "latitude"),
    (
        {"sku": "MUG", "postcode": "10002", "country": "usa"},
        422,
        "malformed_request",
        "country",
    ),
    ({"sku": "MUG", "postcode": "10002", "currency": "EUR"}, 422, "invalid", "currency"),
    ({"sku": "MUG", "postcode": "10002", "stores": 21}, 422, "malformed_request", "stores"),
    ({"sku": "M\x00G", "postcode": "10002"}, 422, "malformed_request", "sku.0"),
    ({"sku": "MUG", "postcode": "\x00"}, 422, "malformed_request", "postcode"),
]


def test_a_wrong_question_names_its_field(api: Api) -> None:
    for params, status, code, field in WRONG:
        answer = api.get("/v1/promise", params=params)
        assert error_of(answer, status, code)["field"] == field, params


def test_a_key_needs_its_scope(client: TestClient, shop: Shop) -> None:
    def status(*scopes: Scope) -> int:
        with transaction() as session:
            key = enrolling.issue_key(session, name=str(scopes), scopes=list(scopes))
        answer = Api(client, key).get("/v1/promise", params={"sku": "MUG", "postcode": "10002"})
        return answer.status_code

    assert status(Scope.STOCK_READ) == 200
    assert status(Scope.ORDERS_WRITE, Scope.STOCK_WRITE) == 403
    assert client.get("/v1/promise", params={"sku": "MUG", "postcode": "1"}).status_code == 401


def test_the_command_says_it_in_words_and_in_json(api: Api) -> None:
    given = ("--sku", "MUG", "--qty", "2", "--postcode", "10002-0001")
    said = oms("promise", *given)
    assert said.exit_code == 0, said.output
    first, *rest = said.stdout.splitlines()
    assert first.startswith("there by ")
    assert " for 9.00 USD if ordered before " in first
    assert ": MUG from S01 on " in first
    assert rest[0].startswith("collect at S01 Store S01, 0.0 miles: ready by ")
    assert rest[0].endswith(" (America/New_York)")
    document = json.loads(oms("promise", *given, "--json").stdout)
    answer = ask(api, qty=2)
    assert document.keys() == answer.keys()
    assert document["shipping"] == answer["shipping"]


def test_the_command_says_what_lacks(shop: Shop) -> None:
    said = oms("promise", "--sku", "ANVIL", "--postcode", "10099", "--stores", "1")
    assert said.stdout.splitlines() == [
        "not sent: 1 x ANVIL: no location has any that may be promised",
        "not collected: no store has the whole basket",
        "note: The postcode is not on the map, so it is taken to lie in the middle of those that"
        " begin with 100.",
    ]


@pytest.mark.usefixtures("shop")
def test_the_command_refuses_a_wrong_question() -> None:
    here = ["--postcode", "10002"]
    for words, field in (
        (["--sku", "MUG", "--qty", "-1", *here], "qty"),
        (["--sku", "MUG", "--qty", "1", "--qty", "2", *here], "qty"),
        (["--sku", "MUG"], "postcode"),
        (["--sku", "MUG", "--stores", "-1", *here], "stores"),
        (["--sku", "NO", *here], "sku"),
    ):
        refused = oms("promise", *words).exception
        assert isinstance(refused, OmsError)
        assert (refused.field, bool(refused.remedy)) == (field, True)
