"""Value what is left of stock and capacity for the orders still to come.

    minimise  Σ_{o certain} c(o)  +  1/D · Σ_{d = 1..D} Σ_{o expected, day d} c(o)

over the shares that orders get of their methods, within stock and capacity as they stand. The
prices at which what is wanted is what there is are what one more unit or parcel would save: a
deterministic linear program with bid prices, solved again whenever stock has changed and fewer
orders are to come (Jasin and Sinha 2015; Acimovic and Graves 2015). Expected orders are those of
earlier days. Several days at once, each counting in part, keep one day's chance out of the prices,
and so does their mean over the last rounds of the climb: no corner of the program is taken at its
word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.batch.climbing import Climb, excess, first_step
from routing.batch.effort import Limits
from routing.batch.layout import lay_out
from routing.batch.pricing import sweep, whole
from routing.batch.views import narrowed
from routing.batch.worth import Worth, by_limit, by_name
from routing.network import network_of, supply_of
from routing.problem import Order, Problem
from routing.splitting import all_in_parts

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Foresight:
    """How hard prices are looked for."""

    rounds: int = 50
    again_rounds: int = 20
    """When there are earlier prices to begin with."""
    again_step: float = 0.1
    """Of the first step without earlier prices."""
    averaged: float = 0.4
    """The share of the rounds, at their end, whose mean counts."""
    seen_locations: int = 40


DAMPING: Final = 0.75
"""What one more would save orders at hand overstates what it is worth to those to come."""


def damped(worth: Worth) -> Worth:
    """Return the worth where nothing is known of what may come: it will be like what came."""
    return Worth(
        {spot: DAMPING * cents for spot, cents in worth.units.items()},
        {place: DAMPING * cents for place, cents in worth.parcels.items()},
    )


def foresee(
    problem: Problem,
    expected: Sequence[Sequence[Order]],
    *,
    foresight: Foresight | None = None,
    earlier: Worth | None = None,
    limits: Limits | None = None,
) -> Worth:
    """Return what a unit or a parcel of a problem's stock and capacity is worth.

    Its own orders are certain; `expected` are orders of one day each that may come besides.
    `earlier` is what was found before, when there was more of everything. When time is over, the
    prices are those of the rounds done.
    """
    foresight = foresight or Foresight()
    orders = [*problem.orders, *(order for day in expected for order in day)]
    if not orders:
        return Worth()
    stated = all_in_parts(replace(problem, orders=tuple(orders)))
    network = network_of(stated)
    supply = supply_of(stated, network)
    layout = lay_out(stated, network, supply)
    if not layout.blocks:
        return Worth()
    weights = np.full(len(orders), 1 / max(1, len(expected)))
    weights[: len(problem.orders)] = 1.0
    known = by_limit(layout, network, supply.row, earlier or Worth())
    step = first_step(layout) * (foresight.again_step if earlier else 1.0)
    rounds = foresight.again_rounds if earlier else foresight.rounds
    climbing = Climb(known, step)
    view = narrowed(layout, whole(layout, known), foresight.seen_locations)
    recent: list[Floats] = []
    for _ in range(rounds):
        found = sweep(view, whole(layout, climbing.cents))
        climbing.move(excess(layout, found, layout.goods.limits, weights=weights))
        recent = [*recent, climbing.cents][-max(1, round(foresight.averaged * rounds)) :]
        if limits is not None and limits.over():
            break
    return by_name(layout, network, supply.row, np.mean(recent, axis=0))
