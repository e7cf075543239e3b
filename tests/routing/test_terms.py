"""What each cost term charges, and that no term can keep an order from being decided."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from routing import terms
from routing.cost import Per
from routing.decide import decide
from routing.problem import MOST_ADDED, MOST_ADDED_CENTS, Problem
from routing.terms import CostTerm, Known, View
from routing.weighing import Weighed, priced
from tests.routing.builders import (
    CHICAGO,
    PHILADELPHIA,
    a_line,
    a_location,
    a_problem,
    an_order,
)

HELD = {"MUG": 9, "LAMP": 9}
PROBLEM = a_problem(
    [
        a_location("S1", capacity_parcels=3),
        a_location("S2", PHILADELPHIA, capacity_parcels=0),
        a_location("S3", CHICAGO),
    ],
    dict.fromkeys(("S1", "S2", "S3"), HELD),
    an_order(a_line("MUG", units=3), a_line("LAMP", weight_g=1_500), name="O1"),
    an_order(a_line("MUG"), name="O2", pickup_at=("S1",)),
)
KNOWN = Known(
    bid_prices={("MUG", "S1"): 33, ("LAMP", "S3"): 10, ("VASE", "S1"): 5, ("MUG", "S9"): 5},
    acceptance={("S1", "glass"): 0.9, ("S2", "glass"): 0.5, ("S1", ""): 0.75},
    classes={"MUG": "glass"},
    used_parcels={"S1": 1, "S2": 4, "S3": 9},
    promised_days={"O1": 2},
)


def charged(problem: Problem) -> dict[str, dict[str, int]]:
    """What is charged, by the line (order/line) or the order that it counts for."""
    found: dict[str, dict[str, int]] = {}
    for order in problem.orders:
        of = {order.id: order.added} | {f"{order.id}/{line.id}": line.added for line in order.lines}
        for name, rows in of.items():
            for row in rows:
                found.setdefault(name, {}).update(problem.added[row].cents)
    return found


def by(term: CostTerm, percent: int = 100) -> Problem:
    found = priced(PROBLEM, [Weighed(term, percent)], KNOWN)
    assert not found.faults
    assert {row.term for row in found.problem.added} == {term.words}
    return found.problem


def test_opportunity_is_the_bid_price_of_all_units() -> None:
    assert charged(by(terms.opportunity(), 50)) == {
        "O1/MUG": {"S1": 50},  # 3 · 33 at a half, to the nearest cent
        "O1/LAMP": {"S3": 5},
        "O2/MUG": {"S1": 17},
    }


def test_acceptance_is_the_chance_of_sourcing_again_at_its_price() -> None:
    # The middle zone of eight is the fifth; all locations pack for 100 and pick for 50.
    mug, lamp = 440 + 150, 860 + 150
    assert charged(by(terms.acceptance())) == {
        "O1/MUG": {"S1": round(0.1 * mug), "S2": round(0.5 * mug)},
        "O1/LAMP": {"S1": round(0.25 * lamp)},
        "O2/MUG": {"S1": round(0.1 * mug), "S2": round(0.5 * mug)},
    }


def test_sourcing_again_costs_no_more_than_leaving_it_unfilled() -> None:
    cheap = replace(
        PROBLEM, orders=(an_order(a_line("MUG", unfilled_cents=40), a_line("X", weight_g=9_999)),)
    )
    assert View(cheap, KNOWN, cheap.orders, cheap.orders[0].lines).again_cents().tolist() == [
        40,
        3_000,
    ]


def test_congestion_grows_with_what_is_used_of_the_capacity() -> None:
    # S1 has used 1 of 4, S2 all, S3 has no limit.
    assert charged(by(terms.congestion(90))) == {
        "O1": {"S1": 22, "S2": 90},
        "O2": {"S1": 22, "S2": 90},
    }


def test_lateness_counts_the_days_behind_the_promise_of_orders_that_may_be_late() -> None:
    # Handling takes a day, the way 1, 2 and 4 days; two were promised to O1.
    assert charged(by(terms.lateness(300))) == {"O1": {"S2": 300, "S3": 900}}
    pickup = replace(PROBLEM, orders=PROBLEM.orders[1:])
    known = Known(promised_days={"O2": 0})
    late = priced(pickup, [Weighed(terms.lateness(300))], known).problem
    assert charged(late)["O2"] == {"S1": 300, "S2": 300, "S3": 300}


def test_lines_and_orders_that_are_charged_alike_share_a_row() -> None:
    problem = by(terms.congestion(90))
    assert (len(problem.added), [order.added for order in problem.orders]) == (1, [(0,), (0,)])


def test_terms_are_added_to_what_is_there_already() -> None:
    both = [Weighed(terms.opportunity()), Weighed(terms.congestion(90))]
    at_once = priced(PROBLEM, both, KNOWN).problem
    first = priced(PROBLEM, both[:1], KNOWN).problem
    assert priced(first, both[1:], KNOWN).problem == at_once
    assert priced(PROBLEM, [], KNOWN).problem is PROBLEM


def test_what_nothing_is_known_of_costs_nothing() -> None:
    every = [terms.opportunity(), terms.acceptance(), terms.congestion(9), terms.lateness(9)]
    assert priced(PROBLEM, [Weighed(term) for term in every], Known()).problem == PROBLEM


def test_the_own_terms_stay_within_what_a_problem_may_state() -> None:
    known = Known(bid_prices={("MUG", "S1"): MOST_ADDED_CENTS}, promised_days={"O1": 0})
    found = priced(PROBLEM, [Weighed(terms.opportunity(), 1_000)], known)
    assert (found.faults, charged(found.problem)["O1/MUG"]) == ((), {"S1": MOST_ADDED_CENTS})


def a_term(cents: Callable[[View], Any], **changes: Any) -> CostTerm:
    fields: dict[str, Any] = {"name": "odd", "unit": "", "words": "odd", "per": Per.LINE}
    return CostTerm(cents=cents, **(fields | changes))


def broken(_view: View) -> Any:
    return {}["figures"]


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (a_term(broken), "it raised KeyError: 'figures'"),
        (a_term(lambda _: [[1]]), "it returned list, not an array"),
        (a_term(lambda _: np.zeros((2, 2), int)), "has the shape (2, 2), not (3, 3)"),
        (
            a_term(lambda _: np.zeros((3, 3), int), per=Per.PARCEL),
            "has the shape (3, 3), not (2, 3)",
        ),
        (a_term(lambda _: np.zeros((3, 3))), "its figures are float64, not whole cents"),
        (a_term(lambda _: np.zeros((3, 3), bool)), "its figures are bool, not whole cents"),
        (a_term(lambda _: np.full((3, 3), -1)), "-1 cents are not between 0 and 100000000"),
        (a_term(lambda _: np.full((3, 3), 10**9)), "1000000000 cents are not between 0 and"),
        (a_term(lambda _: np.ones((3, 3), int), words="postage"), "not be called 'postage'"),
        (a_term(lambda _: np.ones((3, 3), int), per=Per.BAND), "per line or per parcel"),
    ],
)
def test_a_faulty_term_is_named_and_left_out_and_the_others_count(
    term: CostTerm, words: str
) -> None:
    found = priced(PROBLEM, [Weighed(term), Weighed(terms.congestion(90))], KNOWN)
    [fault] = found.faults
    assert str(fault).startswith("the cost term 'odd' was left out: ")
    assert words in str(fault)
    assert found.problem == by(terms.congestion(90))
    assert not decide(found.problem, "O1").plan.unfilled


def test_a_term_that_fails_for_a_later_part_of_the_orders_is_left_out_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("routing.weighing._CELLS", 1)
    ones = a_term(lambda view: np.ones((len(view.lines), 3), int))
    assert len(charged(priced(PROBLEM, [Weighed(ones)], KNOWN).problem)) == 3

    def fails_later(view: View) -> Any:
        return np.full((len(view.lines), 3), 1 if view.orders[0].id == "O1" else -1)

    found = priced(PROBLEM, [Weighed(a_term(fails_later))], KNOWN)
    assert (found.problem, len(found.faults)) == (PROBLEM, 1)


def test_only_so_many_terms_count() -> None:
    one = Weighed(a_term(lambda view: np.ones((len(view.lines), 3), int)))
    found = priced(PROBLEM, [one] * (MOST_ADDED + 2), KNOWN)
    assert [fault.message for fault in found.faults] == ["no more than 16 terms may count"] * 2
    assert len(found.problem.orders[0].lines[0].added) == MOST_ADDED
