"""What a unit at a location is worth to the orders still to come, learned from joint runs.

    price = (1 - a) * price before + a * worth        a: `bid_prices.smoothing_percent`

The worth of a unit is what one would save the orders that are expected, or for want of these, part
of what it would have saved those of the run: see `routing.batch.foresight`. Prices are in cents by
SKU and location; a SKU that no order of the run wanted or is expected to want keeps its prices.
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
    worth: Prices,
    *,
    run_id: UUID,
    skus: Collection[str],
    smoothing_percent: int,
) -> int | None:
    """Add the version that a run teaches; None if nothing is worth anything, or it taught before.

    `skus` are all articles that were wanted: where those are worth nothing, they are not scarce.
    """
    taught = select(BidPriceVersion.version).where(BidPriceVersion.run_id == run_id)
    if not worth or session.exec(taught).first() is not None:
        return None
    known = _of_version(session, newest(session), None)
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
    known: Prices, worth: Prices, *, skus: Collection[str], smoothing_percent: int
) -> Prices:
    """The prices after a run; below one cent there is none."""
    a = Fraction(smoothing_percent, 100)
    found: dict[tuple[str, str], int] = {}
    for spot in known.keys() | worth.keys():
        before, now = known.get(spot, 0), worth.get(spot, 0)
        seen = spot in worth or spot[0] in skus
        price = round((1 - a) * before + a * now) if seen else before
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
