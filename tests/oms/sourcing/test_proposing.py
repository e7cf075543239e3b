"""From an answer to wishes: what is proposed can be carried out, knot by knot, and is worth it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oms.sourcing.policy import parse
from oms.sourcing.proposing import (
    BEST_PLACE,
    GIVES_UP,
    NOT_GIVEN,
    Proposal,
    Wish,
    propose,
)
from oms.sourcing.snapshots import Snapshot, Standing
from routing.effort import Effort
from routing.method import Method
from routing.parse import parse_tariff
from routing.plan import Answer
from routing.problem import Line, Location, Order, Problem, Stock
from routing.sequence import solve_all
from tests.builders import NEW_YORK, TARIFF
from tests.oms.shop import BOSTON, CHICAGO

SPOTS = {"S01": NEW_YORK, "S02": BOSTON, "W01": CHICAGO}
PLACES = tuple(Location(code, "store", *spot, 190, 60, 100, 0) for code, spot in SPOTS.items())
SKUS = ("MUG", "LAMP")


def an_order(number: int, at: tuple[float, float], skus: Iterable[str]) -> Order:
    lines = tuple(
        Line(f"{number}-{position}", sku, 1, 300, 3_000) for position, sku in enumerate(skus)
    )
    return Order(f"O{number}", *at, 5, 3, lines)


def a_problem(orders: Iterable[Order], stock: Mapping[tuple[str, str], int]) -> Problem:
    return Problem(
        currency="USD",
        tariff=parse_tariff(TARIFF),
        locations=PLACES,
        stock=tuple(Stock(*spot, units) for spot, units in stock.items()),
        orders=tuple(orders),
    )


def placed(answer: Answer) -> dict[str, Standing]:
    return {
        plan.id: Standing(
            2, {line: parcel.location for parcel in plan.parcels for line in parcel.lines}
        )
        for plan in answer.orders
    }


def solved(problem: Problem, method: Method = Method.FIFO_EXACT) -> Answer:
    return solve_all(problem, method=method, effort=Effort())


def policy(**body: Any) -> Any:
    return parse({"name": "test"} | body)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Orders that were placed in some sequence, by some rule, and stock that has come in since."""
    units = st.integers(0, 3)
    stock = {(code, sku): draw(units) for code in SPOTS for sku in SKUS}
    orders = [
        an_order(
            number,
            draw(st.sampled_from(list(SPOTS.values()))),
            draw(st.lists(st.sampled_from(SKUS), min_size=1, max_size=2, unique=True)),
        )
        for number in range(draw(st.integers(1, 7)))
    ]
    rule = draw(st.sampled_from([method for method in Method if method is not Method.JOINT]))
    shuffled = draw(st.permutations(orders))
    standing = placed(solved(a_problem(shuffled, stock), rule))
    more = {spot: count + draw(st.integers(0, 1)) for spot, count in stock.items()}
    return Snapshot(a_problem(orders, more), standing)


def used(problem: Problem, at: Mapping[str, Mapping[str, str]]) -> Counter[tuple[str, str]]:
    return Counter(
        (at[order.id][line.id], line.sku)
        for order in problem.orders
        for line in order.lines
        if line.id in at[order.id]
    )


def knots(proposal: Proposal) -> dict[int, list[Wish]]:
    found: dict[int, list[Wish]] = {}
    for wish in proposal.wishes:
        if not wish.kept:
            found.setdefault(wish.knot, []).append(wish)
    return dict(sorted(found.items()))


