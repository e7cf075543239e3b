"""How the promisable units of articles are spread over locations, in arrays for routing.

What `availability.promisable` says, without an object for every location: an article of thousands
of them comes as two strings of bytes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from oms.db import read_rows
from oms.inventory import availability

Ids = NDArray[np.bytes_]
"""Ids of locations, sixteen bytes each."""


def ids_of(places: Collection[UUID]) -> Ids:
    """Ids as arrays hold them."""
    return np.array([place.bytes for place in places], dtype="S16")


@dataclass(frozen=True, slots=True)
class Spread:
    """Where an article is: locations, and the units of each."""

    at: Ids
    units: NDArray[np.int32]


def spread_of(row: Sequence[Any]) -> Spread:
    """Of a row of `availability.PROMISABLE` without a channel that is treated unlike."""
    return Spread(np.frombuffer(row[2], "S16"), np.frombuffer(row[3], ">i4"))


def promisable(
    session: Session, skus: Collection[str], *, channel: str | None = None
) -> Mapping[str, Spread]:
    """Where there are units that this channel may be promised, by article."""
    rows = read_rows(session, availability.PROMISABLE, [list(set(skus))])
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
