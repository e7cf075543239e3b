"""Sets of an order's lines as numbers: bit i stands for line i. Tables are made once per size."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Subsets:
    """All sets of n lines, 0 (none) to 2ⁿ - 1 (all).

    `part` and `rest` list, set after set, every way to split it in two; the ways to split set S
    begin at `start[S]`, the first being nothing and S.
    """

    full: int
    number: Ints
    bits: Ints
    size: Ints
    part: Ints
    rest: Ints
    start: Ints

    def splits(self, whole: int) -> slice:
        """Return where the splits of one set stand in `part` and `rest`."""
        end = int(self.start[whole + 1]) if whole < self.full else len(self.part)
        return slice(int(self.start[whole]), end)


@cache
def subsets(lines: int) -> Subsets:
    """Return the tables for this many lines; they grow as 3ⁿ."""
    number = np.arange(1 << lines, dtype=np.int64)
    bits = (number[:, None] >> np.arange(lines)) & 1
    parts = [number[(number & whole) == number] for whole in range(1 << lines)]
    return Subsets(
        full=(1 << lines) - 1,
        number=number,
        bits=bits,
        size=bits.sum(axis=1),
        part=np.concatenate(parts),
        rest=np.concatenate([whole ^ part for whole, part in enumerate(parts)]),
        start=np.cumsum([0] + [len(part) for part in parts[:-1]]),
    )


def members(number: int) -> tuple[int, ...]:
    """Return the lines of a set, ascending."""
    return tuple(line for line in range(number.bit_length()) if number >> line & 1)


def set_of(lines: tuple[int, ...]) -> int:
    """Return the number of a set of lines."""
    return sum(1 << line for line in lines)
