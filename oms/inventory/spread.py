"""How the promisable units of articles are spread over locations, in arrays for routing.

What `availability.promisable` says, without an object for every location: an article of thousands
of them comes as two strings of bytes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import LargeBinary, func, literal, select, type_coerce
from sqlmodel import Session, col

from oms.inventory import availability
from oms.inventory.availability import SELLABLE
from oms.inventory.models import StockBalance

Ids = NDArray[np.bytes_]
"""Ids of locations, sixteen bytes each."""
_NOTHING = literal(b"", LargeBinary)


def ids_of(places: Collection[UUID]) -> Ids:
    """Ids as arrays hold them."""
    return np.array([place.bytes for place in places], dtype="S16")


@dataclass(frozen=True, slots=True)
class Spread:
    """Where an article is: locations, and the units of each."""

    at: Ids
    units: NDArray[np.int32]


def promisable(
    session: Session, skus: Collection[str], *, channel: str | None = None
) -> Mapping[str, Spread]:
    """Where there are units that this channel may be promised, by article."""
    free = (SELLABLE > 0) & ~col(StockBalance.by_channel)
    rows = session.execute(
        select(
            col(StockBalance.sku),
            func.bool_or(col(StockBalance.by_channel)),
            func.string_agg(
                type_coerce(func.uuid_send(col(StockBalance.location_id)), LargeBinary), _NOTHING
            ).filter(free),
            func.string_agg(type_coerce(func.int4send(SELLABLE), LargeBinary), _NOTHING).filter(
                free
            ),
        )
        .where(col(StockBalance.sku).in_(set(skus)))
        .group_by(col(StockBalance.sku))
    ).all()
    alike = {
        sku: Spread(np.frombuffer(at or b"", "S16"), np.frombuffer(units or b"", ">i4"))
        for sku, unlike, at, units in rows
        if not unlike
    }
    unlike = [sku for sku, unlike, _, _ in rows if unlike]
    return alike | (_looked_into(session, unlike, channel) if unlike else {})


def _looked_into(session: Session, skus: Collection[str], channel: str | None) -> dict[str, Spread]:
    """The same for articles of which channels have unlike shares."""
    found: dict[str, dict[UUID, int]] = {sku: {} for sku in skus}
    for (sku, place), units in availability.promisable(session, skus, channel=channel).items():
        found[sku][place] = units
    return {
        sku: Spread(ids_of(places), np.array(list(places.values()), dtype=np.int32))
        for sku, places in found.items()
    }
