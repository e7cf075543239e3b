"""What changed between two decisions of one order: the answer, and the figures it rests on."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from routing.explain import Explanation, PlanCost
from routing.problem import Location, Order, Problem
from routing.wording import amount, listed

MOST_SPOTS = 4
"""Locations whose stock is told one by one."""


def differences(
    before: tuple[Problem, Explanation],
    after: tuple[Problem, Explanation],
    names: Mapping[str, str] | None = None,
) -> list[str]:
    """Return in sentences what is different in the later decision, the answer first."""
    told = _Compared(before, after, names or {})
    return [
        *told.answer(),
        *told.order(),
        *told.stock(),
        *told.places(),
        *told.added(),
        *told.tariff(),
    ]


class _Compared:
    """Two decisions on their way into words."""

    def __init__(
        self,
        before: tuple[Problem, Explanation],
        after: tuple[Problem, Explanation],
        names: Mapping[str, str],
    ) -> None:
        self._old, self._was = before
        self._new, self._is = after
        self._names = names

    def answer(self) -> Iterator[str]:
        if _who(self._was.winner) != _who(self._is.winner):
            yield f"{self._whom(self._is.winner)} instead of {self._whom(self._was.winner)}."
        cents = self._is.winner.cents - self._was.winner.cents
        if cents:
            by = amount(abs(cents), self._is.currency)
            yield f"It costs {by} {self._is.currency} {'more' if cents > 0 else 'less'}."

    def order(self) -> Iterator[str]:
        old, new = self._old.orders[0], self._new.orders[0]
        if (days := new.promise_days - old.promise_days) != 0:
            word = "later" if days > 0 else "nearer"
            yield f"The promise is {abs(days)} day{'' if abs(days) == 1 else 's'} {word}."
        if old.max_parcels != new.max_parcels:
            yield f"{new.max_parcels} parcels are allowed, before {old.max_parcels}."
        yield from self._lines(old, new)
        for place, note in new.excluded.items():
            if place not in old.excluded:
                yield f"{self._name(place)} is excluded now: {note}."
        for place in old.excluded:
            if place not in new.excluded:
                yield f"{self._name(place)} is not excluded any more."

    def stock(self) -> Iterator[str]:
        """Tell the stock of locations that either answer uses; the others are counted."""
        wanted = {line.sku for line in self._new.orders[0].lines}
        old = {(row.location, row.sku): row.units for row in self._old.stock}
        new = {(row.location, row.sku): row.units for row in self._new.stock}
        moved = [
            spot
            for spot in dict.fromkeys([*old, *new])
            if spot[1] in wanted and old.get(spot, 0) != new.get(spot, 0)
        ]
        used = {*_who(self._was.winner), *_who(self._is.winner)}
        told = [spot for spot in moved if spot[0] in used][:MOST_SPOTS]
        for place, sku in told:
            spot = (place, sku)
            yield f"{self._name(place)} has {new.get(spot, 0)} {sku}, before {old.get(spot, 0)}."
        if left := len({place for place, _ in moved} - {place for place, _ in told}):
            other = "other " if told else ""
            yield f"Stock changed at {left} {other}location{'' if left == 1 else 's'}."

    def places(self) -> Iterator[str]:
        old = {place.id: place for place in self._old.locations}
        new = {place.id: place for place in self._new.locations}
        gone, came = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
        if gone:
            yield f"No longer in the network: {listed([self._name(one) for one in gone])}."
        if came:
            yield f"New in the network: {listed([self._name(one) for one in came])}."
        both = [(old[one], new[one]) for one in new if one in old]
        changed = [now for was, now in both if _terms(was) != _terms(now)]
        if changed:
            names = listed([self._name(place.id) for place in changed])
            yield f"Costs, place or handling time changed at {names}."
        full = [now for was, now in both if _full(now) and not _full(was)]
        if full:
            yield f"No capacity left at {listed([self._name(place.id) for place in full])}."
        free = [now for was, now in both if _full(was) and not _full(now)]
        if free:
            yield f"Capacity again at {listed([self._name(place.id) for place in free])}."

    def added(self) -> Iterator[str]:
        """Tell what a parcel with all lines is charged besides, at locations that answers use."""
        for place in dict.fromkeys([*_who(self._was.winner), *_who(self._is.winner)]):
            old, new = _besides(self._old, place), _besides(self._new, place)
            for term in dict.fromkeys([*old, *new]):
                if old[term] != new[term]:
                    now, before = (amount(cents[term], self._is.currency) for cents in (new, old))
                    yield f"{term.capitalize()} at {self._name(place)} is {now}, before {before}."

    def tariff(self) -> Iterator[str]:
        if self._old.tariff != self._new.tariff:
            yield "Another tariff is in force."

    def _lines(self, old: Order, new: Order) -> Iterator[str]:
        was = {line.id: line for line in old.lines}
        now = {line.id: line for line in new.lines}
        if gone := [line.sku for line in old.lines if line.id not in now]:
            yield f"Not to be decided any more: {listed(gone)}."
        if came := [line.sku for line in new.lines if line.id not in was]:
            yield f"To be decided as well: {listed(came)}."
        for line in new.lines:
            if line.id in was and line.units != was[line.id].units:
                yield f"{line.units} of {line.sku} are wanted, before {was[line.id].units}."

    def _whom(self, plan: PlanCost) -> str:
        places = [self._name(place) for place in _who(plan)]
        return listed(places) if places else "nobody"

    def _name(self, location: str) -> str:
        return self._names.get(location, location)


def _who(plan: PlanCost) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parcel.location for parcel in plan.parcels))


def _besides(problem: Problem, place: str) -> Counter[str]:
    order = problem.orders[0]
    cents: Counter[str] = Counter()
    for row in [*order.added, *(row for line in order.lines for row in line.added)]:
        cents[problem.added[row].term] += problem.added[row].cents.get(place, 0)
    return cents


def _terms(place: Location) -> Location:
    """Return what seldom changes of a location: all but its capacity."""
    return replace(place, capacity_parcels=None)


def _full(place: Location) -> bool:
    return place.capacity_parcels is not None and place.capacity_parcels <= 0
