"""What could have been, word for word."""

from routing.counterfactual import counterfactuals
from routing.problem import Problem
from routing.supposing import suppositions
from tests.routing.builders import (
    CHICAGO,
    PHILADELPHIA,
    a_line,
    a_location,
    a_problem,
    an_order,
)


def told(problem: Problem, **names: str) -> list[str]:
    return suppositions(counterfactuals(problem, "O1"), problem, names)


def test_a_rival_that_is_dearer_and_the_one_that_was_chosen() -> None:
    both = {"MUG": 1}
    problem = a_problem(
        [a_location("S1", capacity_parcels=4), a_location("S2", PHILADELPHIA)],
        {"S1": both, "S2": both},
    )
    assert told(problem, S2="Harbour") == [
        "Harbour would ship if packing there cost 0.11 less, if postage for such a parcel from its"
        " zone were 0.11 less or if picking a line there cost 0.11 less.",
        "S1 would lose if packing there cost 0.11 more, if postage for such a parcel from its zone"
        " were 0.11 more, if picking a line there cost 0.11 more, if it had no MUG, if it were"
        " ready 8 days later, if the promise were 8 days sooner or if it could make no parcel.",
    ]


def test_a_line_left_over_names_the_location_that_could_fill_it() -> None:
    lamp = a_line("LAMP", weight_g=1500)
    problem = a_problem(
        [
            a_location("S1"),
            a_location("S2", PHILADELPHIA, capacity_parcels=0),
            a_location("S3", CHICAGO, handling_days=6),
        ],
        {"S1": {"MUG": 1}, "S2": {"LAMP": 2}, "S3": {"LAMP": 2}},
        an_order(a_line("MUG"), lamp, max_parcels=2, excluded={"S3": "closed"}),
    )
    assert told(problem, S2="Harbour")[0] == (
        "LAMP would be filled if S1 had 1 more LAMP or if the backlog of Harbour fell by 1 parcel."
    )


def test_a_line_that_would_be_another_parcel() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2"), a_location("S3", CHICAGO, handling_days=6)],
        {"S1": {"MUG": 1}, "S2": {"LAMP": 1}, "S3": {"VASE": 1}},
        an_order(
            a_line("MUG"),
            a_line("LAMP", unfilled_cents=2000),
            a_line("VASE", unfilled_cents=2500),
            max_parcels=1,
        ),
    )
    sentences = told(problem)
    assert sentences[0] == (
        "LAMP would be filled if leaving it unfilled cost 10.01 more, if S1 had 1 more LAMP"
        " or if 2 parcels were allowed."
    )


def test_a_pickup_that_the_customer_could_have_made_elsewhere() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2"), a_location("S3")],
        {"S2": {"MUG": 1}, "S3": {"MUG": 1}},
        an_order(pickup_at=("S1", "S3"), excluded={"S3": "rejected: damaged"}),
    )
    assert told(problem) == [
        "MUG would be filled if S1 had 1 more MUG, if the customer collected at S2"
        ' or if S3 were not excluded ("rejected: damaged").',
        "S1 would hand over if it had 1 more MUG.",
        "S2 would hand over if the customer collected there.",
        'S3 would hand over if it were not excluded ("rejected: damaged").',
    ]
