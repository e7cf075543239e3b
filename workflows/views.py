"""Rows as their workflows see them: the stage, what is owed, until when, and how to say it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.channels.models import Writeback, WritebackStatus
from oms.errors import NotFound
from oms.fulfilments import parcels as parcel_facts
from oms.fulfilments import queries as fulfilments
from oms.fulfilments import states as fulfilment_states
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel, ParcelStatus
from oms.inventory import reservations
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders import states as order_states
from oms.orders.models import Order, OrderStatus
from oms.pickup import arrivals, escalating, expiry
from oms.pickup import queries as pickups
from oms.pickup import states as pickup_states
from oms.pickup.curbside_models import Arrival, ArrivalStatus
from oms.pickup.models import Pickup, PickupStatus
from oms.settings import settings
from workflows.messages import View

_AT_THE_CAR: Final = (ArrivalStatus.HERE, ArrivalStatus.TAKEN)
WAITING: Final = "waiting"
"""The stage of an order that waits for joint routing; its status is as if it did not."""


def order(session: Session, order_id: UUID) -> View:
    """An order: route it when nothing holds it and something is not yet with a location.

    One that waits for joint routing is routed for good when its time has come.
    """
    row = session.get(Order, order_id)
    if row is None:
        raise NotFound(f"there is no order {order_id}", field="order_id")
    lines = orders.lines(session, order_id)
    held = orders.open_holds(session, order_id)
    parts = fulfilments.of_order(session, order_id)
    unrouted = any(line.unrouted for line in lines) or (
        # What the store has waits there for what it is sent: they are handed over together.
        not any(line.in_transfer for line in lines) and reservations.tentative(session, order_id)
    )
    waiting = any(line.backordered for line in lines)
    closed = row.status in order_states.CLOSED
    awaits_release = orders.awaits_release(row) and not closed
    deadline, at_deadline = None, ""
    if awaits_release and not held:
        deadline, at_deadline = row.release_at, "release"
    elif waiting and not held:
        deadline = clock.now() + timedelta(minutes=settings().backorder_retry_minutes)
        at_deadline = "retry_backorder"
    stage = WAITING if awaits_release and not held else row.status.value
    return View(
        stage=stage,
        version=row.version,
        closed=closed,
        details=_order_details(row, held=[one.kind.value for one in held], parts=parts),
        attributes=attributes_of(row, kind="order", stage=stage),
        promise_by=row.promise_by,
        owed=["route"] if unrouted and not held and not closed and not awaits_release else [],
        deadline=deadline,
        at_deadline=at_deadline,
    )


def shipment(session: Session, fulfilment_id: UUID) -> View:
    """A shipment: labels are owed when it is packed, tracking when it has left."""
    row, parent, place = _fulfilment(session, fulfilment_id)
    parcels = fulfilments.parcels(session, fulfilment_id)
    owed = []
    if row.status is FulfilmentStatus.PACKED and any(
        parcel.status is ParcelStatus.PACKED and parcel.label_wanted for parcel in parcels
    ):
        owed.append("buy_labels")
    voids = [parcel_facts.void_due_at(parcel) for parcel in parcels if parcel.void_owed]
    if voids and min(voids) <= clock.now():
        owed.append("void_labels")
    left = row.status is FulfilmentStatus.HANDED_OVER
    deadline = min(voids, default=None)
    if left:
        deadline = clock.now() + timedelta(seconds=settings().tracking_poll_seconds)
    return View(
        stage=row.status.value,
        version=row.version,
        closed=fulfilment_states.is_closed(row) and not owed and not voids,
        details=_shipment_details(row, parent, place, parcels),
        attributes=attributes_of(parent, kind="shipment", place=place, stage=row.status.value),
        promise_by=row.due_at,
        owed=owed,
        deadline=deadline,
        at_deadline="track" if left else "void_labels" if voids else "",
    )


def pickup(session: Session, fulfilment_id: UUID) -> View:
    """A pickup: a reminder, the end of waiting or of undoing, or a customer at the car is next.

    One that was called off ends for its workflow; when its goods are put back is the store's care.
    """
    row, parent, place = _fulfilment(session, fulfilment_id)
    waiting = pickups.of_fulfilment(session, fulfilment_id)
    if waiting is None:
        raise NotFound(f"fulfilment {row.number} has no pickup", field="fulfilment_id")
    stage = waiting.status.value
    if waiting.status is PickupStatus.PREPARING and row.status is FulfilmentStatus.PICKING:
        stage = "picking"
    visit = arrivals.open_visit(session, waiting.id, locked=False)
    if visit is not None and visit.status in _AT_THE_CAR:
        stage = "arrived"
    deadline, at_deadline = _first_of(
        (expiry.next_deadline(waiting, visit), "meet_deadline"),
        (waiting.undo_until, "settle_hand_over"),
        (escalating.next_deadline(visit), "meet_arrival"),
    )
    return View(
        stage=stage,
        version=waiting.version,
        closed=waiting.status in pickup_states.CLOSED or waiting.status is PickupStatus.TO_PUT_BACK,
        details=_pickup_details(row, place, waiting) + _visit_details(visit) + link_to(parent),
        attributes=attributes_of(parent, kind="pickup", place=place, stage=stage),
        promise_by=row.due_at,
        deadline=deadline,
        at_deadline=at_deadline,
    )


def writeback(session: Session, writeback_id: UUID) -> View:
    """A writeback: it is owed, or it is over, or a person must look."""
    row = session.get(Writeback, writeback_id)
    if row is None:
        raise NotFound(f"there is no writeback {writeback_id}", field="writeback_id")
    parent = session.get_one(Order, row.order_id)
    return View(
        stage=row.status.value,
        version=row.version,
        closed=row.status is WritebackStatus.ACCEPTED,
        details=f"**{row.channel}** is told **{row.kind.value}** of order"
        f" {parent.display_number}: {row.status.value}, {row.attempts} attempt(s)"
        + (f"\n\nLast error: {row.last_error}" if row.last_error else "")
        + link_to(parent),
        attributes=attributes_of(parent, kind="writeback", stage=row.status.value),
        owed=["tell"] if row.status is WritebackStatus.OWED else [],
    )


def summary_of_order(row: Order) -> str:
    """One line that tells an order from the others."""
    return f"Order {row.display_number} · {row.channel} · {row.delivery.value}"


def summary_of_fulfilment(row: Fulfilment, place: Location) -> str:
    """One line that tells a fulfilment from the others."""
    word = "Pickup" if row.kind.value == "pickup" else "Shipment"
    return f"{word} {row.number} · {place.name}"


def _fulfilment(session: Session, fulfilment_id: UUID) -> tuple[Fulfilment, Order, Location]:
    row = session.get(Fulfilment, fulfilment_id)
    if row is None:
        raise NotFound(f"there is no fulfilment {fulfilment_id}", field="fulfilment_id")
    return row, session.get_one(Order, row.order_id), session.get_one(Location, row.location_id)


def _first_of(*due: tuple[datetime | None, str]) -> tuple[datetime | None, str]:
    """The step that is due first, and when."""
    known = [(at, step) for at, step in due if at is not None]
    return min(known, default=(None, ""))


def attributes_of(
    parent: Order, *, kind: str, place: Location | None = None, stage: str | None = None
) -> dict[str, str]:
    """What operators search for, of an order or a part of it."""
    found = {
        "OmsOrderId": str(parent.id),
        "OmsStage": stage or parent.status.value,
        "OmsKind": kind,
        "OmsChannel": parent.channel,
        "OmsExternalRef": parent.display_number,
    }
    return found | ({"OmsLocation": place.code} if place else {})


def link_to(parent: Order) -> str:
    """The way to the order's page, in Markdown."""
    return f"\n\n[Open the order]({settings().public_url}/operations/orders/{parent.id})"


