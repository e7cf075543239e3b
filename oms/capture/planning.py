"""Choose the locations that would ship or hand over, for one arrival after another.

The choice is the one that routing makes of the same facts (`routing.quick`), so that the stock
which is held now is the stock that will be used.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np

import routing.problem as routing
from oms.capture.network import View
from oms.capture.stock_view import StockView
from oms.capture.weighed import weighed
from oms.sourcing import dating, weighing
from oms.sourcing import policy as policy_rules
from oms.sourcing.policy import Policy
from routing import exact
from routing.candidates import survey
from routing.network import Network, Supply


class Lacking(StrEnum):
    """What becomes of an order of which something cannot be filled."""

    WAITS = "waits"
    DATED = "dated"
    """It waits, and its sender is told when the missing units are expected."""
    REFUSED = "refused"
    """Nothing of it is held."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One arrival as routing needs it. `pickup_at` is the position of its store."""

    network: Network
    policy: Policy
    where: tuple[float, float]
    promise_by: datetime
    skus: tuple[str, ...]
    units: tuple[int, ...]
    weights_g: tuple[int, ...]
    pickup_at: int | None
    excluded: Mapping[str, str]
    """Locations that the policy rules out, by code, each with its reason."""
    categories: tuple[str, ...]
    bare: routing.Problem
    """What the network is laid out from, without orders: cost terms look at it."""
    lacking: Lacking = Lacking.WAITS

    @property
    def may_be_joined(self) -> bool:
        """Whether what no location has whole may come from several, or to the store of a pickup."""
        sent = self.pickup_at is not None and bool(self.policy.transfers)
        return sent or (self.policy.limits.split_lines and max(self.units) > 1)


@dataclass(slots=True)
class Plan:
    """Where each line's units are held: the position of a location, or None if nowhere."""

    wanted: Wanted
    at: list[int | None] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether nothing is held because something is missing."""
        return self.wanted.lacking is Lacking.REFUSED and None in self.at

    def missing_units(self) -> dict[str, int]:
        """Units by SKU that nobody has."""
        missing: dict[str, int] = {}
        for sku, at, units in zip(self.wanted.skus, self.at, self.wanted.units, strict=True):
            if at is None:
                missing[sku] = missing.get(sku, 0) + units
        return missing

    @property
    def takes(self) -> Sequence[tuple[str, int, int]]:
        """(SKU, position of the location, units) of every line that is held."""
        if self.refused:
            return []
        return [
            (sku, at, units)
            for sku, at, units in zip(self.wanted.skus, self.at, self.wanted.units, strict=True)
            if at is not None
        ]


def choose(view: View, stock: StockView, wanted: Wanted) -> Plan:
    """Plan one arrival and take its units out of the beliefs.

    A line that nobody can bring in time is planned late, as routing will do; one that nobody has
    stays without a location.
    """
    zone = (
        view.zone(wanted.where)
        if wanted.pickup_at is None
        else view.places[wanted.pickup_at].calendar.zone
    )
    days = dating.days_left(wanted.promise_by, zone=zone, first=view.today)
    plan = _solve(view, stock, wanted, promise_days=days)
    if None in plan.at:
        late_days = max(days, wanted.policy.limits.late_days)
        late = _solve(view, stock, wanted, promise_days=late_days, promised_days=days)
        if late.at.count(None) < plan.at.count(None):
            plan = late
    take(stock, plan)
    return plan


def take(stock: StockView, plan: Plan, *, only: Collection[str] | None = None) -> None:
    """Take a plan's units out of the beliefs, or those of some articles."""
    for sku, at, units in plan.takes:
        if only is None or sku in only:
            stock.units(sku)[at] -= units


def give_back(stock: StockView, plan: Plan) -> None:
    """Undo what `choose` took out of the beliefs."""
    for sku, at, units in plan.takes:
        stock.units(sku)[at] += units


def _solve(
    view: View,
    stock: StockView,
    wanted: Wanted,
    *,
    promise_days: int,
    promised_days: int | None = None,
) -> Plan:
    row: dict[str, int] = {}
    for sku in wanted.skus:
        row.setdefault(sku, len(row))
    nobody = np.zeros(len(view.places), dtype=np.int32)
    left = view.shipping_left if wanted.pickup_at is None else view.pickup_left
    order = routing.Order(
        id="",
        lat=wanted.where[0],
        lon=wanted.where[1],
        promise_days=promise_days,
        max_parcels=wanted.policy.limits.max_parcels,
        lines=tuple(
            _line(wanted.policy, sku, units=units, weight_g=weight_g)
            for sku, units, weight_g in zip(
                wanted.skus, wanted.units, wanted.weights_g, strict=True
            )
        ),
        pickup_at=None if wanted.pickup_at is None else (wanted.network.ids[wanted.pickup_at],),
        excluded={code: reason for code, reason in wanted.excluded.items() if code in view.by_code},
    )
    supply = Supply(row, np.stack([*(stock.units(sku) for sku in row), nobody]), left)
    network, order = _weighed(view, wanted, order, promised_days=promised_days)
    plan = Plan(wanted, [None] * len(wanted.skus))
    for package in exact.solve(survey(network, supply, order)).packages:
        for line in package.lines:
            plan.at[line] = package.at
    return plan


def _weighed(
    view: View, wanted: Wanted, order: routing.Order, *, promised_days: int | None
) -> tuple[Network, routing.Order]:
    """Charge what the policy weighs besides; mostly nothing."""
    if not weighing.weighs(wanted.policy):
        return wanted.network, order
    return weighed(
        wanted.network,
        dataclasses.replace(wanted.bare, orders=(order,)),
        policy=wanted.policy,
        figures=view.figures,
        categories=wanted.categories,
        promised_days=promised_days,
    )


def _line(policy: Policy, sku: str, *, units: int, weight_g: int) -> routing.Line:
    return routing.Line(
        "",
        sku,
        units,
        min(weight_g * units, routing.MOST_GRAMS),
        policy_rules.unfilled_cents(policy, units=units),
    )
