"""What policies may weigh beside carriage and handling: read as it stands, and kept with decisions.

Which of it counts, the policy says that is in force. All of it is kept, so that a policy that
weighs something else can be put to the same decision.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from oms.fulfilments.outcomes import EVERY_CLASS
from oms.sourcing import acceptance, bid_prices, weighing
from oms.sourcing.policy import Policy
from routing.problem import Problem
from routing.terms import Known


def known_now(
    session: Session,
    *,
    categories: Mapping[str, str],
    used_parcels: Mapping[str, int],
    policy: Policy | None = None,
) -> Known:
    """What cost terms may look at, as it is now: of a policy, or of any.

    `categories` are those of the articles in question; `used_parcels` were given to each location
    today. What a policy does not weigh is not read.
    """
    classes = classes_of(categories)
    prices: bid_prices.Prices = {}
    accepts: Mapping[tuple[str, str], float] = {}
    if policy is None or weighing.looks_at_prices(policy):
        prices = bid_prices.current(session, classes)
    if policy is None or weighing.looks_at_acceptance(policy):
        accepts = acceptance.current(session, set(classes.values()))
    return Known(bid_prices=prices, acceptance=accepts, classes=classes, used_parcels=used_parcels)


def classes_of(categories: Mapping[str, str]) -> Mapping[str, str]:
    """The class by which acceptance knows each article."""
    return {sku: category or EVERY_CLASS for sku, category in categories.items()}


def bearing(known: Known, problem: Problem) -> Known:
    """The figures of the locations that hold any of the goods; the others are no choice."""
    spots = {(row.sku, row.location) for row in problem.stock if row.units}
    codes = {code for _, code in spots}
    return replace(
        known,
        bid_prices={spot: cents for spot, cents in known.bid_prices.items() if spot in spots},
        acceptance={spot: one for spot, one in known.acceptance.items() if spot[0] in codes},
        used_parcels={code: count for code, count in known.used_parcels.items() if code in codes},
    )


def known_document(known: Known) -> dict[str, Any]:
    """The same as plain JSON. The classes are not in it: they follow from the categories."""
    return {
        "bid_prices": [[sku, code, cents] for (sku, code), cents in known.bid_prices.items()],
        "acceptance": [[code, name, chance] for (code, name), chance in known.acceptance.items()],
        "used_parcels": dict(known.used_parcels),
    }


def parse_known(document: Mapping[str, Any], *, categories: Mapping[str, str]) -> Known:
    """What `known_document` wrote. Raises `KeyError` or `ValueError` for anything else."""
    return Known(
        bid_prices={(sku, code): cents for sku, code, cents in document["bid_prices"]},
        acceptance={(code, name): chance for code, name, chance in document["acceptance"]},
        classes=classes_of(categories),
        used_parcels=document["used_parcels"],
    )
