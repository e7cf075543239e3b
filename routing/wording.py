"""Tell an explanation in plain English."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from routing.explain import Explanation, ParcelCost, PlanCost, Rival
from routing.removals import Out, Reason, Removal

MINOR_DIGITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
}
"""Currencies that do not have hundredths (ISO 4217)."""


def sentences(explanation: Explanation, names: Mapping[str, str] | None = None) -> list[str]:
    """Return what to tell about a decision, one sentence each; `names` of locations by id."""
    told = _Told(explanation, names or {})
    return [*told.winner(), *told.next_best(), *told.others(), *told.removed()]


def amount(cents: int, currency: str) -> str:
    """Return a sum in the currency's main unit, without its name."""
    digits = MINOR_DIGITS.get(currency, 2)
    if not digits:
        return str(cents)
    whole, rest = divmod(abs(cents), 10**digits)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:0{digits}d}"


def because(reason: Reason) -> str:
    """Return one constraint that keeps a location out, in a few words."""
    match reason.kind:
        case Out.EXCLUDED:
            return reason.note or "excluded"
        case Out.NOT_A_PICKUP_POINT:
            return "the customer does not collect there"
        case Out.NO_WINDOW:
            return f"no window {reason.note}" if reason.note else "no window for such an order"
        case Out.NO_LANE:
            return "no transfer leads from there to where the customer collects"
        case Out.NO_STOCK:
            return f"too little stock of {', '.join(reason.skus)}"
        case Out.TOO_LATE:
            return f"{_days(reason.days_late, reason.days_late)} too late for the promise"
        case Out.NO_CAPACITY:
            return "no capacity left today"
        case Out.TOO_HEAVY:
            return f"too heavy for a parcel: {', '.join(reason.skus)}"


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence; of more than four, the first three."""
    if len(words) > 4:
        return f"{', '.join(words[:3])} and {len(words) - 3} more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


class _Told:
    """One explanation on its way into words."""

    def __init__(self, explanation: Explanation, names: Mapping[str, str]) -> None:
        self._explanation = explanation
        self._names = names
        winner = explanation.winner
        self._lines = sum(len(parcel.lines) for parcel in winner.parcels) + len(winner.unfilled)

    def winner(self) -> list[str]:
        plan, currency = self._explanation.winner, self._explanation.currency
        told = [
            f"{self._parcel(parcel)} for {self._money(parcel.cents)} {currency}: "
            + ", ".join(f"{name} {self._money(cents)}" for name, cents in parcel.terms.items())
            + "."
            for parcel in plan.parcels
        ]
        if plan.unfilled:
            left = listed([line.sku for line in plan.unfilled])
            price = self._money(sum(line.cents for line in plan.unfilled))
            told.append(f"Unfilled: {left}, at {price} {currency}.")
        if len(plan.parcels) + len(plan.unfilled) > 1:
            told.append(f"Together {self._money(plan.cents)} {currency}.")
        if not self._explanation.proven:
            told.append("A cheaper plan may exist: the search ended before it was ruled out.")
        return told

    def next_best(self) -> list[str]:
        plan, dearer = self._explanation.runner_up, self._explanation.dearer_cents
        if plan is None or dearer is None:
            return []
        more = f"{self._money(dearer)} dearer" if dearer else "at the same cost"
        return [f"Next best: {self._plan(plan)}, {more}."]

    def others(self) -> list[str]:
        second = self._explanation.runner_up
        used = {parcel.location for parcel in second.parcels} if second else set()
        rivals = [rival for rival in self._explanation.rivals if rival.location not in used]
        able = [rival for rival in rivals if not rival.lacks]
        told = []
        if able:
            goods = "the line" if self._lines == 1 else "every line"
            told.append(f"{self._places(able)} could also serve {goods}{self._more(able)}.")
        kinds = Counter(rival.lacks for rival in rivals if rival.lacks)
        for lacks, count in kinds.most_common(3):
            group = [rival for rival in rivals if rival.lacks == lacks]
            verb = "lacks" if count == 1 else "lack"
            told.append(f"{self._places(group)} {verb} {listed(lacks)}{self._more(group)}.")
        if left := sum(kinds.values()) - sum(count for _, count in kinds.most_common(3)):
            told.append(f"{_count(left)} others lack other lines of the order.")
        return told

    def removed(self) -> list[str]:
        """One sentence for all that share their first reason, however late each would be."""
        alike: dict[Reason, list[Removal]] = {}
        for removal in self._explanation.removed:
            alike.setdefault(replace(removal.reasons[0], days_late=0), []).append(removal)
        told = []
        for reason, group in alike.items():
            places = [location for removal in group for location in removal.locations]
            days = [removal.reasons[0].days_late for removal in group]
            told.append(f"{self._where(places)} {self._why(reason, days, one=len(places) == 1)}.")
        return told

    def _plan(self, plan: PlanCost) -> str:
        parts = [self._parcel(parcel) for parcel in plan.parcels]
        if plan.unfilled:
            left = listed([line.sku for line in plan.unfilled])
            parts.append(f"{left} {'stays' if len(plan.unfilled) == 1 else 'stay'} unfilled")
        return " and ".join(parts)

    def _parcel(self, parcel: ParcelCost) -> str:
        if parcel.to is not None:
            to = self._name(parcel.to)
            return f"{self._name(parcel.location)} sends {self._goods(parcel)} to {to}"
        verb = "hands over" if self._explanation.pickup else "ships"
        goods = self._goods(parcel) if parcel.lines else "what it is sent"
        window = "" if parcel.window is None else f" in window {parcel.window}"
        return f"{self._name(parcel.location)} {verb} {goods}{window}"

    def _goods(self, parcel: ParcelCost) -> str:
        count = len(parcel.lines)
        if parcel.units:
            names = zip(parcel.lines, parcel.skus, strict=True) if len(parcel.skus) == count else ()
            parts = {sku: parcel.units[line] for line, sku in names if line in parcel.units}
            return listed(
                [f"{parts[sku]} of {sku}" if sku in parts else sku for sku in parcel.skus]
            )
        if count < self._lines:
            return listed(parcel.skus)
        return "the line" if count == 1 else "both lines" if count == 2 else f"all {count} lines"

    def _more(self, rivals: Sequence[Rival]) -> str:
        """Return by how much plans with these locations are dearer, if it is known."""
        figures = [rival.dearer_cents for rival in rivals if rival.dearer_cents is not None]
        if not figures:
            return ""
        least, most = self._money(min(figures)), self._money(max(figures))
        return f", {least} dearer" if least == most else f", {least} to {most} dearer"

    def _places(self, rivals: Sequence[Rival]) -> str:
        return self._where([rival.location for rival in rivals])

    def _where(self, locations: Sequence[str]) -> str:
        if len(locations) <= 2:
            return " and ".join(self._name(location) for location in locations)
        return f"{_count(len(locations))} locations"

    def _why(self, reason: Reason, days_late: Sequence[int], *, one: bool) -> str:
        """Return the predicate of a sentence about one location or several."""
        match reason.kind:
            case Out.EXCLUDED:
                verb = "is" if one else "are"
                return f"{verb} excluded: {reason.note}" if reason.note else f"{verb} excluded"
            case Out.NOT_A_PICKUP_POINT:
                return f"{'is' if one else 'are'} not where it can be picked up"
            case Out.NO_WINDOW:
                window = f"window {reason.note}" if reason.note else "window for such an order"
                return f"{'has' if one else 'have'} no {window}"
            case Out.NO_LANE:
                return f"{'has' if one else 'have'} no transfer to where it can be picked up"
            case Out.NO_STOCK:
                few = len(reason.skus) <= 2
                goods = listed(reason.skus) if few else f"all {self._lines} lines"
                return f"{'lacks' if one else 'lack'} {goods}"
            case Out.TOO_LATE:
                return f"would be {_days(min(days_late), max(days_late))} late"
            case Out.NO_CAPACITY:
                return f"{'has' if one else 'have'} no capacity left"
            case Out.TOO_HEAVY:
                return f"cannot post {listed(reason.skus)}: too heavy for any parcel"

    def _name(self, location: str) -> str:
        return self._names.get(location, location)

    def _money(self, cents: int) -> str:
        return amount(cents, self._explanation.currency)


def _days(least: int, most: int) -> str:
    days = f"{most} day{'' if most == 1 else 's'}"
    return days if least == most else f"{least} to {days}"


def _count(number: int) -> str:
    return f"{number:,}"
