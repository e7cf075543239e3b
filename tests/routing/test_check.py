"""The checker finds every kind of fault, planted in an answer that was right."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from routing.check import violations
from routing.plan import Answer, OrderPlan, ParcelPlan, Status
from routing.problem import Problem
from tests.routing.builders import CHICAGO, a_line, a_location, a_problem, an_order

PROBLEM = a_problem(
    [
        a_location("S1", capacity_parcels=1),
        a_location("S2", CHICAGO, handling_days=6),
        a_location("S3", CHICAGO),
    ],
    {"S1": {"MUG": 2}, "S2": {"MUG": 9, "LAMP": 9}, "S3": {"MUG": 1}},
    an_order(a_line("MUG"), a_line("LAMP"), max_parcels=1, excluded={"S3": "closed"}),
    an_order(a_line("MUG"), name="O2", pickup_at=("S1",)),
)
RIGHT = Answer(
    Status.FEASIBLE,
    cost_cents=3550 + 3000,
    lower_bound_cents=6000,
    orders=(
        OrderPlan("O1", (ParcelPlan("S1", ("MUG",), 550),), ("LAMP",), 3550),
        OrderPlan("O2", (), ("MUG",), 3000),
    ),
)


def of_order(number: int, **changes: object) -> Callable[[Answer], Answer]:
    """Change one order's plan."""

    def change(answer: Answer) -> Answer:
        orders = list(answer.orders)
        orders[number] = replace(orders[number], **changes)  # type: ignore[arg-type]
        return replace(answer, orders=tuple(orders))

    return change


def test_a_right_answer_has_no_fault() -> None:
    assert violations(PROBLEM, RIGHT) == []


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (
            lambda answer: replace(answer, orders=answer.orders[:1]),
            "the answer does not list the problem's orders in their sequence",
        ),
        (of_order(0, unfilled=()), "order O1: line LAMP is decided 0 times"),
        (of_order(0, unfilled=("LAMP", "MUG")), "order O1: line MUG is decided 2 times"),
        (of_order(0, unfilled=("LAMP", "VASE")), "order O1: line VASE is not in the order"),
        (
            of_order(
                0,
                parcels=(ParcelPlan("S1", ("MUG",), 550), ParcelPlan("S2", ("LAMP",), 590)),
            ),
            "order O1: 2 parcels, at most 1 allowed",
        ),
        (
            of_order(0, parcels=(ParcelPlan("S9", ("MUG",), 550),)),
            "order O1: there is no location S9",
        ),
        (
            of_order(0, parcels=(ParcelPlan("S3", ("MUG",), 590),)),
            "order O1: S3 is excluded from it",
        ),
        (
            of_order(0, parcels=(ParcelPlan("S2", ("MUG",), 590),)),
            "order O1: from S2 it takes 10 days, 9 are promised",
        ),
        (
            of_order(0, parcels=(ParcelPlan("S1", ("MUG",), 549),)),
            "order O1: the parcel from S1 costs 550, not 549",
        ),
        (
            of_order(0, parcels=(ParcelPlan("S1", ("MUG",), 550), ParcelPlan("S1", (), 500))),
            "order O1: the parcel from S1 is empty",
        ),
        (of_order(0, cost_cents=3551), "order O1: it costs 3550, not 3551"),
        (
            of_order(1, parcels=(ParcelPlan("S2", ("MUG",), 80),), unfilled=()),
            "order O2: it cannot be picked up at S2",
        ),
        (
            of_order(1, parcels=(ParcelPlan("S1", ("MUG",), 81),), unfilled=()),
            "order O2: the hand-over at S1 costs 80, not 81",
        ),
        (
            of_order(0, parcels=(ParcelPlan("S1", ("MUG", "LAMP"), 600),), unfilled=()),
            "stock: 1 of LAMP leave S1, which holds 0",
        ),
        (
            of_order(1, parcels=(ParcelPlan("S1", ("MUG",), 80),), unfilled=()),
            "capacity: 2 parcels at S1, which can make 1",
        ),
        (
            lambda answer: replace(answer, cost_cents=6551),
            "the orders cost 6550 together, not 6551",
        ),
        (
            lambda answer: replace(answer, lower_bound_cents=6551),
            "the lower bound 6551 is above the cost 6550",
        ),
        (
            lambda answer: replace(answer, status=Status.OPTIMAL),
            "called optimal at 6550, proven only to 6000",
        ),
    ],
)
def test_a_planted_fault_is_named(plant: Callable[[Answer], Answer], found: str) -> None:
    assert found in violations(PROBLEM, plant(RIGHT))


def test_a_parcel_beyond_the_tariff_is_named() -> None:
    problem = with_weight(PROBLEM, 2001)
    assert violations(problem, RIGHT) == [
        "order O1: the parcel from S1 weighs 2001 g, beyond the tariff"
    ]


def test_a_hand_over_after_the_promise_is_named() -> None:
    order = an_order(a_line("MUG"), pickup_at=("S2",), promise_days=5)
    problem = replace(PROBLEM, orders=(order,))
    plan = OrderPlan("O1", (ParcelPlan("S2", ("MUG",), 80),), (), 80)
    answer = Answer(Status.OPTIMAL, cost_cents=80, lower_bound_cents=80, orders=(plan,))
    assert violations(problem, answer) == ["order O1: S2 takes 6 days, 5 are promised"]


def with_weight(problem: Problem, weight_g: int) -> Problem:
    """The problem with a first line of another weight."""
    first, *others = problem.orders
    mug, *lines = first.lines
    heavy = replace(first, lines=(replace(mug, weight_g=weight_g), *lines))
    return replace(problem, orders=(heavy, *others))
