"""Slots in which customers collect: which there are, which are full, and who has one.

A slot is the order's promise: its pickup is due when the slot begins, so the store prepares what
is collected first, and routing reckons with that day. The places of a slot are counted under the
store's lock, so the last one is given away once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from typing import NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict, Invalid
from oms.fulfilments import order_status
from oms.fulfilments import queries as fulfilments
from oms.fulfilments import states as fulfilment_states
from oms.locations.calendars import Calendar, calendars
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders import states as order_states
from oms.orders.models import Delivery, Order
from oms.pickup import curbside
from oms.pickup import queries as pickups
from oms.pickup.curbside_models import CurbsideStore, SlotBooking

Span = tuple[datetime, datetime]

MOST_SHOWN = 200
_NEXT_FREE = 5


class SlotFull(Conflict):
    """Nobody else can come in this slot; `facts["next_free"]` are the next that have room."""

    code = "slot_full"


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of a store, in UTC, and how many may still book it."""

    starts_at: datetime
    ends_at: datetime
    capacity: int
    left: int


def offered(
    session: Session, store: Location, *, since: datetime | None = None, limit: int = 20
) -> list[Slot]:
    """The store's next slots within its opening hours, full ones included; none if it has none."""
    row = session.get(CurbsideStore, store.id)
    if row is None or row.slot_minutes is None or not store.can_curbside:
        return []
    spans = islice(_spans(session, store, row, since=since or clock.now()), limit)
    return _with_room(session, row, list(spans))


def free(session: Session, store: Location, *, since: datetime, limit: int) -> list[Slot]:
    """The next slots that have room."""
    found = offered(session, store, since=since, limit=MOST_SHOWN)
    return [slot for slot in found if slot.left][:limit]


def reserve(session: Session, order_id: UUID, *, starts_at: datetime, actor: str) -> SlotBooking:
    """Give the order a slot, in place of the one it has. The same slot again changes nothing.

    Raises `SlotFull` with the next free ones, and `Conflict` for an order that is not collected
    at a store with slots, is closed, or is not promised to be ready by then.
    """
    order, store = _open_pickup(session, order_id)
    row = curbside.locked(session, store.id)
    had = of_order(session, order_id)
    if had is not None and (had.location_id, had.starts_at) == (store.id, starts_at):
        return had
    promised = had.promised_before if had is not None else order.promise_by
    slot = _slot_at(session, store, row, starts_at=starts_at, promised=promised)
    if not slot.left:
        _refuse_full(session, store, slot, promised=promised)
    if had is not None:
        had.released_at = clock.now()
        session.flush()  # the index allows one booking an order
    booking = SlotBooking(
        order_id=order.id,
        location_id=store.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        capacity=slot.capacity,
        promised_before=promised,
        booked_at=clock.now(),
    )
    session.add(booking)
    _promise(session, order, slot.starts_at, event="order.slot_booked", actor=actor)
    return booking


def release(session: Session, order_id: UUID, *, actor: str) -> None:
    """Give the order's slot back, if it has one; its promise is what it was without."""
    order = orders.locked(session, order_id)
    had = of_order(session, order_id)
    if had is None:
        return
    had.released_at = clock.now()
    if order.status not in order_states.CLOSED:
        _promise(session, order, had.promised_before, event="order.slot_released", actor=actor)


def give_up(session: Session, order_id: UUID) -> None:
    """Free the place of an order that needs it no more, and leave its promise alone."""
    if (had := of_order(session, order_id)) is not None:
        had.released_at = clock.now()


def of_order(session: Session, order_id: UUID) -> SlotBooking | None:
    """The slot that an order has."""
    return session.exec(
        select(SlotBooking).where(
            SlotBooking.order_id == order_id, col(SlotBooking.released_at).is_(None)
        )
    ).first()


def of_its_day(session: Session, booking: SlotBooking) -> list[Slot]:
    """The slots of the day of a booking, as they are to its own order: its place is free to it.

    A place that was given is kept, also where the store has fewer since. The booked slot is not
    among them if the store has no such slot any more.
    """
    store = session.get_one(Location, booking.location_id)
    row = session.get(CurbsideStore, store.id)
    if row is None or row.slot_minutes is None or not store.can_curbside:
        return []
    zone = ZoneInfo(store.time_zone)
    day = booking.starts_at.astimezone(zone).date()
    coming = _spans(session, store, row, since=clock.now())
    spans = [span for span in _until(coming, day, zone) if _on(span, day, zone)]
    return [
        replace(slot, left=max(1, min(slot.left + 1, slot.capacity)))
        if slot.starts_at == booking.starts_at
        else slot
        for slot in _with_room(session, row, spans)
    ]


