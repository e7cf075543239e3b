"""What may be done about units of a pickup that are not where they should be.

The ways out are ranked by how little the customer notices. A pickup is never made a delivery.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.errors import Conflict, Invalid
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.fulfilments.short_models import WayOut
from oms.inventory import bins
from oms.inventory.bins import Bin
from oms.locations.models import Location
from oms.ordering import expecting, ship_to_store
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.payments import pricing
from oms.pickup import queries, walking
from oms.sourcing import senders

ASKS_THE_CUSTOMER: Final = frozenset({WayOut.LATER, WayOut.TRANSFER})
"""Ways that change what was promised."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way out, with what it means."""

    way: WayOut
    asks_customer: bool
    bin: Bin | None = None
    """Where else to look."""
    expected_at: datetime | None = None
    """By when the units are here."""
    from_location: Location | None = None
    cost_minor: int | None = None
    """What it costs the shop."""
    worth_minor: int | None = None
    """What the customer need not pay, or gets back."""


@dataclass(frozen=True, slots=True)
class NotOffered:
    """A way that is closed, and why."""

    way: WayOut
    why: str


@dataclass(frozen=True, slots=True)
class WaysOut:
    """What may be done about units of one article, the best first."""

    sku: str
    units: int
    currency: str
    options: tuple[Option, ...]
    not_offered: tuple[NotOffered, ...]


def ways_out(
    session: Session, pickup_id: UUID, *, sku: str, units: int, location_id: UUID
) -> WaysOut:
    """Say what may be done about units of an article that are not there. Changes nothing."""
    pickup = queries.one(session, pickup_id, location_id=location_id)
    fulfilment = session.get_one(Fulfilment, pickup.fulfilment_id)
    order = session.get_one(Order, pickup.order_id)
    cuts = lacking(session, fulfilment, sku, units)
    options: list[Option] = []
    closed: list[NotOffered] = []
    for found in (
        _other_bins(session, fulfilment, sku),
        _later(session, fulfilment, sku, cuts),
        _transfers(session, order, fulfilment, sku, cuts),
    ):
        if isinstance(found, NotOffered):
            closed.append(found)
        else:
            options += found
    worth = pricing.would_be_worth(session, order, cuts)
    options.append(Option(WayOut.CANCEL, asks_customer=False, worth_minor=worth))
    return WaysOut(sku, units, order.currency, tuple(options), tuple(closed))


def offered(
    session: Session,
    order: Order,
    fulfilment: Fulfilment,
    cuts: Mapping[UUID, int],
    *,
    way: WayOut,
    sku: str,
    from_location: str,
) -> Option:
    """The way that was chosen, as it is open now; `Conflict` if it is not."""
    found: Sequence[Option] | NotOffered = [Option(WayOut.CANCEL, asks_customer=False)]
    match way:
        case WayOut.OTHER_BIN:
            found = _other_bins(session, fulfilment, sku)
        case WayOut.LATER:
            found = _later(session, fulfilment, sku, cuts)
        case WayOut.TRANSFER:
            found = _transfers(session, order, fulfilment, sku, cuts)
    if isinstance(found, NotOffered):
        raise Conflict(
            f"this way is not open: {found.why}", field="way", remedy="ask for the ways out again"
        )
    if way is not WayOut.TRANSFER:
        return found[0]
    for one in found:
        if one.from_location is not None and one.from_location.code == from_location:
            return one
    raise Conflict(
        f"{from_location or 'no location'} cannot send them (any more)",
        field="from_location",
        remedy="ask for the ways out again and take a location that is named there",
    )


def lacking(session: Session, fulfilment: Fulfilment, sku: str, units: int) -> Mapping[UUID, int]:
    """Which order lines lack the units: the last lines of the article first."""
    if fulfilment.status is not FulfilmentStatus.PICKING:
        raise Conflict(
            "this pickup is not being picked",
            field="status",
            remedy="start picking it, or look at it again: it may be finished",
        )
    wanting = [part for part in fulfilments.lines(session, fulfilment.id) if part.sku == sku]
    most = sum(part.quantity - part.picked for part in wanting)
    if not 0 < units <= most:
        raise Invalid(
            f"{units} units of {sku} are not lacking: {most} are still to be picked",
            field="units",
            remedy="say how many of those that are still to be picked are not there",
        )
    cuts: dict[UUID, int] = {}
    for part in reversed(wanting):
        here = min(units, part.quantity - part.picked)
        if here:
            cuts[part.line_id] = here
            units -= here
    return cuts


def _other_bins(
    session: Session, fulfilment: Fulfilment, sku: str
) -> Sequence[Option] | NotOffered:
    there = bins.of_articles(session, location_id=fulfilment.location_id, skus=[sku])
    unseen = walking.left(there, walking.looked_into(session, [fulfilment.id])).get(sku, ())
    if len(unseen) < 2:
        return NotOffered(WayOut.OTHER_BIN, "no other bin of this article is known here")
    return [Option(WayOut.OTHER_BIN, asks_customer=False, bin=unseen[1])]


def _whole_lines(session: Session, fulfilment: Fulfilment, cuts: Mapping[UUID, int]) -> bool:
    """Whether nothing of the lines stays: a line is prepared by one pickup at a time."""
    parts = {part.line_id: part for part in fulfilments.lines(session, fulfilment.id)}
    return all(parts[line_id].quantity == units for line_id, units in cuts.items())


def _later(
    session: Session, fulfilment: Fulfilment, sku: str, cuts: Mapping[UUID, int]
) -> Sequence[Option] | NotOffered:
    if not _whole_lines(session, fulfilment, cuts):
        return NotOffered(WayOut.LATER, "part of the line is here, and a line is not divided")
    missing = sum(cuts.values())
    for one in expecting.uncommitted(session, [sku]):
        if one.location_id == fulfilment.location_id:
            missing -= one.units
            if missing <= 0:
                when = max(one.expected_at, clock.now())
                return [Option(WayOut.LATER, asks_customer=True, expected_at=when)]
    return NotOffered(WayOut.LATER, "not enough of it is on its way to this store")


def _transfers(
    session: Session, order: Order, fulfilment: Fulfilment, sku: str, cuts: Mapping[UUID, int]
) -> Sequence[Option] | NotOffered:
    if not _whole_lines(session, fulfilment, cuts):
        return NotOffered(WayOut.TRANSFER, "part of the line is here, and a line is not divided")
    if orders.backordered(session, order.id):
        return NotOffered(WayOut.TRANSFER, "other units of the order are waited for already")
    if ship_to_store.open_of(session, order.id) is not None:
        return NotOffered(WayOut.TRANSFER, "a transfer for this order is under way already")
    found = senders.who_could_send(
        session,
        order,
        store=session.get_one(Location, fulfilment.location_id),
        sku=sku,
        units=sum(cuts.values()),
    )
    if not found:
        return NotOffered(WayOut.TRANSFER, "no other location could send them")
    return [
        Option(
            WayOut.TRANSFER,
            asks_customer=True,
            expected_at=one.arrives_by,
            from_location=one.location,
            cost_minor=one.cost_minor,
        )
        for one in found
    ]