def _order_details(row: Order, *, held: list[str], parts: Sequence[Fulfilment]) -> str:
    stage = row.status.value.replace("_", " ")
    said = f"**{stage}** · promised by {row.promise_by:%Y-%m-%d %H:%M} UTC"
    if held:
        said += f"\n\nHeld for: {', '.join(held)}. Release it on the order's page."
    if row.release_at is not None and orders.awaits_release(row) and not row.closed_at:
        said += f"\n\nHeld for joint routing until {row.release_at:%Y-%m-%d %H:%M} UTC;"
        said += " the update `release_now` ends that."
    if row.status is OrderStatus.BACKORDERED:
        said += "\n\nNo location has the goods; it is tried again when stock comes in."
    for part in parts:
        said += f"\n\n- fulfilment {part.number}: {part.kind.value}, {part.status.value}"
    return said + link_to(row)


_SHIPMENT_WAITS = {
    FulfilmentStatus.ALLOCATED: "waits to be picked",
    FulfilmentStatus.PICKING: "is being picked",
    FulfilmentStatus.PACKED: "is packed and waits for the carrier",
    FulfilmentStatus.HANDED_OVER: "is with the carrier",
}


def _shipment_details(
    row: Fulfilment, parent: Order, place: Location, parcels: Sequence[Parcel]
) -> str:
    said = (
        f"**{_SHIPMENT_WAITS.get(row.status, row.status.value)}** at {place.name} ({place.code})"
        f" · due {row.due_at:%Y-%m-%d %H:%M} UTC"
    )
    for parcel in parcels:
        tracking = parcel.tracking_number or "no label yet"
        said += f"\n\n- parcel {parcel.number}: {parcel.status.value}, {tracking}"
    return said + link_to(parent)


_PICKUP_WAITS = {
    PickupStatus.PREPARING: "owed by the store: pick and stage",
    PickupStatus.READY: "waits for the customer",
    PickupStatus.HANDING_OVER: "handed over; it can still be undone",
    PickupStatus.EXPIRED: "owed by the store: put back on the shelf",
    PickupStatus.TO_PUT_BACK: "called off; owed by the store: put back on the shelf",
}


def _pickup_details(row: Fulfilment, place: Location, waiting: Pickup) -> str:
    said = (
        f"**{_PICKUP_WAITS.get(waiting.status, waiting.status.value)}** · {place.name}"
        f" ({place.code}) · promised by {row.due_at:%Y-%m-%d %H:%M} UTC"
    )
    if waiting.pick_up_by is not None and waiting.status is PickupStatus.READY:
        said += f"\n\nWaits until {waiting.pick_up_by:%Y-%m-%d %H:%M} UTC on shelf {waiting.shelf}"
        said += f", {waiting.reminders_sent} reminder(s) sent."
    return said


def _visit_details(visit: Arrival | None) -> str:
    if visit is None:
        return ""
    if visit.here_at is None:
        return f"\n\nThe customer is on the way, expected {visit.expected_at:%H:%M} UTC."
    said = f"\n\n**The customer is at the car** since {visit.here_at:%H:%M} UTC"
    return said + ("; an associate has taken it." if visit.taken_at else ", nobody has taken it.")
