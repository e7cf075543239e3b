"""Why an order goes where it goes, arranged for the page from the stored decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.web.formats import units
from oms.orders.models import OrderLine
from oms.sourcing.models import RoutingDecision
from routing.explain import ParcelCost, PlanCost
from routing.stored import parse_explanation
from routing.wording import because, sentences


@dataclass(frozen=True, slots=True)
class CostRow:
    """One parcel's cost, term by term, or the price of what stays unfilled."""

    location: str
    skus: tuple[str, ...]
    way: str
    """How far and how long it travels."""
    terms: tuple[int | None, ...]
    """In the sequence of `Why.terms`."""
    minor: int


@dataclass(frozen=True, slots=True)
class CostTable:
    """One plan."""

    name: str
    rows: tuple[CostRow, ...]
    minor: int


@dataclass(frozen=True, slots=True)
class RivalRow:
    """A location that could have served and lost."""

    location: str
    skus: tuple[str, ...]
    lacks: tuple[str, ...]
    dearer_minor: int | None


@dataclass(frozen=True, slots=True)
class RemovedRow:
    """Locations that could not serve, and every reason."""

    locations: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The whole answer to "why this location?"."""

    decision: RoutingDecision
    told: tuple[str, ...]
    terms: tuple[str, ...]
    plans: tuple[CostTable, ...]
    rivals: tuple[RivalRow, ...]
    removed: tuple[RemovedRow, ...]


def explanation(
    decision: RoutingDecision, *, lines: Sequence[OrderLine], names: Mapping[str, str]
) -> Why:
    """Read a stored decision. `names` are the locations' names by code."""
    kept = parse_explanation(decision.explanation)
    sku_of = {str(line.id): line.sku for line in lines}
    plans = [("Chosen", kept.winner)]
    if kept.runner_up is not None:
        plans.append(("Next best", kept.runner_up))
    terms = tuple(
        dict.fromkeys(term for _, plan in plans for parcel in plan.parcels for term in parcel.terms)
    )
    return Why(
        decision=decision,
        told=(*sentences(kept, names), *decision.notes),
        terms=terms,
        plans=tuple(_table(name, plan, terms, names) for name, plan in plans),
        rivals=tuple(
            RivalRow(
                location=_named(rival.location, names),
                skus=tuple(sku_of.get(line, line) for line in rival.lines),
                lacks=rival.lacks,
                dearer_minor=rival.dearer_cents,
            )
            for rival in kept.rivals
        ),
        removed=tuple(
            RemovedRow(
                locations=tuple(_named(place, names) for place in removal.locations),
                reasons=tuple(because(reason) for reason in removal.reasons),
            )
            for removal in kept.removed
        ),
    )


def _table(
    name: str, plan: PlanCost, terms: tuple[str, ...], names: Mapping[str, str]
) -> CostTable:
    rows = [_parcel(parcel, terms, names) for parcel in plan.parcels]
    rows += [
        CostRow("Nobody", (line.sku,), "stays unfilled", (None,) * len(terms), line.cents)
        for line in plan.unfilled
    ]
    return CostTable(name, tuple(rows), plan.cents)


def _parcel(parcel: ParcelCost, terms: tuple[str, ...], names: Mapping[str, str]) -> CostRow:
    way = f"{units(parcel.miles, thing='mile')}, {units(parcel.days, thing='day')}"
    way = way if parcel.to is None else f"to {_named(parcel.to, names)}: {way}"
    way = way if parcel.window is None else f"{way}, window {parcel.window}"
    return CostRow(
        location=_named(parcel.location, names),
        skus=_goods(parcel),
        way=way,
        terms=tuple(parcel.terms.get(term) for term in terms),
        minor=parcel.cents,
    )


def _goods(parcel: ParcelCost) -> tuple[str, ...]:
    """The articles of a parcel, with the units of lines of which it has a part."""
    if len(parcel.lines) != len(parcel.skus):  # several lines want one article
        return parcel.skus
    each = zip(parcel.lines, parcel.skus, strict=True)
    return tuple(
        f"{parcel.units[line]} of {sku}" if line in parcel.units else sku for line, sku in each
    )


def _named(code: str, names: Mapping[str, str]) -> str:
    return f"{names[code]} ({code})" if code in names else code
