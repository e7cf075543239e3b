"""Weeks of demand in memory: decided as the running system decides, the same after any stop."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from oms import clock
from oms.errors import Invalid
from oms.network import loading
from oms.network.reading import read
from oms.network.schema import NetworkFile
from oms.ordering import placing
from oms.orders.new_order import NewAddress, NewLine, NewOrder
from oms.simulation import state as states
from oms.simulation.planning import plan_of
from oms.simulation.report import Report
from oms.simulation.shelves import Shelves
from oms.simulation.simulating import simulate
from oms.simulation.state import State
from oms.simulation.stating import expected_days
from oms.simulation.world import Hours, world_of
from oms.sourcing import decisions, policies, stating
from oms.sourcing.policy import parse
from tests.builders import a_new_order
from tests.oms.shop import routed
from tests.oms.simulation.conftest import EXAMPLE, MONDAY, PATIENT, wanted

POLICIES = (parse({"name": "at once"}), parse(PATIENT))


class Stopped(Exception):
    """The simulation is ended from outside."""


def run(network: NetworkFile, *, state: Path | None = None, stop_after: int = 0) -> Report:
    def tell(now: State) -> None:
        if now.done == stop_after:
            raise Stopped

    return simulate(plan_of(network, POLICIES, wanted()), state=state, tell=tell)


@pytest.fixture(scope="module")
def whole() -> Report:
    """A week that nobody stopped."""
    return run(read(json.loads(EXAMPLE)))


def test_a_simulation_that_was_stopped_goes_on_as_if_it_had_not(
    network: NetworkFile, whole: Report, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    for day in (2, 6):
        with pytest.raises(Stopped):
            run(network, state=state, stop_after=day)
        found = states.read(state)
        assert found is not None
        assert found.done == day
    report = whole.model_dump_json()
    assert run(network, state=state).model_dump_json() == report
    assert run(network, state=state).model_dump_json() == report  # nothing is left to do
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_every_order_is_decided_once_under_each_policy(whole: Report) -> None:
    report = whole
    at_once, patient = report.policies
    assert report.orders == at_once.figures.decisions == patient.figures.decisions > 3
    assert (at_once.waited, at_once.joint_runs) == (0, 0)
    assert patient.waited == report.orders
    assert patient.joint_runs > 0
    for one in report.policies:
        assert one.figures.cost_minor == sum(one.figures.terms.values())
        assert sum(day.decisions for day in one.days) == report.orders
        assert sum(day.cost_minor for day in one.days) == one.figures.cost_minor
        assert len(one.days) == 7


def test_a_joint_run_moves_an_order_that_waits_when_that_saves_money(network: NetworkFile) -> None:
    """Denver has one mug to give: the first order takes it although the second needs it more."""
    document = json.loads(EXAMPLE)
    document["stock"] = [
        {"location": "S01", "sku": "MUG-SAGE", "units": 1},
        {"location": "W01", "sku": "MUG-SAGE", "units": 9},
    ]
    document["locations"][1] |= {"parcel_cost_minor": 230, "line_cost_minor": 90}
    rough = NetworkFile.model_validate(document)
    line = [{"sku": "MUG-SAGE"}]
    orders = [
        {"at": "2026-11-02T15:00:00Z", "latitude": 39.8, "longitude": -95.0, "lines": line},
        {"at": "2026-11-02T16:00:00Z", "latitude": 39.75, "longitude": -105.0, "lines": line},
    ]
    plan = plan_of(rough, POLICIES, wanted(demand={"orders": orders}))
    at_once, patient = simulate(plan).policies
    assert (patient.moved, patient.figures.parcels, at_once.figures.parcels) == (2, 2, 2)
    assert patient.figures.cost_minor < at_once.figures.cost_minor


def test_joint_runs_teach_bid_prices_also_across_a_stop(tmp_path: Path) -> None:
    """Three want the two mugs in Denver: from then on whoever takes one there is charged."""
    document = json.loads(EXAMPLE)
    document["stock"] = [
        {"location": "S01", "sku": "MUG-SAGE", "units": 2},
        {"location": "W01", "sku": "MUG-SAGE", "units": 9},
    ]
    document["locations"][1] |= {"parcel_cost_minor": 200, "line_cost_minor": 50}
    network = NetworkFile.model_validate(document)
    home = {"latitude": 39.75, "longitude": -105.0, "lines": [{"sku": "MUG-SAGE"}]}
    hours = ("02T15:00", "02T15:01", "02T15:02", "10T15:00")
    orders = [home | {"at": f"2026-11-{hour}:00Z"} for hour in hours]
    policy = parse({**PATIENT, "weights": {"opportunity_percent": 10}})
    asked = wanted(weeks=2, restocked_every_days=7, demand={"orders": orders})
    plan = plan_of(network, [policy], asked)
    [found] = simulate(plan).policies
    assert found.figures.decisions == 4
    assert found.notes == []

    def tell(now: State) -> None:
        if now.done == 3:
            raise Stopped

    state = tmp_path / "state.json"
    with pytest.raises(Stopped):
        simulate(plan, state=state, tell=tell)
    kept = states.read(state)
    assert kept is not None
    [(sku, code, cents)] = kept.policies["patient"].bid_prices
    assert (sku, code) == ("MUG-SAGE", "S01")
    assert found.figures.locations["S01"].units == 3
    assert found.figures.terms["opportunity"] == 3 * round(cents / 10)
    assert simulate(plan, state=state).policies == [found]


def test_simulated_stock_is_valued_for_the_orders_of_the_last_two_days(
    network: NetworkFile,
) -> None:
    home = {"latitude": 39.75, "longitude": -105.0}
    wishes = (("01T15:00", 4), ("02T15:00", 3), ("03T15:00", 2), ("03T17:00", 1))
    orders = [
        home | {"at": f"2026-11-{at}:00Z", "lines": [{"sku": "MUG-SAGE", "units": units}]}
        for at, units in wishes
    ]
    policy = parse(PATIENT)
    demand = {"orders": orders}
    plan = plan_of(network, [policy], wanted(start=MONDAY - timedelta(days=1), demand=demand))
    came = [asked for day in (1, 2, 3) for asked in plan.orders(date(2026, 11, day))]

    def expected_on(day: int) -> list[list[int]]:
        now = datetime(2026, 11, day, 16, tzinfo=UTC)
        shelves = Shelves(dict(plan.world.opening))
        days = expected_days(plan.world, Hours(plan.world), shelves, came, policy=policy, now=now)
        return [[order.lines[0].units for order in day] for day in days]

    assert expected_on(3) == [[2], [3]]  # what comes at five is not known at four
    assert expected_on(1) == [[4], []]
    assert expected_on(9) == []


def test_a_term_that_is_not_there_is_told(network: NetworkFile) -> None:
    policy = parse({"name": "x", "weights": {"plugged_percent": {"breakage": 100}}})
    line = [{"sku": "MUG-SAGE"}]
    order = {"at": "2026-11-02T15:00:00Z", "pickup_store": "S01", "lines": line}
    [found] = simulate(plan_of(network, [policy], wanted(demand={"orders": [order]}))).policies
    assert found.notes == [
        "The cost term 'breakage' was left out: no package brings it; installed here: none."
    ]


def test_stock_is_filled_up_and_never_promised_twice() -> None:
    document = json.loads(EXAMPLE)
    document["stock"][1]["units"] = 70
    home = {"country": "US", "postcode": "10001"}
    orders = [
        home | {"at": f"2026-11-0{day}T12:00:00Z", "lines": [{"sku": "MUG-SAGE", "units": units}]}
        for day, units in ((2, 70), (3, 1), (4, 12), (5, 70))
    ]
    network = NetworkFile.model_validate(document)
    plan = plan_of(network, POLICIES[:1], wanted(demand={"orders": orders}))
    [found] = simulate(plan).policies
    # Denver had eleven to give, and gave one: nobody has twelve. On day four all is there again.
    assert found.figures.unfilled_lines == 1
    assert {code: at.units for code, at in found.figures.locations.items()} == {
        "W01": 140,
        "S01": 1,
    }


def new_order(one: Mapping[str, Any]) -> NewOrder:
    at = datetime.fromisoformat(one["at"])
    days = one.get("promise_days")
    base = a_new_order({one["lines"][0]["sku"]: 1}, pickup_store=one.get("pickup_store"))
    address = NewAddress(
        name="A",
        street="B",
        city="C",
        postcode="10001",
        country="US",
        latitude=one.get("latitude"),
        longitude=one.get("longitude"),
    )
    return replace(
        base,
        channel="shopify",
        placed_at=at,
        updated_at=at,
        deliver_by=None if days is None else at + timedelta(days=days),
        address=None if "pickup_store" in one else address,
        lines=tuple(
            NewLine(str(at), line["sku"], "x", line.get("units", 1), 100)
            for at, line in enumerate(one["lines"], start=1)
        ),
    )


def test_it_decides_as_the_running_system_does(session: Session, network: NetworkFile) -> None:
    orders: list[dict[str, Any]] = [
        {
            "at": "2026-11-02T15:00:00+00:00",
            "latitude": 40.0,
            "longitude": -100.0,
            "lines": [{"sku": "MUG-SAGE", "units": 2}, {"sku": "LAMP-OAK"}],
        },
        {
            "at": "2026-11-02T20:00:00+00:00",
            "pickup_store": "S01",
            "lines": [{"sku": "MUG-SAGE", "units": 3}],
        },
        {
            "at": "2026-11-03T16:00:00+00:00",
            "latitude": 39.75,
            "longitude": -105.0,
            "lines": [{"sku": "MUG-SAGE", "units": 2}],
        },
        {
            "at": "2026-11-03T23:30:00+00:00",
            "latitude": 39.75,
            "longitude": -105.0,
            "promise_days": 1,
            "lines": [{"sku": "MUG-SAGE", "units": 5}],
        },
    ]
    with_channel = [one | {"channel": "shopify"} for one in orders]
    rule = {"location": "S01", "reason": "no licence", "service": "express"}
    weights = {"congestion_cents": 600, "lateness_cents_per_day": 40}
    policy = parse({"name": "x", "exclusions": [rule], "weights": weights})
    demand = {"orders": with_channel}
    plan = plan_of(network, [policy], wanted(demand=demand))
    [found] = simulate(plan).policies
    with clock.at(datetime(2026, 11, 2, tzinfo=UTC)):
        loading.load(session, network, actor="test")
        policies.add(session, policy, effective_from=None, actor="test")
    costs, parcels = [], []
    for one in orders:
        with clock.at(datetime.fromisoformat(one["at"])):
            order = placing.place(session, new_order(one), actor="test")
            routed(session, order)
        [row] = decisions.of_order(session, order.id)
        costs.append(row.cost_minor)
        parcels += [parcel["location"] for parcel in row.plan["parcels"]]
    assert found.figures.cost_minor == sum(costs)
    assert found.figures.terms["congestion"] > 0
    assert {code: at.parcels for code, at in found.figures.locations.items()} == {
        code: parcels.count(code) for code in parcels
    }


def test_hours_are_those_of_every_moment(network: NetworkFile) -> None:
    world = world_of(network)
    hours = Hours(world)
    begin = datetime(2026, 12, 24, tzinfo=UTC)
    for minute in range(0, 3 * 1_440, 37):
        moment = begin + timedelta(minutes=minute)
        with clock.at(moment):
            fresh = stating.stated(world.places, world.calendars, busy={})
        found = hours.at(moment, busy={})
        assert (found.locations, found.today) == (fresh.locations, fresh.today)


def test_work_given_counts_against_capacity(network: NetworkFile) -> None:
    world = world_of(network)
    store = next(place for place in world.places if place.code == "S01")
    noon = datetime(2026, 11, 3, 12, tzinfo=UTC)
    found = Hours(world).at(noon, busy={store.id: 50})
    assert [one.capacity_parcels for one in found.locations] == [70, None]
    full = Hours(world).at(noon, busy={store.id: 500})
    assert [one.capacity_parcels for one in full.locations] == [0, None]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 8}, "another simulation"),
        ({"orders_per_day": 4}, "another simulation"),
        ({"start": MONDAY + timedelta(days=7)}, "another simulation"),
    ],
)
def test_the_state_of_another_simulation_is_refused(
    network: NetworkFile, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    state = tmp_path / "state.json"
    with pytest.raises(Stopped):
        run(network, state=state, stop_after=1)
    before = state.read_bytes()
    with pytest.raises(Invalid, match=words):
        simulate(plan_of(network, POLICIES, wanted(**change)), state=state)
    assert state.read_bytes() == before
    state.write_text("{}")
    with pytest.raises(Invalid, match="no state of a simulation"):
        run(network, state=state)


def test_more_weeks_go_on_where_fewer_ended(network: NetworkFile, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    [shorter, longer] = [
        plan_of(network, POLICIES[:1], wanted(weeks=weeks, orders_per_day=4)) for weeks in (1, 2)
    ]
    simulate(shorter, state=state)
    assert simulate(longer, state=state) == simulate(longer)
    with pytest.raises(Invalid, match="more than the weeks"):
        simulate(shorter, state=state)


def test_policies_that_cannot_be_told_apart_or_do_not_fit_are_refused(
    network: NetworkFile,
) -> None:
    with pytest.raises(Invalid, match="same name"):
        plan_of(network, [POLICIES[0], POLICIES[0]], wanted())
    strange = parse({"name": "x", "exclusions": [{"location": "S99", "reason": "gone"}]})
    with pytest.raises(Invalid, match="S99"):
        plan_of(network, [strange], wanted())
