"""What changed between two decisions, word for word."""

from dataclasses import replace

from routing.comparing import differences
from routing.decide import decide
from routing.problem import Problem, Stock
from tests.routing.builders import PHILADELPHIA, TARIFF, a_line, a_location, a_problem, an_order

STOCK = {"S1": {"MUG": 2}, "S2": {"MUG": 3}, "S3": {"MUG": 1}}
PLACES = [a_location("S1", capacity_parcels=1), a_location("S2", PHILADELPHIA), a_location("S3")]


def told(before: Problem, after: Problem) -> list[str]:
    explained = [(one, decide(one, "O1").explanation) for one in (before, after)]
    return differences(explained[0], explained[1], {"S2": "Harbour"})


def test_nothing_changed() -> None:
    problem = a_problem(PLACES, STOCK)
    assert told(problem, problem) == []


def test_a_location_gave_it_back_and_another_sold_out() -> None:
    before = a_problem(PLACES, STOCK, an_order(promise_days=5))
    after = replace(
        before,
        orders=(an_order(promise_days=4, excluded={"S1": "gave this order back (damaged)"}),),
        stock=(Stock("S1", "MUG", 1), Stock("S2", "MUG", 3)),
    )
    assert told(before, after) == [
        "Harbour instead of S1.",
        "It costs 0.10 USD more.",
        "The promise is 1 day nearer.",
        "S1 is excluded now: gave this order back (damaged).",
        "S1 has 1 MUG, before 2.",
        "Stock changed at 1 other location.",
    ]


def test_lines_network_capacity_and_tariff() -> None:
    before = a_problem(PLACES, STOCK, an_order(a_line("MUG"), a_line("LAMP")))
    after = a_problem(
        [
            a_location("S1", capacity_parcels=0),
            a_location("S2", PHILADELPHIA, parcel_cents=10),
            a_location("S4"),
        ],
        {"S1": {"MUG": 2}, "S2": {"MUG": 3}},
        an_order(a_line("MUG", units=2), a_line("VASE")),
        tariff=replace(TARIFF, transit_days=(1, 1, 1, 1, 1, 1, 1, 1)),
    )
    assert told(before, after) == [
        "Harbour instead of S1.",
        "It costs 0.80 USD less.",
        "Not to be decided any more: LAMP.",
        "To be decided as well: VASE.",
        "2 of MUG are wanted, before 1.",
        "Stock changed at 1 location.",
        "No longer in the network: S3.",
        "New in the network: S4.",
        "Costs, place or handling time changed at Harbour.",
        "No capacity left at S1.",
        "Another tariff is in force.",
    ]
    assert told(after, before)[-2:] == ["Capacity again at S1.", "Another tariff is in force."]
