"""How the promisable units of articles are spread over locations, in arrays for routing.

What `availability.promisable` says, without an object for every location: an article of thousands
of them comes as two strings of bytes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from oms.db import read_rows
from oms.inventory import availability
from oms.inventory.availability import sellable_sql

Ids = NDArray[np.bytes_]
"""Ids of locations, sixteen bytes each."""
_FREE: Final = f"NOT by_channel AND {sellable_sql()} > 0"
SPREAD: Final = f"""
SELECT sku, bool_or(by_channel),
       coalesce(string_agg(uuid_send(location_id), ''::bytea) FILTER (WHERE {_FREE}), ''::bytea),
       coalesce(string_agg(int4send({sellable_sql()}), ''::bytea) FILTER (WHERE {_FREE}), ''::bytea)
FROM stock_balances WHERE sku = ANY(%b::text[]) GROUP BY sku
"""  # noqa: S608 - constants only
"""By article: whether rules treat channels unlike somewhere, and where the others may have units.

Both strings run over the same locations: aggregates over one input see it in one sequence.
"""


def ids_of(places: Collection[UUID]) -> Ids:
    """Ids as arrays hold them."""
    return np.array([place.bytes for place in places], dtype="S16")


@dataclass(frozen=True, slots=True)
class Spread:
    """Where an article is: locations, and the units of each."""

    at: Ids
    units: NDArray[np.int32]


def spread_of(row: Sequence[Any]) -> Spread:
    """Of the columns of `SPREAD`."""
    return Spread(np.frombuffer(row[2], "S16"), np.frombuffer(row[3], ">i4"))


def promisable(
    session: Session, skus: Collection[str], *, channel: str | None = None
) -> Mapping[str, Spread]:
    """Where there are units that this channel may be promised, by article."""
    rows = read_rows(session, SPREAD, [list(set(skus))])
    alike = {row[0]: spread_of(row) for row in rows if not row[1]}
    unlike = [row[0] for row in rows if row[1]]
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
