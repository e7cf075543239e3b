"""Chains: who takes what another holds, and where that one goes."""

import numpy as np
from hypothesis import given, settings

from routing.batch.chains import move_on
from routing.batch.columns import Market, generate
from routing.batch.dive import fill_in
from routing.batch.effort import BatchEffort, Limits
from routing.batch.pricing import sweep, whole
from routing.batch.solve import market_of
from routing.batch.standing import Standing
from routing.problem import Problem
from tests.routing.builders import CHICAGO, a_line, a_location, a_problem, an_order
from tests.routing.strategies import problems

STORES = ("S1", "S2", "S3", "S4")


def _pots_in_a_row(orders: int) -> Problem:
    """Order n may have the pot of store n or of the next, which is dearer by more every time.

    The last order is refused everywhere but at the first store.
    """
    places = [a_location(name, parcel_cents=100 * at * at) for at, name in enumerate(STORES)]
    wants = [
        an_order(a_line("POT"), name=f"O{at}", excluded=(*STORES[:at], *STORES[at + 2 :]))
        for at in range(orders - 1)
    ]
    wants.append(an_order(a_line("POT"), name="last", excluded=STORES[1:]))
    return a_problem(places, {name: {"POT": 1} for name in STORES}, *wants)


def _begun(problem: Problem) -> tuple[Market, Standing]:
    """First come, first served, with every method known that is the cheapest of what is left."""
    market, _ = market_of(problem, None)
    standing = Standing(market.pool, market.free)
    fill_in(market, standing, market.layout.block_of >= 0)
    prices = whole(market.layout, np.zeros_like(market.prices))
    market.pool.add(market.pool.unknown(sweep(market.layout, prices)))
    left = sweep(market.layout, prices, free=standing.free)
    market.pool.add(market.pool.unknown(left))
    generate(market, BatchEffort(column_rounds=2), Limits())
    return market, standing


def _chained(problem: Problem, links: int) -> tuple[int, int]:
    """What the plan costs before and after chains of so many links."""
    market, standing = _begun(problem)
    before = standing.cents
    move_on(market, standing, BatchEffort(chain_links=links), Limits())
    assert (standing.free >= 0).all()
    return before, standing.cents


def test_whoever_holds_what_is_wanted_takes_the_next_best() -> None:
    before, after = _chained(_pots_in_a_row(2), 1)
    # The last order saves its line, the other goes to the next store for 100 more.
    assert before - after == 3_000 - 450 - 100


def test_a_longer_chain_frees_what_a_shorter_one_cannot() -> None:
    problem = _pots_in_a_row(4)
    before, after = _chained(problem, 2)
    assert after == before
    before, after = _chained(problem, 3)
    assert before - after == 3_000 - 450 - 900


def test_chains_that_gain_nothing_leave_everything_as_it_was() -> None:
    problem = a_problem(
        [a_location("S1"), a_location("S2", CHICAGO)],
        {"S1": {"POT": 1}, "S2": {"POT": 1}},
        *(an_order(a_line("POT"), name=name) for name in ("O1", "O2")),
    )
    market, standing = _begun(problem)
    method, free = standing.method.copy(), standing.free.copy()
    move_on(market, standing, BatchEffort(), Limits())
    assert (standing.method == method).all()
    assert (standing.free == free).all()


@settings(max_examples=10, deadline=None)
@given(problems(most_locations=4, most_lines=4, most_orders=10))
def test_a_plan_stays_legal_and_gets_no_dearer(problem: Problem) -> None:
    market, standing = _begun(problem)
    before = standing.cents
    move_on(market, standing, BatchEffort(), Limits())
    inside = market.layout.block_of >= 0
    assert standing.cents <= before
    assert (standing.method[inside] >= 0).all()
    held = Standing(market.pool, market.free)
    for method in standing.method[inside].tolist():
        held.give(method)
    assert (held.free == standing.free).all()
    assert (held.free >= 0).all()
