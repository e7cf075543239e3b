"""What a unit at a location is worth to the orders still to come, learned from joint runs.

    price = (1 - a) * price before + a * 0.75 * worth       a: `bid_prices.smoothing_percent`
    worth = dual + opportunity charged in the run, where there is a dual

The dual of a unit is what one more of it would have saved in a joint run. What the run's orders
were charged for the unit besides is missing from it; without that, prices would fall by being used.
Prices are in cents by SKU and location; a SKU that no order of the run wanted keeps its prices.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from oms import clock
from oms.locations.models import Location
from oms.sourcing.run_models import BidPrice, BidPriceVersion

Prices = Mapping[tuple[str, str], int]

DAMPING: Final = Fraction(3, 4)
"""Duals of a finished day overstate what a unit is worth while the day is open."""
KEPT: Final = timedelta(days=1)
"""Old versions: the problem of each decision has the prices that it was made with."""
_MOST_NAMED: Final = 10_000
"""PostgreSQL takes 65,535 parameters."""


def current(session: Session, skus: Collection[str]) -> Prices:
    """The prices in force of these articles, by SKU and location code; of many articles, of all."""
    return _of_version(session, newest(session), skus if len(skus) <= _MOST_NAMED else None)


def every(session: Session) -> Prices:
    """All prices in force."""
    return _of_version(session, newest(session), None)


def newest(session: Session) -> int | None:
    """The version in force; None before the first run that taught any."""
    return session.exec(select(func.max(BidPriceVersion.version))).one()


def learn(
    session: Session,
    duals: Prices,
    *,
    run_id: UUID,
    skus: Collection[str],
    smoothing_percent: int,
    charged_percent: int = 0,
) -> int | None:
    """Add the version that a run teaches; None if it has no duals, or taught before.

    `skus` are all articles that its orders wanted: where those have no dual, they were not scarce.
    `charged_percent` of the prices in force was charged in the run.
    """
    taught = select(BidPriceVersion.version).where(BidPriceVersion.run_id == run_id)
    if not duals or session.exec(taught).first() is not None:
        return None
    known = _of_version(session, newest(session), None)
    worth = {
        spot: dual + known.get(spot, 0) * charged_percent // 100 for spot, dual in duals.items()
    }
    prices = smoothed(known, worth, skus=skus, smoothing_percent=smoothing_percent)
    row = BidPriceVersion(run_id=run_id, at=clock.now(), smoothing_percent=smoothing_percent)
    session.add(row)
    session.flush()
    places = dict(session.exec(select(Location.code, Location.id)).all())
    rows = [
        {"version": row.version, "sku": sku, "location_id": places[code], "cents": cents}
        for (sku, code), cents in sorted(prices.items())
        if code in places
    ]
    if rows:
        session.execute(insert(BidPrice), rows)
    session.execute(
        delete(BidPriceVersion).where(
            col(BidPriceVersion.at) < clock.now() - KEPT,
            col(BidPriceVersion.version) != row.version,
        )
    )
    return row.version


def smoothed(
    known: Prices, duals: Prices, *, skus: Collection[str], smoothing_percent: int
) -> Prices:
    """The prices after a run; below one cent there is none."""
    a = Fraction(smoothing_percent, 100)
    found: dict[tuple[str, str], int] = {}
    for spot in known.keys() | duals.keys():
        before, dual = known.get(spot, 0), duals.get(spot, 0)
        seen = spot in duals or spot[0] in skus
        price = round((1 - a) * before + a * DAMPING * dual) if seen else before
        if price > 0:
            found[spot] = price
    return found


def _of_version(session: Session, version: int | None, skus: Collection[str] | None) -> Prices:
    if version is None:
        return {}
    wanted = (
        select(BidPrice.sku, Location.code, BidPrice.cents)
        .join(Location, col(Location.id) == BidPrice.location_id)
        .where(BidPrice.version == version)
    )
    if skus is not None:
        wanted = wanted.where(col(BidPrice.sku).in_(set(skus)))
    return {(sku, code): cents for sku, code, cents in session.exec(wanted)}
