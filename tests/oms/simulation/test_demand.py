"""Simulated demand: the same for the same seed, as much as it should be, where people live."""

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from oms.errors import Invalid
from oms.network.schema import NetworkFile
from oms.simulation.demand import WEEKDAYS, made_up, market_of
from oms.simulation.planning import plan_of
from oms.simulation.world import world_of
from oms.sourcing.policy import parse
from tests.oms.simulation.conftest import MONDAY, wanted

ORDER: dict[str, Any] = {
    "at": "2026-11-03T12:00:00+01:00",
    "country": "US",
    "postcode": "80202-1234",
    "lines": [{"sku": "MUG-SAGE"}],
}


def test_a_day_is_the_same_for_the_same_seed_whenever_it_is_made(network: NetworkFile) -> None:
    market = market_of(network, None)
    day = list(made_up(market, MONDAY, seed=1, mean=50))
    assert list(made_up(market, MONDAY, seed=1, mean=50)) == day
    assert list(made_up(market, MONDAY, seed=2, mean=50)) != day
    assert [one.at for one in day] == sorted(one.at for one in day)
    assert {one.at.date() for one in day} == {MONDAY}
    assert {one.channel for one in day} == {"shopify", "woocommerce"}


def test_as_many_come_as_the_mean_and_the_weekday_say(network: NetworkFile) -> None:
    assert sum(WEEKDAYS) == pytest.approx(7)
    market = market_of(network, None)
    counts: Counter[int] = Counter()
    for number in range(7 * 60):
        day = MONDAY + timedelta(days=number)
        counts[day.weekday()] += len(list(made_up(market, day, seed=5, mean=20)))
    for weekday, share in enumerate(WEEKDAYS):
        # Sixty days of a Poisson process: five standard deviations.
        expected = 60 * 20 * share
        assert abs(counts[weekday] - expected) < 5 * expected**0.5


def test_customers_live_where_people_are(network: NetworkFile) -> None:
    people = {(10.0, 20.0): 3_000.0, (30.0, 40.0): 1_000.0}
    days = [MONDAY + timedelta(days=number) for number in range(10)]
    market = market_of(network, people)
    homes = Counter(one.where for day in days for one in made_up(market, day, seed=1, mean=200))
    assert set(homes) == set(people)
    assert 2.5 < homes[10.0, 20.0] / homes[30.0, 40.0] < 3.5


def test_a_file_of_orders_is_taken_as_it_is(network: NetworkFile) -> None:
    there = {key: value for key, value in ORDER.items() if key not in ("country", "postcode")}
    document = {
        "orders": [
            there | {"pickup_store": "S01", "at": "2026-11-03T20:00:00Z"},
            ORDER | {"promise_days": 1},
            there | {"latitude": 1.5, "longitude": 2.5},
        ]
    }
    plan = plan_of(network, [parse({"name": "x"})], wanted(demand=document))
    first, second, third = plan.orders(date(2026, 11, 3))
    assert (first.where, first.promise_by) == ((39.75, -105.0), first.at + timedelta(days=1))
    assert second.where == (1.5, 2.5)
    assert second.promise_by == second.at + timedelta(days=5)
    assert (third.pickup_at, third.promise_by) == ("S01", None)
    assert plan.orders(MONDAY) == []
    assert plan.demand == "3 orders from a file"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lines": [{"sku": "CUP"}]}, "orders[0].lines[0].sku"),
        ({"lines": []}, "orders[0].lines"),
        ({"lines": [{"sku": "MUG-SAGE", "units": 0}]}, "orders[0].lines[0].units"),
        ({"postcode": "99999"}, "orders[0].postcode"),
        ({"pickup_store": "S01"}, "orders[0]"),
        ({"country": None, "postcode": None, "pickup_store": "W01"}, "orders[0].pickup_store"),
        ({"at": "2026-11-03T12:00:00"}, "orders[0].at"),
        ({"at": "2026-12-03T12:00:00Z"}, "orders[0].at"),
        ({"colour": "red"}, "orders[0].colour"),
    ],
)
def test_a_wrong_file_is_refused_by_field(
    network: NetworkFile, changes: dict[str, Any], field: str
) -> None:
    document = {"orders": [ORDER | changes]}
    with pytest.raises(Invalid) as refused:
        plan_of(network, [parse({"name": "x"})], wanted(demand=document))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tariff": None}, "tariff"),
        ({"stock": []}, "stock"),
        ({"locations": [], "stock": []}, "locations"),
        ({"products": []}, "stock[0].sku"),
    ],
)
def test_a_network_that_is_not_complete_is_refused(
    network: NetworkFile, change: dict[str, Any], field: str
) -> None:
    document = json.loads(network.model_dump_json()) | change
    with pytest.raises(Invalid) as refused:
        world_of(NetworkFile.model_validate(document))
    assert refused.value.field == field
