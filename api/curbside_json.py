"""Visits and slots as every door shows them."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.schemas.curbside import ArrivalOut, BookedOut, CurbsideSetUp, HereIn
from oms.errors import NotFound
from oms.pickup import desk
from oms.pickup.curbside import SetUp
from oms.pickup.curbside_models import Arrival, SlotBooking


def visit_document(session: Session, arrival: Arrival) -> dict[str, Any]:
    """A visit after a command, open or over."""
    session.flush()
    visit = desk.visit_of(session, arrival.pickup_id)
    if visit is not None and visit.arrival_id == arrival.id:
        return ArrivalOut.model_validate(visit).model_dump(mode="json")
    return ArrivalOut(
        arrival_id=arrival.id,
        pickup_id=arrival.pickup_id,
        status=arrival.status,
        version=arrival.version,
        bay="",
        expected_at=arrival.expected_at,
        here_at=arrival.here_at,
        waited_s=0,
        escalated=arrival.escalated,
    ).model_dump(mode="json")


def without_car(said: HereIn) -> HereIn:
    """What a kept command may know of it: a plate is short enough to be guessed from its hash."""
    return said.model_copy(update={"vehicle": "", "plate": ""})


def booking_document(row: SlotBooking | None, order_id: UUID) -> BookedOut:
    """The slot of an order, or `NotFound` if it has none."""
    if row is None:
        raise NotFound(
            f"order {order_id} has no slot",
            field="order_id",
            remedy="list the slots of its store and book one",
        )
    return BookedOut(order_id=order_id, starts_at=row.starts_at, ends_at=row.ends_at)


def set_up_of(body: CurbsideSetUp) -> SetUp:
    """The set-up that a request asks for."""
    return SetUp(tuple(body.bays), body.slot_minutes, body.slot_capacity)
