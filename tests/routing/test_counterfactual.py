"""What would change an answer: against every legal plan, and no smaller change would do."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import counterfactual, cpsat
from routing.changes import Change, Figure, alone, changed
from routing.check import violations
from routing.contest import Aim, Goal
from routing.counterfactual import Counterfactual, counterfactuals
from routing.decide import decide
from routing.problem import Lane, Problem, Window
from routing.quick import quick_plan
from routing.supposing import supposed
from tests.routing.builders import (
    CHICAGO,
    PHILADELPHIA,
    a_line,
    a_location,
    a_problem,
    able_locations,
    an_order,
    surveyed,
)
from tests.routing.oracle import answer_of, legal_plans
from tests.routing.strategies import problems, splitting, timed, transferring

ENOUGH = cpsat.Effort(deterministic_time=60)
SMALL = problems(most_locations=3, most_lines=3)
TIMED = timed(problems(most_locations=2, most_lines=1))
FED = transferring(most_locations=3, most_lines=2)
SPLIT = splitting(problems(most_locations=2, most_lines=1), most_units=2)


def reached(problem: Problem, goal: Goal) -> bool:
    """Whether the chosen plan reaches the goal, by trying every plan there is.

    Only where both kinds of plan cost the same is the engine asked which it prefers.
    """
    plans = list(legal_plans(problem))
    reaching = [plan.cost_cents for plan in plans if goal.met_by(plan)]
    missing = [plan.cost_cents for plan in plans if not goal.met_by(plan)]
    if not reaching or not missing or min(reaching) != min(missing):
        return bool(reaching) and (not missing or min(reaching) < min(missing))
    return goal.met_by(quick_plan(problem, problem.orders[0].id))


def between(change: Change) -> st.SearchStrategy[int]:
    """A value that changes the figure less."""
    low, high = sorted((change.before, change.after))
    return st.integers(low, high - 1) if change.after == high else st.integers(low + 1, high)


def of(problem: Problem, goal: Goal) -> dict[Figure, Counterfactual]:
    """What reaches a goal, by figure."""
    return {
        found.change.figure: found
        for found in counterfactuals(problem, problem.orders[0].id)
        if found.goal == goal
    }


def is_least(problem: Problem, data: st.DataObject) -> None:
    all_found = counterfactuals(problem, "O0")
    if not all_found:
        return
    found = data.draw(st.sampled_from(all_found))  # trying every plan for all of them takes long
    there = changed(problem, found.change)
    assert found.goal.met_by(found.plan)
    assert violations(there, answer_of(found.plan)) == []
    assert found.plan.cost_cents == min(plan.cost_cents for plan in legal_plans(there))
    assert reached(there, found.goal)
    sign = 1 if found.change.after > found.change.before else -1
    for value in {found.change.after - sign, data.draw(between(found.change))}:
        as_it_is = value == found.change.before
        less = problem if as_it_is else changed(problem, found.change.moved(value))
        assert not reached(less, found.goal)


@settings(max_examples=50, deadline=None)
@given(SMALL | FED, st.data())
def test_each_change_reaches_its_goal_and_no_smaller_one_does(
    problem: Problem, data: st.DataObject
) -> None:
    is_least(problem, data)


@settings(max_examples=20, deadline=None)
@given(TIMED | SPLIT, st.data())
def test_so_it_is_with_windows_and_lines_that_may_be_split(
    problem: Problem, data: st.DataObject
) -> None:
    is_least(problem, data)


@settings(max_examples=40, deadline=None)
@given(problems())
def test_the_new_plan_is_the_optimum_of_the_changed_problem_by_cp_sat(problem: Problem) -> None:
    for found in counterfactuals(problem, "O0"):
        _, choices = surveyed(changed(problem, found.change))
        theirs = cpsat.solve(choices, able_locations(choices), ENOUGH)
        assert theirs.bound_cents == found.plan.cost_cents


@settings(max_examples=40, deadline=None)
@given(SMALL)
def test_a_location_that_can_win_by_cheaper_packing_is_found(problem: Problem) -> None:
    decision = decide(problem, "O0")
    if problem.orders[0].pickup_at is not None or not decision.explanation.rivals:
        return
    rival = decision.explanation.rivals[0].location
    goal = Goal(Aim.USES, rival)
    [place] = [place for place in problem.locations if place.id == rival]
    plans = list(legal_plans(problem))

    def behind(cents: int) -> int:
        """How much dearer the best plan that uses the rival would be."""
        cost: dict[bool, list[int]] = {True: [], False: []}
        for plan in plans:
            parcels = sum(parcel.location == rival for parcel in plan.parcels)
            price = plan.cost_cents - parcels * (place.parcel_cents - cents)
            cost[goal.met_by(plan)].append(price)
        return min(cost[True]) - min(cost[False])

    if rival not in _asked(problem):
        return
    found = of(problem, goal).get(Figure.PARCEL_CENTS)
    if found is None:
        assert behind(0) >= 0
    else:
        assert behind(found.change.after) <= 0 <= behind(found.change.after + 1)


def _asked(problem: Problem) -> set[str]:
    """Locations that the counterfactuals are about: the next best plan's come first."""
    explanation = decide(problem, "O0").explanation
    chosen = {parcel.location for parcel in explanation.winner.parcels}
    second = explanation.runner_up.parcels if explanation.runner_up else ()
    others = [parcel.location for parcel in second if parcel.location not in chosen]
    ranked = [*others, *(rival.location for rival in explanation.rivals)]
    return set(list(dict.fromkeys(ranked))[:2])


