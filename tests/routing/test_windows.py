"""Capacity by windows of time: today and tomorrow, and slots at the curb."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from routing import cpsat, exact
from routing.batch.effort import BatchEffort
from routing.batch.solve import solve
from routing.check import violations
from routing.decide import decide
from routing.document import problem_document
from routing.effort import Effort
from routing.method import Method
from routing.packages import cost_of, order_plan
from routing.parse import ProblemFault, parse_problem
from routing.plan import Answer, Status
from routing.problem import Lane, Location, Problem, Serves, Window
from routing.removals import Out
from routing.rivals import best_through, costs_through
from routing.sequence import solve_all
from routing.wording import sentences
from tests.routing.builders import (
    CHICAGO,
    a_line,
    a_location,
    a_problem,
    able_locations,
    an_order,
    surveyed,
)
from tests.routing.oracle import answer_of, legal_plans
from tests.routing.strategies import problems, timed, transferring

ENOUGH = Effort(deterministic_time=60)
LITTLE = BatchEffort(price_rounds=20, column_rounds=4, polish_steps=2)


@settings(max_examples=20, deadline=None)
@given(
    timed(transferring(most_locations=3, most_lines=3))
    | timed(problems(most_locations=3, most_lines=3))
)
def test_no_plan_whatever_is_cheaper_overall_or_by_way_of_any_location(problem: Problem) -> None:
    plans = list(legal_plans(problem))
    network, choices = surveyed(problem)
    ours = exact.solve(choices)
    assert ours.cost_cents == min(plan.cost_cents for plan in plans)
    theirs = cpsat.solve(choices, able_locations(choices), ENOUGH)
    assert theirs.packages is not None
    assert ours.cost_cents == cost_of(choices, theirs.packages) == theirs.bound_cents
    for packages in (ours.packages, theirs.packages):
        assert violations(problem, answer_of(order_plan(network, choices, packages))) == []
    least = {
        network.index[place]: min(
            plan.cost_cents
            for plan in plans
            if place in {parcel.location for parcel in plan.parcels}
        )
        for place in {parcel.location for plan in plans for parcel in plan.parcels}
    }
    through = costs_through(choices)
    assert {at: cost for at, (cost, _) in through.items()} == least
    for at, cost in least.items():
        packages = best_through(choices, at)
        assert packages is not None
        assert cost_of(choices, packages) == cost


@settings(max_examples=20, deadline=None)
@given(
    timed(transferring(most_locations=3, most_lines=3))
    | timed(problems(most_locations=3, most_lines=3))
)
def test_every_location_takes_part_could_have_or_is_told_why_not(problem: Problem) -> None:
    explanation = decide(problem, "O0").explanation
    told = {parcel.location for parcel in explanation.winner.parcels}
    told |= {rival.location for rival in explanation.rivals}
    removed = {place for removal in explanation.removed for place in removal.locations}
    assert told | removed == {place.id for place in problem.locations}
    assert not told & removed
    assert all(removal.reasons for removal in explanation.removed)
    assert sentences(explanation)


@settings(max_examples=8, deadline=None)
@given(
    timed(transferring(most_locations=3, most_lines=2, most_orders=5))
    | timed(problems(most_locations=3, most_lines=2, most_orders=5))
)
def test_a_joint_batch_is_legal_and_its_bound_below_every_plan(problem: Problem) -> None:
    answer = solve(problem, effort=LITTLE).answer
    assert violations(problem, answer) == []
    for method in (Method.FIFO_EXACT, Method.PRIORITY, Method.FEWEST_SPLITS):
        in_turn = solve_all(problem, method=method, effort=Effort())
        assert violations(problem, in_turn) == []
        assert answer.lower_bound_cents <= min(answer.cost_cents, in_turn.cost_cents)
    if len(problem.orders) == 1:
        assert answer.cost_cents == decide(problem, "O0").cost_cents


@settings(max_examples=10, deadline=None)
@given(timed(transferring(most_orders=2)))
def test_a_problem_with_windows_survives_being_written_and_read(problem: Problem) -> None:
    assert parse_problem(problem_document(problem)) == problem


def windowed(name: str, *windows: Window, **changes: Any) -> Location:
    """A location in New York with windows."""
    return a_location(name, windows=windows, **changes)


TODAY, TOMORROW = Window("today", 1, 1), Window("tomorrow", 2, 1)
HURRIED = a_problem(
    [windowed("S1", TODAY, TOMORROW)],
    {"S1": {"MUG": 9}},
    an_order(name="O1"),
    an_order(name="O2", promise_days=2),
    an_order(name="O3"),
)
"""Two of three have time until tomorrow; there is room for one today and for one tomorrow."""


def windows_of(answer: Answer) -> list[list[str | None]]:
    """The windows of each order's parcels."""
    return [[parcel.window for parcel in plan.parcels] for plan in answer.orders]


def test_a_package_takes_the_first_window_that_has_room_and_is_in_time() -> None:
    answer = solve_all(HURRIED, method=Method.EXACT, effort=Effort())
    assert violations(HURRIED, answer) == []
    assert windows_of(answer) == [["today"], [], ["tomorrow"]]


