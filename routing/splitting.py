"""Let a line's units leave from several locations, where the order says that they may.

Such a line goes to the engines in *parts* that are lines of their own: its single units, or groups
of them as equal as possible where it has more than `MOST_PARTS`. The parts of a line in one parcel
are picked as one line, and what is added to the line is charged once for them. A unit's share of
the line's weight and of its unfilled price is rounded up. In plans the parts are told as the line
that they are of, with their units.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from routing.problem import Line, Order, Problem

MOST_PARTS: Final = 6


def in_parts(order: Order) -> Order:
    """Return the order with every line that may be split in parts; itself, if there is none."""
    if not any(line.may_split for line in order.lines):
        return order
    return replace(order, lines=tuple(part for line in order.lines for part in _parts(line)))


def all_in_parts(problem: Problem) -> Problem:
    """Return the problem with all orders so; itself, if no line may be split."""
    if not any(line.may_split for order in problem.orders for line in order.lines):
        return problem
    return replace(problem, orders=tuple(in_parts(order) for order in problem.orders))


def picked(lines: Sequence[Line], some: tuple[int, ...]) -> tuple[int, ...]:
    """Return for which of some lines a parcel of them is charged: of the parts of a line the first.

    Lines are given and told by their positions.
    """
    if all(lines[at].part_of is None for at in some):
        return some
    first = {whole_id(lines[at]): at for at in reversed(some)}
    return tuple(sorted(first.values()))


def parts_before(lines: Sequence[Line]) -> tuple[int, ...]:
    """Return for each line the set of the parts of the same line before it, as a number."""
    if all(line.part_of is None for line in lines):
        return (0,) * len(lines)
    names = [whole_id(line) for line in lines]
    return tuple(
        sum(1 << before for before in range(at) if names[before] == name)
        for at, name in enumerate(names)
    )


def whole_id(line: Line) -> str:
    """Return the id of the line that a part is of; of any other line its own."""
    return line.id if line.part_of is None else line.part_of


def whole_ids(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the ids of the lines that these are or are parts of, each once."""
    return tuple(dict.fromkeys(whole_id(line) for line in lines))


def units_of_parts(lines: Sequence[Line]) -> dict[str, int]:
    """Return the units by line of those that are parts."""
    units: dict[str, int] = {}
    for line in lines:
        if line.part_of is not None:
            units[line.part_of] = units.get(line.part_of, 0) + line.units
    return units


def _parts(line: Line) -> tuple[Line, ...]:
    if not line.may_split:
        return (line,)
    count = min(line.units, MOST_PARTS)
    weight_g, cents = -(-line.weight_g // line.units), -(-line.unfilled_cents // line.units)
    sizes = [line.units // count + (at < line.units % count) for at in range(count)]
    return tuple(
        Line(
            id=f"{line.id}#{at}",
            sku=line.sku,
            units=size,
            weight_g=size * weight_g,
            unfilled_cents=size * cents,
            added=line.added,
            part_of=line.id,
        )
        for at, size in enumerate(sizes)
    )
