"""Why locations could not serve an order at all: every constraint that rules them out.

Thousands of locations share a few dozen combinations of constraints, so they are told apart in
arrays and worded once per combination.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from routing.candidates import Choices, too_heavy
from routing.network import Ints, Network
from routing.problem import Line
from routing.windows import NEVER


class Out(StrEnum):
    """A constraint that keeps a location out, the most telling first."""

    EXCLUDED = "excluded"
    NOT_A_PICKUP_POINT = "not_a_pickup_point"
    NO_LANE = "no_lane"
    NO_WINDOW = "no_window"
    NO_STOCK = "no_stock"
    TOO_LATE = "too_late"
    NO_CAPACITY = "no_capacity"
    TOO_HEAVY = "too_heavy"


@dataclass(frozen=True, slots=True)
class Reason:
    """One constraint with its figures; those that do not belong to its kind stay empty.

    `skus` are those the location holds too little of, or those no parcel can carry; `days_late` is
    how far it would miss the promise; `note` is the caller's own reason for an exclusion.
    """

    kind: Out
    skus: tuple[str, ...] = ()
    days_late: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """Locations that the same constraints rule out; the first is the one to tell."""

    reasons: tuple[Reason, ...]
    locations: tuple[str, ...]


_NOT_A_POINT: Final = 1
_NO_LANE: Final = 2
_NO_WINDOW: Final = 3


def removals(network: Network, choices: Choices) -> tuple[Removal, ...]:
    """Return every location that cannot serve the order, grouped by the reasons."""
    notes = sorted(set(choices.order.excluded.values()))
    marks = _marks(network, choices, notes)
    out = np.flatnonzero(marks.any(axis=1))
    kinds, group = np.unique(marks[out], axis=0, return_inverse=True)
    found = [
        Removal(
            reasons=tuple(_reasons(choices, kind.tolist(), notes)),
            locations=tuple(network.ids[at] for at in out[group.reshape(-1) == number]),
        )
        for number, kind in enumerate(kinds)
    ]
    telling = list(Out)
    return tuple(sorted(found, key=lambda removal: telling.index(removal.reasons[0].kind)))


def _marks(network: Network, choices: Choices, notes: list[str]) -> Ints:
    """Return one row per location: which constraints rule it out, as `_reasons` reads them."""
    order, in_stock = choices.order, choices.in_stock
    excluded = np.zeros(len(network.ids), dtype=np.int64)
    for location, note in order.excluded.items():
        excluded[network.index[location]] = notes.index(note) + 1
    elsewhere = _elsewhere(network, choices)
    late = np.where(elsewhere > _NOT_A_POINT, 0, np.maximum(choices.days - order.promise_days, 0))
    full = choices.parcels_left <= 0
    if choices.slots is not None:
        full &= (late == 0) & (elsewhere == 0)  # a window that is late may have room
    light = [position for position, line in enumerate(choices.lines) if not _heavy(choices, line)]
    marks = np.column_stack(
        [
            excluded,
            elsewhere,
            ~in_stock.any(axis=0),
            late,
            full,
            in_stock.any(axis=0) & ~in_stock[light].any(axis=0),
        ]
    ).astype(np.int64)
    serving = [way.at for way in choices.ways if way.choices.able.any()]
    marks[serving] = 0  # a store without stock can hand over what is sent to it
    return marks


def _elsewhere(network: Network, choices: Choices) -> Ints:
    """Return by location why it has no part in such an order, whatever it holds; 0 if it may."""
    points = np.zeros(len(network.ids), dtype=np.bool_)
    points[[network.index[location] for location in choices.order.pickup_at or ()]] = True
    senders = np.zeros_like(points)
    for way in choices.ways:
        if way.open and way.at in network.inbound:
            senders[network.inbound[way.at].sources] = True
    elsewhere = np.zeros(len(network.ids), dtype=np.int64)
    if choices.order.pickup_at is not None:
        elsewhere[~points & ~senders] = _NO_LANE if choices.ways else _NOT_A_POINT
    if choices.slots is not None:
        elsewhere[(elsewhere == 0) & (choices.days >= NEVER)] = _NO_WINDOW
    return elsewhere


def _reasons(choices: Choices, marks: list[int], notes: list[str]) -> Iterator[Reason]:
    excluded, elsewhere, no_stock, days_late, no_capacity, heavy = marks
    if excluded:
        yield Reason(Out.EXCLUDED, note=notes[excluded - 1])
    if elsewhere == _NO_WINDOW:
        yield Reason(Out.NO_WINDOW, note=choices.order.slot or "")
    elif elsewhere:
        yield Reason(Out.NO_LANE if elsewhere == _NO_LANE else Out.NOT_A_PICKUP_POINT)
    if no_stock:
        yield Reason(Out.NO_STOCK, skus=skus(choices.lines))
    if days_late:
        yield Reason(Out.TOO_LATE, days_late=days_late)
    if no_capacity:
        yield Reason(Out.NO_CAPACITY)
    if heavy:
        too_much = [line for line in choices.lines if _heavy(choices, line)]
        yield Reason(Out.TOO_HEAVY, skus=skus(too_much))


def skus(lines: tuple[Line, ...] | list[Line]) -> tuple[str, ...]:
    """Return the SKUs of some lines, each once, in their sequence."""
    return tuple(dict.fromkeys(line.sku for line in lines))


def _heavy(choices: Choices, line: Line) -> bool:
    return too_heavy(choices.rates, line)
