"""What the policy in force weighs, in memory, and what that adds for one arrival.

The terms are those that routing asks (`oms.sourcing.weighing`), of the same facts, so that what is
held now is what will be used. Where a policy weighs nothing, nothing is read and nothing is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from sqlmodel import Session

import routing.problem as routing
from oms.sourcing import acceptance, bid_prices, weighing
from oms.sourcing.policy import Policy
from routing.added import rows_of
from routing.network import Network
from routing.terms import Known

_ANY_OTHER: Final = "a class of which nothing is known"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figures:
    """What cost terms look at: bid prices by SKU and location, acceptance by class and location."""

    prices_version: int | None = None
    prices: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    accepts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    used_parcels: Mapping[str, int] = field(default_factory=dict)

    def known(self, skus: Sequence[str], categories: Sequence[str]) -> Known:
        """What of it bears on these articles, in these categories."""
        other = self.accepts.get(_ANY_OTHER, {})
        return Known(
            bid_prices={
                (sku, code): cents
                for sku in dict.fromkeys(skus)
                for code, cents in self.prices.get(sku, {}).items()
            },
            acceptance={
                (code, name): probability
                for name in dict.fromkeys(categories)
                for code, probability in self.accepts.get(name, other).items()
            },
            classes=dict(zip(skus, categories, strict=True)),
            used_parcels=self.used_parcels,
        )


NOTHING: Final = Figures()


def read(
    session: Session, policy: Policy, *, used_parcels: Mapping[str, int], before: Figures = NOTHING
) -> Figures:
    """The figures that a policy's terms look at. Bid prices are read when there are new ones."""
    if not weighing.weighs(policy):
        return NOTHING
    version, prices, accepts = before.prices_version, before.prices, before.accepts
    if weighing.looks_at_prices(policy):
        version = bid_prices.newest(session)
        if version != before.prices_version:
            prices = _by_first(bid_prices.every(session))
    if weighing.looks_at_acceptance(policy):
        found = acceptance.current(session, {*acceptance.classes(session), _ANY_OTHER})
        accepts = _by_first({(name, code): chance for (code, name), chance in found.items()})
    return Figures(version, prices, accepts, used_parcels)


def as_now(
    problem: routing.Problem, network: Network, left: Sequence[int | None]
) -> routing.Problem:
    """What a network is laid out from, with its days and the capacities that are left."""
    leaving, ready = network.handling_days.tolist(), network.pickup_days.tolist()
    return replace(
        problem,
        locations=tuple(
            replace(place, handling_days=leaves, pickup_days=is_ready, capacity_parcels=parcels)
            for place, leaves, is_ready, parcels in zip(
                problem.locations, leaving, ready, left, strict=True
            )
        ),
    )


def weighed(
    network: Network,
    problem: routing.Problem,
    *,
    policy: Policy,
    figures: Figures,
    categories: Sequence[str],
    promised_days: int | None,
) -> tuple[Network, routing.Order]:
    """The one order of a problem with what it is charged besides, and the network that knows.

    `promised_days` are given where the order may come later than that.
    """
    [order] = problem.orders
    known = figures.known([line.sku for line in order.lines], categories)
    found = weighing.asked(problem, policy=policy, known=known).problem
    if promised_days is not None:
        found = weighing.late(
            found,
            promised_days={order.id: promised_days},
            cents_per_day=policy.weights.lateness_cents_per_day,
        )
    return replace(network, added=rows_of(found.added, network.index)), found.orders[0]


def _by_first(figures: Mapping[tuple[str, str], T]) -> dict[str, dict[str, T]]:
    found: dict[str, dict[str, T]] = {}
    for (first, second), figure in figures.items():
        found.setdefault(first, {})[second] = figure
    return found
