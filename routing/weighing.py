"""Ask cost terms, and write what they say into a problem.

Whatever a term does, there is a problem to decide: one that fails is left out, and it is said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from routing.cost import RATE_TERMS, Ints, Per
from routing.problem import MOST_ADDED, MOST_ADDED_CENTS, Added, Line, Order, Problem
from routing.terms import CostTerm, Known, View

_CELLS: Final = 1 << 21
"""About how many cents a term is asked for at once."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A term, and how much of what it says counts."""

    term: CostTerm
    percent: int = 100


class TermFault(Exception):
    """A term did not do what it must; it is left out."""

    code = "term_fault"

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"the cost term {name!r} was left out: {message}")
        self.name, self.message = name, message


@dataclass(frozen=True, slots=True)
class Priced:
    """The problem with what the terms add, and what was wrong with those left out."""

    problem: Problem
    faults: tuple[TermFault, ...] = ()


def priced(problem: Problem, terms: Sequence[Weighed], known: Known) -> Priced:
    """Add to a problem what the terms say of it, beside what is added already.

    A term that fails is left out altogether, and the others count. Asking the same again gives the
    same problem, if the terms do.
    """
    if not terms:
        return Priced(problem)
    rows, faults = list(problem.added), []
    orders = [list(order.added) for order in problem.orders]
    lines = [list(line.added) for order in problem.orders for line in order.lines]
    for weighed in terms:
        counting = lines if weighed.term.per is Per.LINE else orders
        try:
            found = _Found(problem, weighed, known)
            if max(map(len, counting), default=0) >= MOST_ADDED:
                raise TermFault(weighed.term.name, f"no more than {MOST_ADDED} terms may count")
        except TermFault as fault:
            faults.append(fault)
            continue
        for named, row in zip(counting, found.row_of, strict=True):
            if row is not None:
                named.append(len(rows) + row)
        rows += found.rows
    return Priced(_naming(problem, rows, orders, lines), tuple(faults))


class _Found:
    """What one term says of a whole problem: its different rows, and the row of each line or order.

    A row that is all zero is none.
    """

    def __init__(self, problem: Problem, weighed: Weighed, known: Known) -> None:
        _require_sense(weighed.term)
        self.rows: list[Added] = []
        self.row_of: list[int | None] = []
        self._words = weighed.term.words
        self._ids = [place.id for place in problem.locations]
        self._known: dict[bytes, int | None] = {}
        for view in _views(problem, known):
            cents = _asked(weighed.term, view).astype(np.int64)
            counted = np.minimum((cents * weighed.percent + 50) // 100, MOST_ADDED_CENTS)
            self.row_of += [self._row(row) for row in counted]

    def _row(self, cents: Ints) -> int | None:
        key = cents.tobytes()
        if key not in self._known:
            charged = np.flatnonzero(cents)
            self._known[key] = len(self.rows) if len(charged) else None
            if len(charged):
                figures = zip(charged.tolist(), cents[charged].tolist(), strict=True)
                self.rows.append(Added(self._words, {self._ids[at]: one for at, one in figures}))
        return self._known[key]


def _views(problem: Problem, known: Known) -> Iterator[View]:
    """Cut the orders into pieces, so that the arrays of a term stay small."""
    most = _CELLS // max(1, len(problem.locations))
    orders: list[Order] = []
    lines: list[Line] = []
    for order in problem.orders:
        if orders and len(lines) + len(order.lines) > most:
            yield View(problem, known, tuple(orders), tuple(lines))
            orders, lines = [], []
        orders.append(order)
        lines += order.lines
    if orders:
        yield View(problem, known, tuple(orders), tuple(lines))


def _require_sense(term: CostTerm) -> None:
    if term.words in RATE_TERMS or not term.words.strip():
        raise TermFault(term.name, f"its line may not be called {term.words!r}")
    if term.per is Per.BAND:
        raise TermFault(term.name, "a term is charged per line or per parcel")


def _asked(term: CostTerm, view: View) -> NDArray[Any]:
    """Ask a term, and refuse what is no answer."""
    try:
        cents = term.cents(view)
    except Exception as error:  # whatever is plugged in, the order is decided
        raise TermFault(term.name, f"it raised {type(error).__name__}: {error}") from error
    if not isinstance(cents, np.ndarray):
        raise TermFault(term.name, f"it returned {type(cents).__name__}, not an array")
    of = view.lines if term.per is Per.LINE else view.orders
    shape = (len(of), len(view.problem.locations))
    if cents.shape != shape:
        raise TermFault(term.name, f"its array has the shape {cents.shape}, not {shape}")
    if not np.issubdtype(cents.dtype, np.integer):
        raise TermFault(term.name, f"its figures are {cents.dtype}, not whole cents")
    if cents.size and (cents.min() < 0 or cents.max() > MOST_ADDED_CENTS):
        wrong = int(cents.min() if cents.min() < 0 else cents.max())
        raise TermFault(term.name, f"{wrong} cents are not between 0 and {MOST_ADDED_CENTS}")
    return cents


def _naming(
    problem: Problem, rows: list[Added], orders: list[list[int]], lines: list[list[int]]
) -> Problem:
    """Return the problem with these rows, named by its orders and lines."""
    if len(rows) == len(problem.added):
        return problem
    of_line = iter(lines)
    return replace(
        problem,
        added=tuple(rows),
        orders=tuple(
            replace(
                order,
                added=tuple(named),
                lines=tuple(replace(line, added=tuple(next(of_line))) for line in order.lines),
            )
            for order, named in zip(problem.orders, orders, strict=True)
        ),
    )