def _until(spans: Iterator[Span], day: date, zone: ZoneInfo) -> Iterator[Span]:
    return takewhile(lambda span: span[0].astimezone(zone).date() <= day, spans)


def _on(span: Span, day: date, zone: ZoneInfo) -> bool:
    return span[0].astimezone(zone).date() == day


def _open_pickup(session: Session, order_id: UUID) -> tuple[Order, Location]:
    order = orders.locked(session, order_id)
    if order.delivery is not Delivery.PICKUP or order.pickup_location_id is None:
        raise Conflict(
            f"order {order.number} is sent, not collected",
            field="order_id",
            remedy="only an order that is collected at a store has a slot",
        )
    if order.status in order_states.CLOSED:
        raise Conflict(
            f"order {order.number} is {order.status.value}",
            field="order_id",
            remedy="it needs no slot any more",
        )
    return order, session.get_one(Location, order.pickup_location_id)


def _slot_at(
    session: Session,
    store: Location,
    row: CurbsideStore,
    *,
    starts_at: datetime,
    promised: datetime,
) -> Slot:
    if row.slot_minutes is None or not store.can_curbside:
        raise Conflict(
            f"{store.name} has no slots",
            field="starts_at",
            remedy="leave the slot out; the customer comes when the goods are ready",
        )
    if starts_at < max(promised, clock.now()):
        raise Invalid(
            f"the goods are promised for {promised:%Y-%m-%d %H:%M} UTC, the slot begins before",
            field="starts_at",
            remedy="take a slot that begins later",
            facts={"next_free": _next_free(session, store, since=max(promised, clock.now()))},
        )
    for span in _spans(session, store, row, since=starts_at):
        if span[0] == starts_at:
            return _with_room(session, row, [span])[0]
        if span[0] > starts_at:
            break
    raise Invalid(
        f"no slot of {store.name} begins at {starts_at:%Y-%m-%d %H:%M} UTC",
        field="starts_at",
        remedy="use the beginning of a slot as the store lists them",
        facts={"next_free": _next_free(session, store, since=starts_at)},
    )


def _refuse_full(session: Session, store: Location, slot: Slot, *, promised: datetime) -> NoReturn:
    since = max(slot.starts_at, promised, clock.now())
    raise SlotFull(
        f"the slot at {slot.starts_at:%Y-%m-%d %H:%M} UTC is full",
        field="starts_at",
        remedy="take one of the next free slots",
        facts={"next_free": _next_free(session, store, since=since)},
    )


def _next_free(session: Session, store: Location, *, since: datetime) -> list[str]:
    found = free(session, store, since=since, limit=_NEXT_FREE + 1)
    return [slot.starts_at.isoformat() for slot in found if slot.starts_at >= since][:_NEXT_FREE]


def _spans(
    session: Session, store: Location, row: CurbsideStore, *, since: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Slots that end after `since`: whole ones, counted from each opening."""
    assert row.slot_minutes is not None
    calendar: Calendar = calendars(session, [store])[store.code]
    length = timedelta(minutes=row.slot_minutes)
    for opens, closes in calendar.open_spans(since):
        start = opens
        while start + length <= closes:
            if start + length > since:
                yield start, start + length
            start += length


def _with_room(
    session: Session, row: CurbsideStore, spans: list[tuple[datetime, datetime]]
) -> list[Slot]:
    assert row.slot_capacity is not None
    booked: Mapping[datetime, int] = dict(
        session.exec(
            select(SlotBooking.starts_at, func.count())
            .where(
                SlotBooking.location_id == row.location_id,
                col(SlotBooking.released_at).is_(None),
                col(SlotBooking.starts_at).in_([start for start, _ in spans]),
            )
            .group_by(col(SlotBooking.starts_at))
        ).all()
    )
    return [
        Slot(start, end, row.slot_capacity, max(0, row.slot_capacity - booked.get(start, 0)))
        for start, end in spans
    ]


def _promise(session: Session, order: Order, by: datetime, *, event: str, actor: str) -> None:
    """Make `by` what the order and whoever prepares it is measured by."""
    order.promise_by = by
    for part in fulfilments.of_order(session, order.id):
        pickup = pickups.of_fulfilment(session, part.id)
        if pickup is not None and not fulfilment_states.is_closed(part):
            part.due_at = pickup.due_at = by
    record(
        session,
        action=event,
        subject_type="order",
        subject_id=order.id,
        order_id=order.id,
        actor=actor,
        facts={"promise_by": by.isoformat()},
    )
    order_status.refresh(session, order.id, event=event)
