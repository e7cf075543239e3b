"""What a package costs: named terms, each an array over locations.

A package is a set of an order's lines leaving one location together. A term says per what it is
charged; another term of the same kinds can be added to `shipping_terms` and both engines, the
explanation and the totals follow.

    cost(S, l) = Σ parcel terms[l] + |S| · Σ line terms[l] + Σ band terms[band(S), zone(l)]

These are the same for every order. What depends on the order, its lines or the day is added to them
by `routing.added`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.problem import Location, Tariff

Ints = NDArray[np.int64]

FORBIDDEN: Final = 1 << 40
"""More cents than an order can cost, yet shifted by a location's number it can be doubled."""

RATE_TERMS: Final = frozenset(
    {"postage", "packing", "picking", "handover", "transfer", "transfer by the line"}
)
"""The names of the terms below; nothing that is added may be called so."""

MOST_COUNTED_LINES: Final = 10
"""How many lines the handling codes are laid out for."""


class Per(StrEnum):
    """What a term is charged for, which is also its shape."""

    PARCEL = "cents per parcel"
    """One figure per location."""
    LINE = "cents per line"
    """One figure per location."""
    BAND = "cents per parcel by weight band and zone"
    """One row per weight band, one column per zone."""


@dataclass(frozen=True, slots=True)
class Term:
    """One reason why a package costs money."""

    name: str
    per: Per
    cents: Ints

    def of(self, *, at: int, lines: int, band: int, zone: int) -> int:
        """Return this term's part in the cost of one package."""
        match self.per:
            case Per.PARCEL:
                return int(self.cents[at])
            case Per.LINE:
                return lines * int(self.cents[at])
            case Per.BAND:
                return int(self.cents[band, zone])


@dataclass(frozen=True, slots=True)
class Rates:
    """The sum of the terms, laid out for the engines.

    The last row of `carriage` is forbidden: it is for parcels heavier than every band. It is
    `rising` if no band costs less than a lighter one, and `merging_pays` if, besides, one parcel
    never costs more than two from the same location.
    `codes[n - 1, l]` is the handling cost of n lines at l, shifted left by `shift`, plus l, so the
    least code names the cheapest location, and of equals the first in the problem.
    """

    terms: tuple[Term, ...]
    max_weight_g: Ints
    carriage: Ints
    parcel: Ints
    line: Ints
    codes: Ints
    shift: int
    rising: bool
    merging_pays: bool

    def band(self, weight_g: int) -> int:
        """Return the first band that takes the weight; the last, forbidden row when none does."""
        return int(np.searchsorted(self.max_weight_g, weight_g, side="left"))

    def package_cents(self, *, at: int, zone: int, lines: int, weight_g: int) -> int:
        """Return the cost of one package, at least `FORBIDDEN` when it is too heavy."""
        carriage = int(self.carriage[self.band(weight_g), zone])
        return carriage + int(self.parcel[at]) + lines * int(self.line[at])


def shipping_terms(tariff: Tariff, locations: Sequence[Location]) -> tuple[Term, ...]:
    """Carriage by the tariff, packing by the parcel, picking by the line."""
    return (
        Term("postage", Per.BAND, np.array(tariff.cents, dtype=np.int64)),
        Term("packing", Per.PARCEL, _column([place.parcel_cents for place in locations])),
        _picking(locations),
    )


def pickup_terms(locations: Sequence[Location]) -> tuple[Term, ...]:
    """The hand-over at the counter, and picking by the line."""
    return (
        Term("handover", Per.PARCEL, _column([place.pickup_cents for place in locations])),
        _picking(locations),
    )


def arriving_terms(
    shipping: Rates, pickup: Rates, *, at: int, sources: Ints, parcel: Ints, line: Ints
) -> tuple[Term, ...]:
    """What goods cost on their way to one store: by transfer, or from its own shelf.

    Packing and picking where they come from, then the lane. What the store has itself is only
    picked: its hand-over is charged once for all.
    """
    leaving = [
        Term(term.name, term.per, _without(term.cents, at))
        for term in shipping.terms
        if term.per is not Per.BAND
    ]
    own = [
        Term(term.name, term.per, term.cents - _without(term.cents, at))
        for term in pickup.terms
        if term.per is Per.LINE
    ]
    every = len(shipping.parcel)
    return (
        *leaving,
        *own,
        Term("transfer", Per.PARCEL, _spread(parcel, sources, every)),
        Term("transfer by the line", Per.LINE, _spread(line, sources, every)),
    )


def rates(terms: tuple[Term, ...], *, max_weight_g: Sequence[int], locations: int) -> Rates:
    """Add the terms up. Without weight bands, carriage is free and nothing is too heavy."""
    zeros = np.zeros(locations, dtype=np.int64)
    parcel = sum((term.cents for term in terms if term.per is Per.PARCEL), start=zeros)
    line = sum((term.cents for term in terms if term.per is Per.LINE), start=zeros)
    bands = [term.cents for term in terms if term.per is Per.BAND]
    # Without carriage one zone column stands for all: `routing.candidates` then gives zone 0.
    carriage = sum(bands, start=np.zeros_like(bands[0] if bands else [[0]], dtype=np.int64))
    rising = bool((np.diff(carriage, axis=0) >= 0).all())
    merging_pays = rising and _merging_pays(carriage, _column(max_weight_g), parcel)
    if bands:
        carriage = np.vstack([carriage, np.full((1, carriage.shape[1]), FORBIDDEN)])
    shift = max(locations - 1, 1).bit_length()
    counts = np.arange(1, MOST_COUNTED_LINES + 1)[:, None]
    return Rates(
        terms=terms,
        max_weight_g=_column(max_weight_g),
        carriage=carriage,
        parcel=parcel,
        line=line,
        codes=((parcel + counts * line) << shift) + np.arange(locations),
        shift=shift,
        rising=rising,
        merging_pays=merging_pays,
    )


def _picking(locations: Sequence[Location]) -> Term:
    return Term("picking", Per.LINE, _column([place.line_cents for place in locations]))


def _without(cents: Ints, at: int) -> Ints:
    others = cents.copy()
    others[at] = 0
    return others


def _spread(cents: Ints, sources: Ints, locations: int) -> Ints:
    wide = np.zeros(locations, dtype=np.int64)
    wide[sources] = cents
    return wide


def _column(figures: Sequence[int]) -> Ints:
    return np.array(figures, dtype=np.int64)


def _merging_pays(carriage: Ints, max_weight_g: Ints, parcel: Ints) -> bool:
    """Whether rising carriage makes one parcel never dearer than two from the same location."""
    if not len(parcel) or not len(max_weight_g):
        return True
    together = np.searchsorted(max_weight_g, max_weight_g[:, None] + max_weight_g[None, :])
    merged = carriage[np.minimum(together, len(max_weight_g) - 1)]
    apart = carriage[:, None, :] + carriage[None, :, :] + parcel.min()
    return bool((merged <= apart).all())
