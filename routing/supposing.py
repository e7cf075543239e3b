"""Tell counterfactuals in plain English: one sentence for each answer that could have been."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from routing.changes import Change, Figure, alone
from routing.contest import Aim, Goal
from routing.counterfactual import Counterfactual, counterfactuals
from routing.document import Json
from routing.problem import Problem
from routing.wording import amount, listed


@dataclass(frozen=True, slots=True)
class Supposed:
    """What would have changed an answer; `words` has a sentence of its own for each one found."""

    found: tuple[Counterfactual, ...]
    words: tuple[str, ...]
    sentences: tuple[str, ...]
    """All that leads to the same other answer in one sentence."""

    def documents(self) -> list[Json]:
        """Return each one found as plain JSON."""
        told = zip(self.found, self.words, strict=True)
        return [found.document() | {"words": words} for found, words in told]


def supposed(problem: Problem, order_id: str, names: Mapping[str, str] | None = None) -> Supposed:
    """Find, verify and tell what would change the answer to one order; see `counterfactuals`."""
    problem = alone(problem, order_id)
    found = counterfactuals(problem, order_id)
    return Supposed(
        found,
        words=tuple(suppositions([one], problem, names)[0] for one in found),
        sentences=tuple(suppositions(found, problem, names)),
    )


def suppositions(
    found: Sequence[Counterfactual], problem: Problem, names: Mapping[str, str] | None = None
) -> list[str]:
    """Return one sentence per goal; `problem` is the one that they were found for."""
    told = _Supposed(problem, names or {})
    by_goal: dict[Goal, list[Change]] = {}
    for one in found:
        by_goal.setdefault(one.goal, []).append(one.change)
    return [told.sentence(goal, changes) for goal, changes in by_goal.items()]


class _Supposed:
    """The problem of one order, whose figures are told as what they could be."""

    def __init__(self, problem: Problem, names: Mapping[str, str]) -> None:
        self._problem = problem
        self._order = problem.orders[0]
        self._names = names

    def sentence(self, goal: Goal, changes: Sequence[Change]) -> str:
        conditions = [f"if {self._condition(goal, change)}" for change in changes]
        return f"{self._outcome(goal)} {_either(conditions)}."

    def _outcome(self, goal: Goal) -> str:
        match goal.aim:
            case Aim.USES:
                verb = "ship" if self._order.pickup_at is None else "hand over"
                return f"{self._name(goal.subject)} would {verb}"
            case Aim.LEAVES:
                return f"{self._name(goal.subject)} would lose"
            case Aim.FILLS:
                [sku] = [line.sku for line in self._order.lines if line.id == goal.subject]
                return f"{sku} would be filled"

    def _condition(self, goal: Goal, change: Change) -> str:
        by = abs(change.after - change.before)
        more = change.after > change.before
        match change.figure:
            case Figure.PROMISE_DAYS:
                return f"the promise were {_days(by)} {'later' if more else 'sooner'}"
            case Figure.MAX_PARCELS:
                return f"{_parcels(change.after)} were allowed"
            case Figure.UNFILLED_CENTS:
                return f"leaving it unfilled cost {self._money(by)} more"
            case Figure.TRANSIT_DAYS:
                return f"carriage from {self._zone_of(goal, change)} took {_days(by)} less"
            case Figure.POSTAGE:
                where, less = self._zone_of(goal, change), "more" if more else "less"
                return f"postage for such a parcel from {where} were {self._money(by)} {less}"
            case _:
                return self._of_location(goal, change, by=by, more=more)

    def _of_location(self, goal: Goal, change: Change, *, by: int, more: bool) -> str:
        it = self._it(goal, change)
        match change.figure:
            case Figure.STOCK:
                return f"{it} had {by} more {change.sku}" if more else self._fewer(it, change)
            case Figure.HANDLING_DAYS:
                return f"{it} were ready {_days(by)} {'later' if more else 'sooner'}"
            case Figure.CAPACITY_PARCELS if more:
                whose = "its backlog" if it == "it" else f"the backlog of {it}"
                return f"{whose} fell by {_parcels(by)}"
            case Figure.CAPACITY_PARCELS:
                return f"{it} could make {_parcels(change.after) if change.after else 'no parcel'}"
            case Figure.EXCLUDED:
                note = self._order.excluded.get(change.location or "", "")
                return f"{it} were not excluded" + (f' ("{note}")' if note else "")
            case Figure.ADDED:
                less = "more" if more else "less"
                return f"{self._charge(change)} there were {self._money(by)} {less}"
            case Figure.PICKUP_AT:
                return f"the customer collected {'there' if it == 'it' else f'at {it}'}"
            case figure if figure in _OPTIONS:
                return self._of_option(it, change, by=by, more=more)
            case figure:
                less = "more" if more else "less"
                return f"{_PRICED[figure]} there cost {self._money(by)} {less}"

    def _of_option(self, it: str, change: Change, *, by: int, more: bool) -> str:
        if change.figure is Figure.WINDOW_CAPACITY:
            return f"window {change.window} of {it} had room for {_parcels(change.after)}"
        if change.figure is Figure.WINDOW_DAYS:
            return f"window {change.window} of {it} were {_days(by)} sooner"
        assert change.to is not None
        each = " a line" if change.figure is Figure.LANE_LINE_CENTS else ""
        transfer = f"a transfer from {it} to {self._name(change.to)}"
        less = "more" if more else "less"
        if change.figure is Figure.LANE_DAYS:
            return f"{transfer} took {_days(by)} {less}"
        return f"{transfer} cost {self._money(by)}{each} {less}"

    def _charge(self, change: Change) -> str:
        """Name an added cost, and the articles for which alone it is charged."""
        skus = dict.fromkeys(line.sku for line in self._order.lines if change.row in line.added)
        of = f" of {listed(list(skus))}" if skus and change.row not in self._order.added else ""
        return f"{change.term}{of}"

    def _fewer(self, it: str, change: Change) -> str:
        return f"{it} had {f'only {change.after}' if change.after else 'no'} {change.sku}"

    def _it(self, goal: Goal, change: Change) -> str:
        """A location that the sentence is about need not be named again."""
        assert change.location is not None
        return "it" if change.location == goal.subject else self._name(change.location)

    def _zone_of(self, goal: Goal, change: Change) -> str:
        it = self._it(goal, change)
        return "its zone" if it == "it" else f"the zone of {it}"

    def _name(self, location: str) -> str:
        return self._names.get(location, location)

    def _money(self, cents: int) -> str:
        return amount(cents, self._problem.currency)


_OPTIONS = frozenset(
    {
        Figure.WINDOW_CAPACITY,
        Figure.WINDOW_DAYS,
        Figure.LANE_PARCEL_CENTS,
        Figure.LANE_LINE_CENTS,
        Figure.LANE_DAYS,
    }
)
"""Figures of windows and transfer lanes."""

_PRICED = {
    Figure.PARCEL_CENTS: "packing",
    Figure.LINE_CENTS: "picking a line",
    Figure.PICKUP_CENTS: "a hand-over",
}


def _either(conditions: Sequence[str]) -> str:
    if len(conditions) == 1:
        return conditions[0]
    return f"{', '.join(conditions[:-1])} or {conditions[-1]}"


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _parcels(count: int) -> str:
    return f"{count} parcel{'' if count == 1 else 's'}"