@settings(max_examples=10, deadline=None)
@given(problems(most_orders=2))
def test_the_same_snapshot_gives_the_same_counterfactuals(problem: Problem) -> None:
    for order in problem.orders:
        found = counterfactuals(problem, order.id)
        assert found == counterfactuals(problem, order.id)
        assert found == counterfactuals(alone(problem, order.id), order.id)


def test_a_plan_beyond_the_exact_engine_has_some_that_are_enough() -> None:
    lines = [a_line(f"SKU{number}") for number in range(11)]
    stock = {"S1": {line.sku: 1 for line in lines[1:]}, "S2": {lines[0].sku: 1}}
    places = [a_location("S1"), a_location("S2", CHICAGO)]
    problem = a_problem(places, stock, an_order(*lines, promise_days=4))
    assert decide(problem, "O1").plan.unfilled == ("SKU0",)
    filled = of(problem, Goal(Aim.FILLS, "SKU0"))
    more = Change(Figure.STOCK, 0, 1, location="S1", sku="SKU0")
    assert filled[Figure.STOCK].change == more
    assert filled[Figure.PROMISE_DAYS].change == Change(Figure.PROMISE_DAYS, 4, 5)
    for found in counterfactuals(problem, "O1"):
        there = changed(problem, found.change)
        assert violations(there, answer_of(found.plan)) == []
        assert found.goal.met_by(decide(there, "O1").plan)


def test_a_transfer_may_be_dear_or_slow() -> None:
    lane = Lane("S2", "S1", parcel_cents=300, line_cents=20, days=4)
    far = Lane("S3", "S1", parcel_cents=100, line_cents=0, days=6)
    problem = replace(
        a_problem(
            [a_location("S1"), a_location("S2"), a_location("S3")],
            {"S2": {"MUG": 1}, "S3": {"MUG": 1}},
            an_order(a_line("MUG"), pickup_at=("S1",), promise_days=5),
        ),
        transfers=(lane, far),
    )
    sooner = of(problem, Goal(Aim.USES, "S3"))[Figure.LANE_DAYS]
    assert sooner.change == Change(Figure.LANE_DAYS, 6, 4, location="S3", to="S1")
    dearer = of(problem, Goal(Aim.LEAVES, "S2"))[Figure.LANE_PARCEL_CENTS]
    assert dearer.change.after == 300 + 3_000 - (
        30 + 100 + 50 + 300 + 20
    )  # then to leave it is as good
    words = supposed(problem, "O1").sentences
    assert any("a transfer from it to S1 took 2 days less" in said for said in words)


