"""What policies may weigh beside carriage and handling, as it stood when a decision was made.

Which of it counts, the policy says that is in force. All of it is kept, so that a policy that
weighs something else can be put to the same decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlmodel import Session

from oms.fulfilments.outcomes import EVERY_CLASS
from oms.sourcing import acceptance, bid_prices
from routing.problem import Problem

_SKUS_AT_ONCE: Final = 10_000
"""PostgreSQL takes 65,535 parameters."""


@dataclass(frozen=True, slots=True)
class Known:
    """Figures of the locations that hold any of the goods; the others are no choice."""

    bid_prices: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Cents by SKU and location."""
    acceptance: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """The probability by location and class of articles."""
    used_parcels: Mapping[str, int] = field(default_factory=dict)
    """Work given to each within a day."""


def known_now(
    session: Session,
    problem: Problem,
    *,
    categories: Mapping[str, str],
    used_parcels: Mapping[str, int],
) -> Known:
    """What is known now of the goods and locations of a problem."""
    spots = {(row.sku, row.location) for row in problem.stock if row.units}
    codes = {code for _, code in spots}
    classes = {category or EVERY_CLASS for category in categories.values()}
    skus = sorted(categories)
    prices = {
        spot: cents
        for first in range(0, len(skus), _SKUS_AT_ONCE)
        for spot, cents in bid_prices.current(session, skus[first : first + _SKUS_AT_ONCE]).items()
        if spot in spots
    }
    return Known(
        bid_prices=prices,
        acceptance={
            spot: probability
            for spot, probability in acceptance.current(session, classes).items()
            if spot[0] in codes
        },
        used_parcels={code: units for code, units in used_parcels.items() if code in codes},
    )


def known_document(known: Known) -> dict[str, Any]:
    """The same as plain JSON."""
    return {
        "bid_prices": [[sku, code, cents] for (sku, code), cents in known.bid_prices.items()],
        "acceptance": [[code, name, chance] for (code, name), chance in known.acceptance.items()],
        "used_parcels": dict(known.used_parcels),
    }


def parse_known(document: Mapping[str, Any]) -> Known:
    """What `known_document` wrote. Raises `KeyError` or `ValueError` for anything else."""
    return Known(
        bid_prices={(sku, code): cents for sku, code, cents in document["bid_prices"]},
        acceptance={(code, name): chance for code, name, chance in document["acceptance"]},
        used_parcels=document["used_parcels"],
    )