@given(snapshots(), st.integers(0, 100), st.integers(0, 300))
def test_every_knot_can_be_carried_out_and_is_worth_it(
    snapshot: Snapshot, percent: int, price: int
) -> None:
    rule = policy(limits={"moved_percent": percent}, weights={"move_cents": price})
    proposal = propose(snapshot, solved(snapshot.problem), rule)
    stock = {(row.location, row.sku): row.units for row in snapshot.problem.stock}
    at = {order_id: dict(one.at) for order_id, one in snapshot.standing.items()}
    leaving, values = 0, []
    for wishes in knots(proposal).values():
        for wish in wishes:
            at[wish.order_id] = dict(wish.new)
        held = used(snapshot.problem, at)
        assert all(units <= stock[spot] for spot, units in held.items())
        gain = sum(wish.gain_cents for wish in wishes)
        moved = sum(wish.leaves for wish in wishes)
        assert gain > price * moved
        values.append(gain / len(wishes))
        leaving += moved
    assert leaving <= len(proposal.wishes) * percent // 100
    assert values == sorted(values, reverse=True)
    for wish in proposal.wishes:
        assert wish.kept or set(wish.old) <= set(wish.new)
        assert (wish.kept == BEST_PLACE) == (wish.old == wish.new)


@given(snapshots())
def test_without_an_answer_everything_stays(snapshot: Snapshot) -> None:
    proposal = propose(snapshot, None, policy())
    assert {wish.kept for wish in proposal.wishes} == {BEST_PLACE}
    assert all(wish.old == wish.new and not wish.gain_cents for wish in proposal.wishes)


@given(snapshots())
def test_what_the_orders_cost_where_they_are_is_what_that_answer_costs(
    snapshot: Snapshot,
) -> None:
    """Where nothing has changed, gains are the difference of two answers to one problem."""
    answer = solved(snapshot.problem)
    again = Snapshot(snapshot.problem, placed(answer))
    proposal = propose(again, answer, policy())
    assert proposal.standing_cents == answer.cost_cents
    assert {wish.kept for wish in proposal.wishes} == {BEST_PLACE}


def one_mug(at: tuple[float, float] = NEW_YORK) -> tuple[Order, Problem]:
    order = an_order(1, at, ["MUG"])
    return order, a_problem([order], {("S01", "MUG"): 1, ("W01", "MUG"): 1})


def test_goods_that_are_held_are_never_given_up() -> None:
    _, problem = one_mug()
    snapshot = Snapshot(problem, {"O1": Standing(2, {"1-0": "S01"})})
    nothing = solved(replace(problem, stock=()))
    [wish] = propose(snapshot, nothing, policy()).wishes
    assert wish.kept == GIVES_UP


def test_an_order_whose_place_is_no_longer_allowed_is_reckoned_as_unfilled() -> None:
    order, problem = one_mug()
    order = replace(order, excluded={"W01": "flooded"})
    problem = replace(problem, orders=(order,))
    snapshot = Snapshot(problem, {"O1": Standing(2, {"1-0": "W01"})})
    proposal = propose(snapshot, solved(problem), policy())
    [wish] = proposal.wishes
    assert (wish.kept, wish.new) == (None, {"1-0": "S01"})
    assert proposal.standing_cents == 3_000


def test_who_would_take_what_another_keeps_stays() -> None:
    """The first order gives nothing, for it would give up its lamp; so the second gets nothing."""
    first, second = an_order(1, BOSTON, ["MUG", "LAMP"]), an_order(2, NEW_YORK, ["MUG"])
    stock = {("S01", "MUG"): 1, ("S02", "MUG"): 1, ("S01", "LAMP"): 1}
    problem = a_problem([first, second], stock)
    snapshot = Snapshot(
        problem,
        {
            "O1": Standing(2, {"1-0": "S01", "1-1": "S01"}),
            "O2": Standing(2, {"2-0": "S02"}),
        },
    )
    trade = solved(a_problem([second, first], {("S01", "MUG"): 1, ("S02", "MUG"): 1}))
    swapped = replace(trade, orders=tuple(reversed(trade.orders)))
    assert swapped.orders[1].parcels[0].location == "S01"
    wishes = propose(snapshot, swapped, policy()).wishes
    assert [wish.kept for wish in wishes] == [GIVES_UP, NOT_GIVEN]