def test_together_who_has_time_leaves_today_to_who_has_not() -> None:
    answer = solve(HURRIED).answer
    assert violations(HURRIED, answer) == []
    assert (answer.status, answer.cost_cents) == (Status.OPTIMAL, 550 + 550 + 3000)
    assert [windows for windows in windows_of(answer) if windows] in (
        [["today"], ["tomorrow"]],
        [["tomorrow"], ["today"]],
    )


CURB = a_problem(
    [
        windowed(
            "S1",
            Window("parcels", 1, serves=Serves.SHIPPING),
            Window("10-12", 1, 1, Serves.PICKUP),
            Window("14-16", 3, 1, Serves.PICKUP),
        ),
        a_location("S2", CHICAGO),
    ],
    {"S1": {"MUG": 9}, "S2": {"LAMP": 9}},
    an_order(name="O1", pickup_at=("S1",), slot="10-12"),
    an_order(name="O2", pickup_at=("S1",), slot="10-12"),
    an_order(name="O3", pickup_at=("S1", "S2"), slot="14-16"),
    an_order(name="O4"),
)
"""Two customers want the one bay there is from ten to twelve."""


@pytest.mark.parametrize("jointly", [False, True])
def test_a_slot_counts_only_the_slot_wanted(jointly: bool) -> None:
    answer = (
        solve(CURB).answer if jointly else solve_all(CURB, method=Method.EXACT, effort=Effort())
    )
    assert violations(CURB, answer) == []
    found = windows_of(answer)
    assert sorted(found[:2]) == [[], ["10-12"]]
    assert found[2:] == [["14-16"], ["parcels"]]


def test_goods_for_a_slot_must_be_there_when_it_comes() -> None:
    problem = replace(CURB, transfers=(Lane("S2", "S1", 200, 0, days=2),))
    for slot, filled in (("10-12", False), ("14-16", True)):
        order = an_order(a_line("LAMP"), pickup_at=("S1",), slot=slot)
        decision = decide(replace(problem, orders=(order,)), "O1")
        assert bool(decision.plan.parcels) is filled
        if not filled:
            [removal] = [one for one in decision.explanation.removed if "S2" in one.locations]
            [reason] = removal.reasons
            assert (reason.kind, reason.days_late) == (Out.TOO_LATE, 2)


def test_why_not_tells_a_missing_slot_from_a_full_one() -> None:
    order = an_order(pickup_at=("S1", "S2"), slot="20-22")
    told = sentences(decide(replace(CURB, orders=(order,)), "O1").explanation)
    assert "S1 and S2 have no window 20-22." in told
    full = replace(CURB, locations=(windowed("S1", Window("10-12", 1, 0)),), stock=CURB.stock[:1])
    told = sentences(decide(replace(full, orders=full.orders[:1]), "O1").explanation)
    assert "S1 has no capacity left." in told


def test_the_checker_names_what_falls_in_no_window_a_wrong_or_a_full_one() -> None:
    answer = solve_all(CURB, method=Method.EXACT, effort=Effort())
    first = answer.orders[0]

    def claimed(window: str | None) -> list[str]:
        parcel = replace(first.parcels[0], window=window)
        orders = (replace(first, parcels=(parcel,)), *answer.orders[1:])
        return violations(CURB, replace(answer, orders=orders))

    assert claimed("10-12") == []
    assert claimed(None) == [
        "order O1: the parcel from S1 falls in no window",
        "order O1: S1 hands over in window None, not 10-12",
    ]
    assert claimed("14-16") == [
        "order O1: S1 hands over in window 14-16, not 10-12",
        "capacity: 2 parcels at S1 in window 14-16, which has room for 1",
    ]
    assert claimed("parcels")[0] == (
        "order O1: the parcel from S1 falls in window parcels, which is for shipping"
    )


@pytest.mark.parametrize(
    ("location", "order", "said"),
    [
        ({"windows": []}, {}, "locations[0].windows: must have at least 1, has 0"),
        (
            {"capacity_parcels": 4},
            {},
            "locations[0].capacity_parcels: must be left out: each of the windows has its own",
        ),
        (
            {"windows": [{"id": "am", "days": 0, "serves": "drones"}]},
            {},
            'locations[0].windows[0].serves: must be one of any, shipping, pickup, got "drones"',
        ),
        (
            {"windows": [{"id": "am", "days": 0}, {"id": "am", "days": 1}]},
            {},
            'locations[0].windows[1].id: "am" is there twice',
        ),
        (
            {},
            {"pickup_at": None},
            "orders[0].slot: must be left out where nothing is picked up",
        ),
    ],
)
def test_a_wrong_window_or_slot_is_named_by_its_place(
    location: dict[str, object], order: dict[str, object], said: str
) -> None:
    document: Any = problem_document(CURB)
    document["locations"][0] |= location
    document["orders"][0] |= order
    with pytest.raises(ProblemFault) as raised:
        parse_problem(document)
    assert str(raised.value) == said
