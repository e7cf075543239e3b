"""Find the locations an order can need, and the few that it most likely will.

Location d dominates l for an order when d is in stock for all that l is, and costs no more for any
set of lines; of two equals the first dominates. (For what is added to lines it is enough to look at
those that l has.) A location that K others dominate, K being the most
parcels, is not needed: K - 1 other parcels leave one of those K free, and moving the parcel there
costs no more. Dominance is transitive, so K of those that stay dominate each one that goes.

Those needed can still be hundreds. A few promise most: where one parcel with all that the location
has saves most of the price of leaving lines unfilled, and where the rest is then best shipped from.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from routing.candidates import Bools, Choices
from routing.cost import FORBIDDEN, Ints
from routing.packages import Package

LEADERS: Final = 16
FOLLOWED: Final = 6
FOLLOWERS: Final = 5


def needed_locations(choices: Choices) -> list[int]:
    """Return the locations among which an optimum exists, ascending."""
    at = np.flatnonzero(choices.able.any(axis=0))
    kept: Ints = at[_dominators(choices, at) < choices.parcels]
    needed: list[int] = kept.tolist()
    return needed


def promising_locations(choices: Choices, plan: tuple[Package, ...]) -> list[int]:
    """Return a few dozen locations that hold a good plan, those of a known one included."""
    every = range(len(choices.lines))
    leaders = most_saving(choices, every, LEADERS)
    promising = {package.at for package in plan}.union(leaders)
    for leader in leaders[:FOLLOWED]:
        if left := [line for line in every if not choices.able[line, leader]]:
            promising.update(most_saving(choices, left, FOLLOWERS))
    return sorted(promising)


def most_saving(choices: Choices, lines: Sequence[int], most: int) -> list[int]:
    """Return where one parcel of these lines saves most of their unfilled price, best first."""
    able, rates = choices.able[lines], choices.rates
    counts = able.sum(axis=0)
    prices = np.array([choices.lines[line].unfilled_cents for line in lines], dtype=np.int64)
    weights = np.array([choices.lines[line].weight_g for line in lines], dtype=np.int64)
    bands = rates.max_weight_g.searchsorted(weights @ able)
    costs = rates.carriage[bands, choices.zone] + rates.parcel + counts * rates.line
    if choices.added is not None:
        costs = costs + choices.added.parcel + (able * choices.added.line[lines]).sum(axis=0)
    saved = np.where(counts > 0, prices @ able - costs, -FORBIDDEN)
    best: list[int] = np.argsort(-saved, kind="stable")[:most].tolist()
    return [at for at in best if counts[at]]


def _dominators(choices: Choices, at: Ints) -> Ints:
    """Return how many locations dominate each one of `at`."""
    rates, zone = choices.rates, choices.zone[at]
    # Handling is linear in the number of lines: no dearer for one and for all is never dearer.
    parcel = rates.parcel if choices.added is None else rates.parcel + choices.added.parcel
    for_one = (parcel + rates.line)[at]
    for_all = (parcel + len(choices.lines) * rates.line)[at]
    rank = np.empty(len(at), dtype=np.int64)
    rank[np.lexsort((for_all, for_one))] = np.arange(len(at))

    # better[d, l]: d dominates l. The rank lets only one of two equals dominate.
    better: Bools = np.less(rank[:, None], rank)
    for figures in (for_one, for_all):
        better &= np.less_equal(figures[:, None], figures)
    better &= _cheaper_zones(rates.carriage)[zone[:, None], zone]
    for goods in np.vstack([choices.in_stock[:, at], _useful(choices)[:, at]]):
        better &= np.greater_equal(goods[:, None], goods)
    if choices.added is not None:
        for cents, has in zip(choices.added.line[:, at], choices.in_stock[:, at], strict=True):
            better &= np.less_equal(cents[:, None], cents) | ~has
    counts: Ints = better.sum(axis=0)
    return counts


def _useful(choices: Choices) -> Ints:
    """Return the units of each shared SKU that the order can use, one row per SKU."""
    wanted = [sum(choices.lines[line].units for line in group) for group in choices.shared]
    useful: Ints = np.minimum(choices.held, np.array(wanted, dtype=np.int64)[:, None])
    return useful


def _cheaper_zones(carriage: Ints) -> Bools:
    """Return whether zone i costs no more than zone j in any weight band."""
    cheaper: Bools = np.all(carriage[:, :, None] <= carriage[:, None, :], axis=0)
    return cheaper
