"""What is told about a decision, word for word."""

import pytest

from routing.decide import decide
from routing.problem import Problem
from routing.wording import amount, sentences
from tests.routing.builders import (
    CHICAGO,
    LOS_ANGELES,
    PHILADELPHIA,
    a_line,
    a_location,
    a_problem,
    an_order,
)


def told(problem: Problem) -> list[str]:
    return sentences(decide(problem, "O1").explanation)


def test_winner_runner_up_and_the_rest() -> None:
    both = {"MUG": 1, "LAMP": 1}
    problem = a_problem(
        [
            a_location("S1"),
            a_location("S2", PHILADELPHIA),
            a_location("S3", CHICAGO),
            a_location("S4", LOS_ANGELES),
            a_location("S5", PHILADELPHIA),
            a_location("S6", handling_days=9),
            a_location("S7", LOS_ANGELES, handling_days=7),
            a_location("S8", CHICAGO, handling_days=7),
            a_location("S9"),
        ],
        dict.fromkeys(("S1", "S2", "S3", "S4", "S6", "S7", "S8"), both) | {"S5": {"MUG": 1}},
        an_order(a_line("MUG"), a_line("LAMP")),
    )
    assert told(problem) == [
        "S1 ships both lines for 6.00 USD: postage 4.00, packing 1.00, picking 1.00.",
        "Next best: S2 ships both lines, 0.10 dearer.",
        "S3 and S4 could also serve every line, 0.40 to 0.70 dearer.",
        "S5 lacks LAMP, 5.10 dearer.",
        "S9 lacks MUG and LAMP.",
        "3 locations would be 1 to 3 days late.",
    ]


def test_a_split_order_with_a_line_left_over() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2", CHICAGO)],
        {"S1": {"MUG": 1}, "S2": {"LAMP": 1}},
        an_order(a_line("MUG"), a_line("LAMP"), a_line("vase")),
    )
    assert told(problem) == [
        "S1 ships MUG for 5.50 USD: postage 4.00, packing 1.00, picking 0.50.",
        "S2 ships LAMP for 5.90 USD: postage 4.40, packing 1.00, picking 0.50.",
        "Unfilled: vase, at 30.00 USD.",
        "Together 41.40 USD.",
        "Next best: S1 ships MUG and LAMP and vase stay unfilled, 24.10 dearer.",
    ]


def test_a_pickup_with_every_other_reason() -> None:
    problem = a_problem(
        [
            a_location("S1"),
            a_location("S2"),
            a_location("S3", capacity_parcels=0),
            a_location("S4"),
        ],
        {name: {"MUG": 1} for name in ("S1", "S2", "S3", "S4")},
        an_order(pickup_at=("S1", "S2", "S3"), excluded={"S2": "closed for stocktaking"}),
    )
    assert told(problem) == [
        "S1 hands over the line for 0.80 USD: handover 0.30, picking 0.50.",
        "Next best: MUG stays unfilled, 29.20 dearer.",
        "S2 is excluded: closed for stocktaking.",
        "S4 is not where it can be picked up.",
        "S3 has no capacity left.",
    ]


def test_an_order_too_heavy_for_the_post() -> None:
    problem = a_problem(
        [a_location("S1")], {"S1": {"ANVIL": 1}}, an_order(a_line("ANVIL", weight_g=2001))
    )
    assert told(problem) == [
        "Unfilled: ANVIL, at 30.00 USD.",
        "S1 cannot post ANVIL: too heavy for any parcel.",
    ]


def test_locations_are_told_by_their_names() -> None:
    problem = a_problem([a_location("S1")], {"S1": {"MUG": 1}})
    explanation = decide(problem, "O1").explanation
    assert sentences(explanation, {"S1": "Fifth Avenue"})[0] == (
        "Fifth Avenue ships the line for 5.50 USD: postage 4.00, packing 1.00, picking 0.50."
    )


@pytest.mark.parametrize(
    ("cents", "currency", "written"),
    [(810, "USD", "8.10"), (5, "EUR", "0.05"), (810, "JPY", "810"), (8105, "KWD", "8.105")],
)
def test_an_amount_has_the_decimals_of_its_currency(
    cents: int, currency: str, written: str
) -> None:
    assert amount(cents, currency) == written
