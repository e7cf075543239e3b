"""How much of each article a channel may be told of, place by place."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, or_, select

from oms.catalogue.models import Listing
from oms.channels.stock import Place, Spot
from oms.inventory import availability
from oms.locations.models import Location

_MOST_WRITTEN: Final = 50


@dataclass(frozen=True, slots=True)
class Target:
    """What a spot of a channel should show now, and our locations behind it."""

    spot: Spot
    sku: str
    quantity: int
    codes: str


def level(
    session: Session,
    *,
    channel: str | None,
    skus: Collection[str],
) -> Mapping[tuple[str, str], int]:
    """Units that the channel may sell, by SKU and location code, where there are any.

    Without a channel it is what one may sell that no rule names. Stock at a location that
    neither ships nor hands over is sold by nobody.
    """
    codes = _selling(session)
    return {
        (sku, codes[location_id]): units
        for (sku, location_id), units in availability.promisable(
            session, skus, channel=channel
        ).items()
        if location_id in codes
    }


def selling_codes(session: Session) -> frozenset[str]:
    """The codes of the locations from which something can be sold."""
    return frozenset(_selling(session).values())


def targets(
    session: Session, *, channel: str, skus: Collection[str], places: Sequence[Place]
) -> list[Target]:
    """What the channel should show of these articles. A withdrawn listing should show none."""
    units = level(session, channel=channel, skus=skus)
    listings = session.exec(
        select(Listing)
        .where(Listing.channel == channel, col(Listing.sku).in_(set(skus)))
        .order_by(Listing.channel_sku)
    ).all()
    behind = [(place, _written(place)) for place in places]
    return [
        Target(
            (listing.channel_sku, place.id),
            listing.sku,
            sum(units.get((listing.sku, code), 0) for code in place.codes)
            if listing.published
            else 0,
            codes,
        )
        for listing in listings
        for place, codes in behind
    ]


def names(session: Session, *, channel: str, skus: Collection[str]) -> frozenset[str]:
    """The channel's own SKUs of these articles."""
    return frozenset(
        session.exec(
            select(Listing.channel_sku).where(
                Listing.channel == channel, col(Listing.sku).in_(set(skus))
            )
        ).all()
    )


def _written(place: Place) -> str:
    """The codes behind a place as they are recorded; many are recorded as all."""
    few = place.id and len(place.codes) <= _MOST_WRITTEN
    return " ".join(sorted(place.codes)) if few else "*"


def _selling(session: Session) -> dict[UUID, str]:
    rows = session.exec(
        select(Location.id, Location.code).where(
            col(Location.active), or_(col(Location.can_ship), col(Location.can_pickup))
        )
    ).all()
    return dict(rows)
