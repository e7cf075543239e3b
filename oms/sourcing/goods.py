"""Which goods an order may have, and which of them it holds already."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlmodel import Session

import routing.problem as routing
from oms.inventory import availability, reservations
from oms.locations.models import Location
from oms.orders.models import Order

Spot = tuple[str, UUID]
"""An article at a location."""


def stock(
    session: Session,
    skus: Collection[str],
    places: Sequence[Location],
    *,
    channel: str,
    own: Mapping[Spot, int],
    only_free_but_at: UUID | None,
) -> tuple[routing.Stock, ...]:
    """What a channel may have of some articles, and what is held for the order itself.

    Given the store of a pickup to which goods may be sent, anywhere but there only what is free
    for another location counts: an allotment of the channel is not sent on.
    """
    units = dict(availability.promisable(session, skus, channel=channel))
    if only_free_but_at is not None:
        free = availability.promisable(session, skus, channel=None)
        units = {
            spot: count if spot[1] == only_free_but_at else min(count, free.get(spot, 0))
            for spot, count in units.items()
        }
    for spot, count in own.items():
        units[spot] = units.get(spot, 0) + count
    codes = {place.id: place.code for place in places}
    return tuple(
        routing.Stock(codes[location_id], sku, count)
        for (sku, location_id), count in sorted(
            units.items(), key=lambda item: (codes.get(item[0][1], ""), item[0][0])
        )
        if location_id in codes
    )


def own(session: Session, order: Order, lines: Collection[UUID]) -> Mapping[Spot, int]:
    """Units that an order holds for some lines and nobody works on, as `stock` counts them."""
    units: dict[Spot, int] = {}
    for row in reservations.held(session, order.id):
        if row.line_id in lines and row.fulfilment_id is None:
            spot = (row.sku, row.location_id)
            sent_on = order.pickup_location_id not in (None, row.location_id)
            units[spot] = units.get(spot, 0) + row.quantity - (row.allotted if sent_on else 0)
    return units


def frozen(
    session: Session, order: Order, wanted: Mapping[str, int], places: Sequence[Location]
) -> Mapping[str, str]:
    """Where each line of an order that waited is held, if all units wanted are held so."""
    if order.release_at is None:
        return {}
    codes = {place.id: place.code for place in places}
    at = {
        str(row.line_id): codes[row.location_id]
        for row in reservations.held(session, order.id)
        if row.location_id in codes and row.quantity == wanted.get(str(row.line_id))
    }
    return at if at.keys() == wanted.keys() else {}
