"""Every kind of fault in a problem file is named by its place; a right one is read whole."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from routing.document import problem_document
from routing.parse import ProblemFault, parse_problem, parse_tariff
from routing.problem import Line, Location, Order, Problem, Stock, Tariff
from tests.routing.strategies import problems

DOCUMENT: dict[str, Any] = {
    "currency": "USD",
    "tariff": {
        "zone_miles": [50, 150],
        "max_weight_g": [113, 227],
        "cents": [[450, 456, 458], [495, 504, 507]],
        "transit_days": [1, 2, 2],
    },
    "locations": [
        {
            "id": "S1",
            "kind": "store",
            "lat": 36,
            "lon": -94.07,
            "parcel_cents": 190,
            "line_cents": 160,
            "pickup_cents": 150,
            "handling_days": 1,
            "capacity_parcels": 20,
        },
        {
            "id": "W1",
            "kind": "warehouse",
            "lat": 40.7,
            "lon": -74.0,
            "parcel_cents": 90,
            "line_cents": 60,
            "pickup_cents": 0,
            "handling_days": 0,
        },
    ],
    "stock": [["S1", "SKU1", 3], ["W1", "SKU1", 0]],
    "orders": [
        {
            "id": "O1",
            "lat": 40.7,
            "lon": -74.0,
            "promise_days": 5,
            "max_parcels": 3,
            "pickup_at": None,
            "lines": [
                {"id": "1", "sku": "SKU1", "units": 1, "weight_g": 250, "unfilled_cents": 3000}
            ],
        },
        {
            "id": "O2",
            "lat": 40.7,
            "lon": -74.0,
            "promise_days": 5,
            "max_parcels": 1,
            "pickup_at": ["S1"],
            "excluded": {"W1": "rejected: damaged"},
            "lines": [{"id": "1", "sku": "SKU1", "units": 2, "weight_g": 500, "unfilled_cents": 0}],
        },
    ],
}

Change = Callable[[dict[str, Any]], object]


def put(*path: str | int, value: object) -> Change:
    """Set the field at a path."""

    def change(document: dict[str, Any]) -> None:
        spot: Any = document
        for step in path[:-1]:
            spot = spot[step]
        spot[path[-1]] = value

    return change


def drop(*path: str | int) -> Change:
    """Leave out the field at a path."""

    def change(document: dict[str, Any]) -> None:
        spot: Any = document
        for step in path[:-1]:
            spot = spot[step]
        del spot[path[-1]]

    return change


def test_a_right_document_is_read_whole() -> None:
    assert parse_problem(DOCUMENT) == Problem(
        currency="USD",
        tariff=Tariff((50.0, 150.0), (113, 227), ((450, 456, 458), (495, 504, 507)), (1, 2, 2)),
        locations=(
            Location("S1", "store", 36.0, -94.07, 190, 160, 150, 1, 20),
            Location("W1", "warehouse", 40.7, -74.0, 90, 60, 0, 0, None),
        ),
        stock=(Stock("S1", "SKU1", 3), Stock("W1", "SKU1", 0)),
        orders=(
            Order("O1", 40.7, -74.0, 5, 3, (Line("1", "SKU1", 1, 250, 3000),)),
            Order(
                "O2",
                40.7,
                -74.0,
                5,
                1,
                (Line("1", "SKU1", 2, 500, 0),),
                pickup_at=("S1",),
                excluded={"W1": "rejected: damaged"},
            ),
        ),
    )


@settings(max_examples=50, deadline=None)
@given(problems(most_orders=3))
def test_a_problem_survives_being_written_and_read(problem: Problem) -> None:
    assert parse_problem(json.loads(json.dumps(problem_document(problem)))) == problem


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop("currency"), "currency: is missing"),
        (drop("orders", 1, "lines", 0, "sku"), "orders[1].lines[0].sku: is missing"),
        (
            put("orders", 0, "exclude", value={}),
            "orders[0].exclude: is not a known field; known: id, lat, lon, promise_days, "
            "max_parcels, lines, pickup_at, excluded, slot, added",
        ),
        (put("added", value={}), "added: must be an array, got an object"),
        (put("added", value=[{"term": "wear"}]), "added[0].cents: is missing"),
        (
            put("added", value=[{"term": "packing", "cents": {}}]),
            'added[0].term: "packing" is what the rates are called',
        ),
        (
            put("added", value=[{"term": "wear", "cents": [1]}]),
            "added[0].cents: must be an object of location: cents, got an array",
        ),
        (
            put("added", value=[{"term": "wear", "cents": {"S9": 1}}]),
            'added[0].cents.S9: "S9" is not among the locations',
        ),
        (
            put("added", value=[{"term": "wear", "cents": {"S1": -1}}]),
            "added[0].cents.S1: must be zero or a positive integer, got -1",
        ),
        (
            put("added", value=[{"term": "wear", "cents": {"S1": 10**8 + 1}}]),
            "added[0].cents.S1: must be at most 100000000, got 100000001",
        ),
        (
            put("orders", 0, "lines", 0, "added", value=[0]),
            "orders[0].lines[0].added[0]: 0 is not among the 0 rows of added",
        ),
        (put("orders", 1, "added", value=3), "orders[1].added: must be an array, got 3"),
        (
            put("orders", 1, "added", value=[*range(17)]),
            "orders[1].added: must be at most 16, are 17",
        ),
        (
            put("extra", value=1),
            "extra: is not a known field; known: currency, tariff, locations, stock,"
            " orders, road_factor, transfers, added",
        ),
        (put("currency", value="usd"), 'currency: must be three capital letters, got "usd"'),
        (put("currency", value=840), "currency: must be text, got 840"),
        (put("locations", value={}), "locations: must be an array, got an object"),
        (put("locations", 0, value=[]), "locations[0]: must be an object, got an array"),
        (put("locations", 0, "id", value=" "), "locations[0].id: must not be empty"),
        (
            put("locations", 0, "id", value="x" * 501),
            "locations[0].id: must have at most 500 characters, has 501",
        ),
        (put("locations", 1, "id", value="S1"), 'locations[1].id: "S1" is there twice'),
        (
            put("locations", 1, "id", value="S\ud800"),
            'locations[1].id: must be valid Unicode, got "S\\ud800"',
        ),
        (
            put("stock", 0, 0, value="S\n9"),
            'stock[0][0]: "S\\n9" is not among the locations',
        ),
        (
            put("locations", 0, "lat", value=90.5),
            "locations[0].lat: must be from -90 to 90, got 90.5",
        ),
        (
            put("locations", 0, "lon", value=-181),
            "locations[0].lon: must be from -180 to 180, got -181",
        ),
        (
            put("locations", 0, "lat", value=float("nan")),
            "locations[0].lat: must be a finite number, got nan",
        ),
        (
            put("orders", 0, "lon", value=float("inf")),
            "orders[0].lon: must be a finite number, got inf",
        ),
        (put("orders", 0, "lat", value=True), "orders[0].lat: must be a number, got true"),
        (put("orders", 0, "lat", value="40"), 'orders[0].lat: must be a number, got "40"'),
        (
            put("locations", 0, "parcel_cents", value=-1),
            "locations[0].parcel_cents: must be zero or a positive integer, got -1",
        ),
        (
            put("locations", 0, "line_cents", value=1.5),
            "locations[0].line_cents: must be zero or a positive integer, got 1.5",
        ),
        (
            put("locations", 0, "pickup_cents", value=None),
            "locations[0].pickup_cents: must be zero or a positive integer, got null",
        ),
        (
            put("locations", 0, "handling_days", value=3651),
            "locations[0].handling_days: must be at most 3650, got 3651",
        ),
        (
            put("locations", 0, "capacity_parcels", value=-2),
            "locations[0].capacity_parcels: must be zero or a positive integer, got -2",
        ),
        (
            put("tariff", "cents", value=[[1, 2, 3]]),
            "tariff.cents: must have one row per weight band, 2, has 1",
        ),
        (
            put("tariff", "cents", 1, value=[1, 2]),
            "tariff.cents[1]: must have one figure per zone (thresholds + 1), 3, has 2",
        ),
        (
            put("tariff", "cents", 1, 2, value=-1),
            "tariff.cents[1][2]: must be zero or a positive integer, got -1",
        ),
        (
            put("tariff", "transit_days", value=[1, 2]),
            "tariff.transit_days: must have one figure per zone (thresholds + 1), 3, has 2",
        ),
        (
            put("tariff", "zone_miles", value=[150, 50]),
            "tariff.zone_miles[1]: must be more than the one before it, 150, got 50",
        ),
        (
            put("tariff", "max_weight_g", value=[113, 113]),
            "tariff.max_weight_g[1]: must be more than the one before it, 113, got 113",
        ),
        (
            put("tariff", "max_weight_g", value=[]),
            "tariff.max_weight_g: must have at least 1, has 0",
        ),
        (
            put("stock", 0, value=["S1", "SKU1"]),
            "stock[0]: must be [location, SKU, units], has 2 values",
        ),
        (put("stock", 0, 0, value="S9"), 'stock[0][0]: "S9" is not among the locations'),
        (put("stock", 1, value=["S1", "SKU1", 2]), 'stock[1]: "SKU1" at "S1" is there twice'),
        (put("stock", 0, 2, value=-3), "stock[0][2]: must be zero or a positive integer, got -3"),
        (
            put("stock", 0, 2, value=10**10),
            "stock[0][2]: must be at most 1000000000, got 10000000000",
        ),
        (
            put("stock", 0, 2, value=10**5000),
            "stock[0][2]: must be at most 1000000000, got an integer of more than 60 digits",
        ),
        (put("orders", 1, "id", value="O1"), 'orders[1].id: "O1" is there twice'),
        (
            put("orders", 0, "promise_days", value=-1),
            "orders[0].promise_days: must be zero or a positive integer, got -1",
        ),
        (
            put("orders", 0, "max_parcels", value=0),
            "orders[0].max_parcels: must be a positive integer, got 0",
        ),
        (put("orders", 0, "lines", value=[]), "orders[0].lines: must have at least 1, has 0"),
        (
            put("orders", 1, "lines", 0, "units", value=0),
            "orders[1].lines[0].units: must be a positive integer, got 0",
        ),
        (
            put("orders", 1, "lines", 0, "units", value=True),
            "orders[1].lines[0].units: must be a positive integer, got true",
        ),
        (
            put("orders", 1, "lines", 0, "weight_g", value=-5),
            "orders[1].lines[0].weight_g: must be zero or a positive integer, got -5",
        ),
        (
            put("orders", 1, "lines", 0, "unfilled_cents", value="3"),
            'orders[1].lines[0].unfilled_cents: must be zero or a positive integer, got "3"',
        ),
        (
            put("orders", 0, "lines", value=[DOCUMENT["orders"][0]["lines"][0]] * 2),
            'orders[0].lines[1].id: "1" is there twice',
        ),
        (
            put("orders", 1, "pickup_at", value=["S1", "S7"]),
            'orders[1].pickup_at[1]: "S7" is not among the locations',
        ),
        (
            put("orders", 1, "pickup_at", value=["S1", "S1"]),
            'orders[1].pickup_at[1]: "S1" is there twice',
        ),
        (
            put("orders", 1, "pickup_at", value="S1"),
            'orders[1].pickup_at: must be an array, got "S1"',
        ),
        (
            put("orders", 1, "excluded", value=["S1"]),
            "orders[1].excluded: must be an object of location: reason, got an array",
        ),
        (
            put("orders", 1, "excluded", value={"S7": "closed"}),
            'orders[1].excluded.S7: "S7" is not among the locations',
        ),
        (
            put("orders", 1, "excluded", value={"S1": 3}),
            "orders[1].excluded.S1: must be text, got 3",
        ),
    ],
)
def test_a_fault_is_named_by_its_place(change: Change, said: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    with pytest.raises(ProblemFault) as raised:
        parse_problem(document)
    assert str(raised.value) == said
    assert said.startswith(f"{raised.value.field}: ")


@pytest.mark.parametrize("document", [None, [], "problem", 7])
def test_what_is_no_object_is_no_problem(document: object) -> None:
    with pytest.raises(ProblemFault, match=r"^problem: must be an object, got "):
        parse_problem(document)


def test_a_long_value_is_shortened_in_the_message() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["stock"][0][0] = "S" * 400
    with pytest.raises(ProblemFault) as raised:
        parse_problem(document)
    assert str(raised.value) == f'stock[0][0]: "{"S" * 56}... is not among the locations'


def test_a_tariff_is_read_on_its_own() -> None:
    assert parse_tariff(DOCUMENT["tariff"]).transit_days == (1, 2, 2)
    with pytest.raises(ProblemFault, match=r"^tariff: must be an object, got null$"):
        parse_tariff(None)