def test_a_window_may_be_full_or_late() -> None:
    early = Window("early", 1, capacity_parcels=0)
    late = Window("late", 3, capacity_parcels=2)
    problem = a_problem(
        [a_location("S1", windows=(early, late))],
        {"S1": {"MUG": 1}},
        an_order(a_line("MUG"), promise_days=2),
    )
    found = of(problem, Goal(Aim.FILLS, "MUG"))
    room = Change(Figure.WINDOW_CAPACITY, 0, 1, location="S1", window="early")
    assert found[Figure.WINDOW_CAPACITY].change == room
    sooner = Change(Figure.WINDOW_DAYS, 3, 1, location="S1", window="late")
    assert found[Figure.WINDOW_DAYS].change == sooner
    [said, *_] = supposed(problem, "O1").sentences
    assert "window early of S1 had room for 1 parcel" in said


def test_the_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2", PHILADELPHIA)], {"S1": {"MUG": 1}, "S2": {"MUG": 1}}
    )
    assert len(counterfactuals(problem, "O1")) > 2
    monkeypatch.setattr(counterfactual, "MOST_LOOKS", 2)
    assert len(counterfactuals(problem, "O1")) == 1


def test_a_pickup_may_be_late_or_lack_one_unit() -> None:
    problem = a_problem(
        [a_location("S1", handling_days=3), a_location("S2")],
        {"S1": {"MUG": 2, "LAMP": 1}, "S2": {"MUG": 2}},
        an_order(
            a_line("MUG", units=2),
            a_line("LAMP"),
            pickup_at=("S1", "S2"),
            promise_days=2,
        ),
    )
    lamp = of(problem, Goal(Aim.FILLS, "LAMP"))
    assert lamp[Figure.STOCK].change == Change(Figure.STOCK, 0, 1, location="S2", sku="LAMP")
    assert lamp[Figure.HANDLING_DAYS].change == Change(Figure.HANDLING_DAYS, 3, 2, location="S1")
    assert lamp[Figure.PROMISE_DAYS].change == Change(Figure.PROMISE_DAYS, 2, 3)
    assert Figure.UNFILLED_CENTS not in lamp  # at no price could it be handed over
    assert {parcel.location for parcel in lamp[Figure.PROMISE_DAYS].plan.parcels} == {"S1"}


def test_a_price_paid_for_both_lines_moves_half_as_far() -> None:
    both = {"MUG": 1, "LAMP": 1}
    problem = a_problem(
        [a_location("S1"), a_location("S2", PHILADELPHIA)],
        {"S1": both, "S2": both},
        an_order(a_line("MUG", weight_g=100), a_line("LAMP", weight_g=100)),
    )
    found = of(problem, Goal(Aim.USES, "S2"))
    assert found[Figure.PARCEL_CENTS].change.after == 100 - 11  # at 90 it would be a tie with S1
    assert found[Figure.LINE_CENTS].change.after == 50 - 6  # at 45 likewise
    assert found[Figure.LINE_CENTS].plan.cost_cents == 410 + 100 + 2 * 44


def test_postage_of_a_zone_falls_for_all_that_are_in_it() -> None:
    # S1 and S2 share the zone: cheaper postage there cannot tell them apart.
    problem = a_problem(
        [a_location("S1"), a_location("S2", parcel_cents=110), a_location("S3", PHILADELPHIA)],
        {name: {"MUG": 1} for name in ("S1", "S2", "S3")},
    )
    assert Figure.POSTAGE not in of(problem, Goal(Aim.USES, "S2"))
    assert of(problem, Goal(Aim.LEAVES, "S1"))[Figure.POSTAGE].change.after == 400 + 11
    assert of(problem, Goal(Aim.LEAVES, "S1"))[Figure.POSTAGE].plan.parcels[0].location == "S3"
