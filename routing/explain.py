"""Why an order goes where it goes: its cost by term, the next best plan, and all the others."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from routing import geo
from routing.added import by_term
from routing.candidates import Choices, too_heavy
from routing.network import Network
from routing.packages import Package, cost_of, package_cents, placed, way_of
from routing.problem import Line
from routing.removals import Removal, removals, skus
from routing.rivals import Through
from routing.splitting import picked, units_of_parts, whole_id, whole_ids


@dataclass(frozen=True, slots=True)
class ParcelCost:
    """A package, how far and how long it travels, and its cost by term."""

    location: str
    lines: tuple[str, ...]
    skus: tuple[str, ...]
    terms: Mapping[str, int]
    cents: int
    miles: int
    days: int
    to: str | None = None
    """Where a transfer goes to be handed over."""
    window: str | None = None
    units: Mapping[str, int] = field(default_factory=dict)
    """By line, of those lines that may be split."""


@dataclass(frozen=True, slots=True)
class UnfilledLine:
    """A line nobody fills, at its price."""

    line: str
    sku: str
    cents: int


@dataclass(frozen=True, slots=True)
class PlanCost:
    """A plan with the whole of its cost spelled out."""

    parcels: tuple[ParcelCost, ...]
    unfilled: tuple[UnfilledLine, ...]
    cents: int


@dataclass(frozen=True, slots=True)
class Rival:
    """A location that could have served. The best plan that uses it costs `dearer_cents` more.

    `lines` are those it would take in that plan, `lacks` the SKUs it cannot ship whole. For orders
    beyond the exact engine `dearer_cents` is None, and `lines` are all that it could take.
    """

    location: str
    lines: tuple[str, ...]
    lacks: tuple[str, ...]
    dearer_cents: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is kept of the reasons. `dearer_cents` belongs to the runner-up."""

    order: str
    currency: str
    pickup: bool
    proven: bool
    winner: PlanCost
    runner_up: PlanCost | None
    dearer_cents: int | None
    rivals: tuple[Rival, ...]
    removed: tuple[Removal, ...]


def explain(
    network: Network,
    choices: Choices,
    packages: tuple[Package, ...],
    runner_up: tuple[Package, ...] | None,
    *,
    currency: str,
    proven: bool,
    through: Through | None,
) -> Explanation:
    """Explain a plan against the next best; `through` are the costs by way of each location."""
    winner = plan_cost(network, choices, packages)
    second = None if runner_up is None else plan_cost(network, choices, runner_up)
    return Explanation(
        order=choices.order.id,
        currency=currency,
        pickup=choices.order.pickup_at is not None,
        proven=proven,
        winner=winner,
        runner_up=second,
        dearer_cents=None if second is None else second.cents - winner.cents,
        rivals=_rivals(network, choices, packages, through),
        removed=removals(network, choices),
    )


def plan_cost(network: Network, choices: Choices, packages: tuple[Package, ...]) -> PlanCost:
    """Spell out what a plan costs."""
    shipped = {line for package in packages for line in package.lines}
    means = way_of(choices, packages).choices if choices.ways and packages else choices
    parcels = [
        _parcel_cost(network, choices, means, package) for package in placed(choices, packages)
    ]
    last = max((parcel.days for parcel in parcels if parcel.to is not None), default=0)
    return PlanCost(
        parcels=tuple(
            replace(parcel, days=max(parcel.days, last)) if parcel.to is None else parcel
            for parcel in parcels  # what is handed over waits for the last transfer
        ),
        unfilled=_unfilled([line for at, line in enumerate(choices.lines) if at not in shipped]),
        cents=cost_of(choices, packages),
    )


def _parcel_cost(
    network: Network, choices: Choices, means: Choices, package: Package
) -> ParcelCost:
    lines = [choices.lines[line] for line in package.lines]
    chord, days = float(choices.chord[package.at]), int(means.days[package.at])
    if package.to is not None:
        apart = network.points[:, package.at] - network.points[:, package.to]
        chord = float(apart @ apart)
    if package.window is not None and means.slots is not None:
        days = int(means.slots.days[package.window])
    rates = choices.rates if package.to is None else means.rates
    band = rates.band(sum(line.weight_g for line in lines))
    zone = int(choices.zone[package.at])
    charged = picked(choices.lines, package.lines)
    terms: Counter[str] = Counter()
    for term in rates.terms:
        terms[term.name] += term.of(at=package.at, lines=len(charged), band=band, zone=zone)
    terms.update(_added_terms(network, choices, charged, package.at))
    return ParcelCost(
        location=network.ids[package.at],
        lines=whole_ids(lines),
        skus=skus(lines),
        terms=dict(terms),
        cents=package_cents(choices, package),
        miles=round(float(geo.miles(np.array(chord), road_factor=network.road_factor))),
        days=days,
        to=None if package.to is None else network.ids[package.to],
        window=network.window_id(package.window),
        units=units_of_parts(lines),
    )


def _added_terms(
    network: Network, choices: Choices, charged: tuple[int, ...], at: int
) -> dict[str, int]:
    if network.added is None:
        return {}
    return by_term(network.added, choices.order, [choices.lines[line] for line in charged], at)


def _unfilled(lines: Sequence[Line]) -> tuple[UnfilledLine, ...]:
    """Tell the parts of a line as one."""
    told: dict[str, UnfilledLine] = {}
    for line in lines:
        name = whole_id(line)
        before = told[name].cents if name in told else 0
        told[name] = UnfilledLine(name, line.sku, before + line.unfilled_cents)
    return tuple(told.values())


def _rivals(
    network: Network, choices: Choices, packages: tuple[Package, ...], through: Through | None
) -> tuple[Rival, ...]:
    """Return the locations that lost, the closest first."""
    chosen = {package.at for package in packages}
    if through is not None:
        cost_cents = cost_of(choices, packages)
        ranked = sorted((cost, at, lines) for at, (cost, lines) in through.items())
        return tuple(
            _rival(network, choices, at, lines, dearer=cost - cost_cents)
            for cost, at, lines in ranked
            if at not in chosen
        )
    counts = choices.able.sum(axis=0)
    able = [at for at in (-counts).argsort(kind="stable").tolist() if counts[at]]
    return tuple(
        _rival(network, choices, at, _able_lines(choices, at), dearer=None)
        for at in able
        if at not in chosen
    )


def _able_lines(choices: Choices, at: int) -> tuple[int, ...]:
    return tuple(
        position
        for position, line in enumerate(choices.lines)
        if choices.able[position, at] and not too_heavy(choices.rates, line)
    )


def _rival(
    network: Network, choices: Choices, at: int, lines: tuple[int, ...], *, dearer: int | None
) -> Rival:
    stocked = choices.in_stock[:, at].tolist()
    return Rival(
        location=network.ids[at],
        lines=whole_ids([choices.lines[line] for line in lines]),
        lacks=skus([line for line, here in zip(choices.lines, stocked, strict=True) if not here]),
        dearer_cents=dearer,
    )
