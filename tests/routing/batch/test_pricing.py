"""Pricing in pieces: threads for more than one alone, and never another answer."""

from threading import current_thread

import numpy as np
import pytest
from hypothesis import given, settings

from routing.batch import pricing
from routing.batch.layout import lay_out
from routing.batch.pricing import Methods, at_once, sweep, whole
from routing.network import network_of, supply_of
from routing.problem import Problem
from routing.splitting import all_in_parts
from tests.routing.strategies import problems as plain
from tests.routing.strategies import together, weighed


def priced(problem: Problem) -> list[Methods]:
    """The cheapest methods of all orders at some prices."""
    problem = all_in_parts(problem)
    network = network_of(problem)
    layout = lay_out(problem, network, supply_of(problem, network))
    return sweep(layout, whole(layout, np.full(len(layout.goods.limits), 37.5)))


@settings(max_examples=15, deadline=None)
@given(weighed(plain(most_locations=4, most_lines=3, most_orders=8)) | together(most_orders=6))
def test_many_pieces_are_priced_as_one(problem: Problem) -> None:
    whole_blocks = priced(problem)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pricing, "_CELLS", 2)
        cut = priced(problem)
    for one, other in zip(whole_blocks, cut, strict=True):
        for name in ("places", "sets", "at", "charged"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_one_piece_starts_no_thread() -> None:
    assert at_once([current_thread]) == [current_thread()]
    found = at_once([current_thread] * 2)
    assert len(found) == 2
    assert current_thread() not in found
