"""Several orders, first come first served: legal, bounded, and as good as said."""

import copy
import json

import pytest
from hypothesis import given, settings

from routing import exact
from routing.check import violations
from routing.document import problem_document
from routing.effort import Effort
from routing.method import Method
from routing.plan import Status
from routing.problem import Problem
from routing.sequence import solve_all
from routing.solve import solve_document
from tests.routing.builders import (
    CHICAGO,
    a_line,
    a_location,
    a_problem,
    an_order,
    surveyed,
)
from tests.routing.strategies import problems

IN_TURN = [method for method in Method if method is not Method.JOINT]

LAST_MUG = a_problem(
    [a_location("S1"), a_location("S2", CHICAGO)],
    {"S1": {"MUG": 1}, "S2": {"MUG": 1}},
    *(an_order(name=name) for name in ("O1", "O2", "O3")),
)


@settings(max_examples=60, deadline=None)
@given(problems(most_orders=5))
def test_every_method_is_legal_and_not_below_its_bound(problem: Problem) -> None:
    answers = {method: solve_all(problem, method=method, effort=Effort()) for method in IN_TURN}
    for answer in answers.values():
        assert violations(problem, answer) == []
        assert answer.lower_bound_cents <= answer.cost_cents
        assert 0.0 <= answer.gap <= 1.0
    assert len({answer.lower_bound_cents for answer in answers.values()}) == 1
    assert answers[Method.EXACT] == answers[Method.FIFO_EXACT]


@settings(max_examples=60, deadline=None)
@given(problems())
def test_a_single_order_is_solved_to_its_optimum(problem: Problem) -> None:
    answer = solve_all(problem, method=Method.EXACT, effort=Effort())
    _, choices = surveyed(problem)
    assert answer.status is Status.OPTIMAL
    assert answer.cost_cents == answer.lower_bound_cents == exact.solve(choices).cost_cents


@settings(max_examples=40, deadline=None)
@given(problems(most_orders=4))
def test_the_same_file_gives_the_same_answer(problem: Problem) -> None:
    first, second = (solve_all(problem, method=Method.EXACT, effort=Effort()) for _ in range(2))
    assert first == second


def test_who_comes_first_takes_the_near_mug() -> None:
    answer = solve_all(LAST_MUG, method=Method.EXACT, effort=Effort())
    assert [[parcel.location for parcel in plan.parcels] for plan in answer.orders] == [
        ["S1"],
        ["S2"],
        [],
    ]
    assert answer.cost_cents == 550 + 590 + 3000
    assert (answer.lower_bound_cents, answer.status) == (3 * 550, Status.FEASIBLE)


def test_orders_beyond_the_time_limit_stay_unfilled_and_the_answer_says_so() -> None:
    seconds = iter([2.0, 1.0, 0.0, 0.0, 0.0])
    answer = solve_all(
        LAST_MUG, method=Method.EXACT, effort=Effort(), seconds_left=lambda: next(seconds)
    )
    assert [len(plan.unfilled) for plan in answer.orders] == [0, 0, 1]
    assert (answer.lower_bound_cents, answer.status) == (2 * 550, Status.TIMEOUT)
    assert violations(LAST_MUG, answer) == []


@pytest.mark.parametrize("method", IN_TURN)
def test_a_document_is_answered_in_the_documented_form(method: Method) -> None:
    document = problem_document(LAST_MUG)
    given_document = copy.deepcopy(document)
    answer = solve_document(document, method=method, elapsed=lambda: 0.25)
    assert document == given_document
    assert json.loads(json.dumps(answer)) == {
        "status": "feasible",
        "cost_cents": 4140,
        "lower_bound_cents": 1650,
        "gap": 0.601449,
        "wall_s": 0.25,
        "orders": [
            {
                "id": "O1",
                "parcels": [{"location": "S1", "lines": ["MUG"], "cents": 550}],
                "unfilled": [],
            },
            {
                "id": "O2",
                "parcels": [{"location": "S2", "lines": ["MUG"], "cents": 590}],
                "unfilled": [],
            },
            {"id": "O3", "parcels": [], "unfilled": ["MUG"]},
        ],
    }


def test_a_document_without_orders_has_an_empty_answer() -> None:
    document = problem_document(LAST_MUG) | {"orders": []}
    answer = solve_document(document, method=Method.EXACT, elapsed=lambda: 0.0)
    assert answer == {
        "status": "optimal",
        "cost_cents": 0,
        "lower_bound_cents": 0,
        "gap": 0.0,
        "wall_s": 0.0,
        "orders": [],
    }


def test_two_lines_of_one_sku_are_not_sent_from_what_an_earlier_order_left() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2", CHICAGO)],
        {"S1": {"MUG": 2}, "S2": {"MUG": 1}},
        an_order(name="O1"),
        an_order(a_line("MUG", id="1"), a_line("MUG", id="2"), name="O2"),
    )
    answer = solve_all(problem, method=Method.EXACT, effort=Effort())
    assert sorted(parcel.location for parcel in answer.orders[1].parcels) == ["S1", "S2"]
    assert violations(problem, answer) == []


def test_two_orders_do_not_share_the_last_parcel_of_capacity() -> None:
    problem = a_problem(
        [a_location("S1", capacity_parcels=1)],
        {"S1": {"MUG": 5}},
        an_order(name="O1"),
        an_order(a_line("MUG"), name="O2"),
    )
    answer = solve_all(problem, method=Method.EXACT, effort=Effort())
    assert [plan.unfilled for plan in answer.orders] == [(), ("MUG",)]
