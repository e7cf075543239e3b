"""What the customer of a pickup may see and say by the unguessable link in the notice."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from oms import clock
from oms.errors import NotFound
from oms.locations.models import Location
from oms.orders.models import Order
from oms.pickup import curbside, desk, slots, states
from oms.pickup.curbside_models import ArrivalStatus
from oms.pickup.models import Pickup, PickupStatus
from oms.pickup.slots import Slot
from oms.settings import settings

_SLOTS_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Shown:
    """A pickup for its customer; no name and no article, in case the link got about."""

    order_number: str
    status: PickupStatus
    store: Location
    code: str
    qr_token: str
    pick_up_by: datetime | None
    visit: "ShownVisit | None"
    """The visit at the car that is under way."""
    bays: tuple[str, ...]
    """Bays that are free, where the store has numbered ones."""
    slot: tuple[datetime, datetime] | None
    """The slot that the order has."""
    slots: tuple[Slot, ...]
    """The next slots that have room; none where the store has no slots."""


@dataclass(frozen=True, slots=True)
class ShownVisit:
    """What the customer sees of their own visit; nothing of the car, in case the link got about."""

    status: ArrivalStatus
    expected_at: datetime | None
    bay: str


def link(pickup: Pickup) -> str:
    """Where the customer finds the code to show; 192 random bits that nobody guesses."""
    return f"{settings().public_url}/collect/{pickup.qr_token}"


def to_customer(session: Session, token: str) -> Shown:
    """The pickup that a link belongs to. Once it is closed the link shows it no more."""
    row = session.exec(
        select(Pickup, Order, Location)
        .join(Order, col(Order.id) == Pickup.order_id)
        .join(Location, col(Location.id) == Pickup.location_id)
        .where(Pickup.qr_token == token)
    ).first()
    if row is None or row[0].status not in states.WAITING:
        raise NotFound(
            "this link belongs to no order that waits for you",
            remedy="it may have been collected; the shop's confirmation has its number",
        )
    pickup, order, store = row
    visit = desk.visit_of(session, pickup.id)
    slot = slots.of_order(session, order.id)
    since = slot.promised_before if slot is not None else order.promise_by
    bays = curbside.free_bays(session, store.id) if store.can_curbside else []
    return Shown(
        order_number=order.display_number,
        status=pickup.status,
        store=store,
        code=pickup.code,
        qr_token=pickup.qr_token,
        pick_up_by=pickup.pick_up_by,
        visit=ShownVisit(visit.status, visit.expected_at, visit.bay) if visit else None,
        bays=tuple(bay.label for bay in bays),
        slot=(slot.starts_at, slot.ends_at) if slot is not None else None,
        slots=tuple(slots.free(session, store, since=max(since, clock.now()), limit=_SLOTS_SHOWN)),
    )
