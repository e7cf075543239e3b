"""Where a customer is, or the best that is known of it."""

from collections.abc import Sequence
from typing import Final

from sqlmodel import Session

from oms.customers.models import Address
from oms.locations import geography
from oms.locations.models import Location
from oms.orders.models import Order

FROM_MIDDLE: Final = "The postcode is not on the map, so distances are from the network's middle."
BY_AREA: Final = (
    "The postcode is not on the map, so it is taken to lie in the middle of those that begin"
    " with {area}."
)


def whereabouts(
    session: Session,
    places: Sequence[Location],
    *,
    country: str,
    postcode: str,
    latitude: float | None,
    longitude: float | None,
) -> tuple[tuple[float, float], tuple[str, ...]]:
    """Coordinates of an address, or the best that is known of them, and what was assumed."""
    if latitude is not None and longitude is not None:
        return (latitude, longitude), ()
    found = geography.find(session, country=country, postcode=postcode)
    if found is None:
        return middle(places)
    assumed = (BY_AREA.format(area=found.area),) if found.area else ()
    return (found.latitude, found.longitude), assumed


def destination(
    session: Session, order: Order, places: Sequence[Location]
) -> tuple[tuple[float, float], tuple[str, ...]]:
    """The same of an order's customer; whoever collects is at the store."""
    if order.pickup_location_id is not None:
        store = session.get_one(Location, order.pickup_location_id)
        return (store.latitude, store.longitude), ()
    address = session.get(Address, order.address_id) if order.address_id else None
    if address is None:
        return middle(places)
    return whereabouts(
        session,
        places,
        country=address.country,
        postcode=address.postcode,
        latitude=address.latitude,
        longitude=address.longitude,
    )


def middle(places: Sequence[Location]) -> tuple[tuple[float, float], tuple[str, ...]]:
    """The middle of the network, for an order of which no more is known, and that it was so."""
    found = (
        sum(place.latitude for place in places) / max(1, len(places)),
        sum(place.longitude for place in places) / max(1, len(places)),
    )
    return found, (FROM_MIDDLE,)
