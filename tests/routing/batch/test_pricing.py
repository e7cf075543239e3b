"""Pricing in pieces: threads for more than one alone, and never another answer."""

from threading import current_thread

import numpy as np
import pytest
from hypothesis import given, settings

from routing.batch import pricing
from routing.batch.layout import Layout, lay_out
from routing.batch.pricing import cheapest, in_pieces, whole
from routing.network import network_of, supply_of
from routing.problem import Problem
from tests.routing.builders import a_line, a_location, a_problem, an_order
from tests.routing.strategies import problems


def laid_out(problem: Problem) -> Layout:
    network = network_of(problem)
    return lay_out(problem, network, supply_of(problem, network))


@settings(max_examples=15, deadline=None)
@given(problems(most_locations=4, most_lines=3, most_orders=8))
def test_many_pieces_are_priced_as_one(problem: Problem) -> None:
    layout = laid_out(problem)
    prices = whole(layout, np.full(len(layout.goods.limits), 37.5))
    for block in layout.blocks:
        at_once = cheapest(layout, block, prices)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(pricing, "_CELLS", 2)
            cut = cheapest(layout, block, prices)
        for name in ("places", "sets", "at", "charged"):
            np.testing.assert_array_equal(getattr(cut, name), getattr(at_once, name))


def test_one_piece_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [an_order(a_line("MUG"), name=f"O{number}") for number in range(4)]
    [block] = laid_out(a_problem([a_location("S1")], {"S1": {"MUG": 9}}, *orders)).blocks
    assert in_pieces(block, 4, lambda _: current_thread()) == [current_thread()]
    monkeypatch.setattr(pricing, "_CELLS", 2)
    found = in_pieces(block, 4, lambda _: current_thread())
    assert len(found) == 2
    assert current_thread() not in found
