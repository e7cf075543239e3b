"""Where else an order could go: stores near a point, and dates at an address.

The engine is that of promises. What the order itself holds counts as available to it, so its own
reservation never speaks against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms.capture import network
from oms.customers.models import Address
from oms.errors import Conflict
from oms.inventory import reservations
from oms.locations.models import Location
from oms.ordering import moving
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.orders.new_order import NewAddress
from oms.promises import baskets, pickup, shipping
from oms.promises.baskets import Basket, Stated
from oms.promises.pickup import PickupOption
from oms.promises.shipping import ShippingOption
from routing.network import Supply

STORES_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Offers:
    """Other ways for an order, as of now. Nothing is held for them."""

    stores: tuple[PickupOption, ...]
    """The nearest with all of it, without the one where it is collected."""
    dates: tuple[ShippingOption, ...]
    """When it would be at the postcode that was asked for; none if none was."""


def offers(session: Session, order_id: UUID, *, postcode: str = "", country: str = "") -> Offers:
    """What could be done with all that the customer still waits for.

    Stores are those near the postcode; without one, near where the order goes now. Raises
    `Invalid` for a country that we do not know from our places, and gives nothing for an order
    that can go no other way.
    """
    order = session.get_one(Order, order_id)
    if not moving.may_move(session, order):
        return Offers((), ())
    there = postcode.strip()
    stated = _stated(session, order, postcode=there, country=country.strip().upper())
    store = session.get(Location, order.pickup_location_id) if order.pickup_location_id else None
    near = pickup.promise(stated, stores=STORES_SHOWN + 1).whole
    return Offers(
        stores=tuple(one for one in near if store is None or one.location != store.code)[
            :STORES_SHOWN
        ],
        dates=shipping.promise(stated).options if there and stated.placed else (),
    )


def deliver(
    session: Session, order_id: UUID, *, address: NewAddress, arrives_on: date, actor: str
) -> Order:
    """Have the order delivered on a date that is offered for this address now.

    Raises `Conflict` when the date is offered no more, and what `moving.to_address` raises.
    """
    found = offers(session, order_id, postcode=address.postcode, country=address.country)
    dates: Mapping[date, datetime] = {one.arrives_on: one.promise_by for one in found.dates}
    if arrives_on not in dates:
        raise Conflict(
            "this date can no longer be kept",
            field="arrives_on",
            remedy="choose one of the dates that are offered now",
            facts={"offered": [str(day) for day in dates]},
        )
    return moving.to_address(
        session, order_id, address=address, promise_by=dates[arrives_on], actor=actor
    )


def _stated(session: Session, order: Order, *, postcode: str, country: str) -> Stated:
    wanted: dict[str, int] = {}
    for line in orders.lines(session, order.id):
        if units := order_lines.open_units(line):
            wanted[line.sku] = wanted.get(line.sku, 0) + units
    where = _where(session, order) if not postcode else (None, None)
    basket = Basket(
        lines=tuple(wanted.items()),
        country=country or None,
        postcode=postcode or None,
        latitude=where[0],
        longitude=where[1],
        currency=order.currency,
    )
    stated = baskets.state(session, basket, network.current(session))
    return replace(stated, supply=_with_its_own(session, order, stated))


def _where(session: Session, order: Order) -> tuple[float, float]:
    """Where the order goes now; the middle of what we know if its address has no coordinates."""
    if order.pickup_location_id is not None:
        store = session.get_one(Location, order.pickup_location_id)
        return store.latitude, store.longitude
    address = session.get(Address, order.address_id) if order.address_id else None
    if address is not None and address.latitude is not None and address.longitude is not None:
        return address.latitude, address.longitude
    return network.current(session).middle


def _with_its_own(session: Session, order: Order, stated: Stated) -> Supply:
    """The stock that can be promised, with what the order holds given back to where it is held."""
    units = stated.supply.units.copy()
    places = {place.code: place.at for place in stated.view.places}
    for row in reservations.held(session, order.id):
        code = session.get_one(Location, row.location_id).code
        if code in places and row.sku in stated.supply.row:
            units[stated.supply.row[row.sku], places[code]] += row.quantity
    return Supply(stated.supply.row, units, stated.supply.parcels_left)
