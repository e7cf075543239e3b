"""A return as its workflow sees it."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.errors import NotFound
from oms.locations.models import Location
from oms.orders.models import Order
from oms.returns import labels, queries, receiving, settling
from oms.returns import states as return_states
from oms.returns.models import Return, ReturnedGoods, ReturnStatus
from oms.settings import settings
from workflows.messages import View
from workflows.views import attributes_of, link_to

_WAITS: Final = {
    ReturnStatus.ASKED: "waits for somebody to authorise it",
    ReturnStatus.AUTHORISED: "waits for the customer's goods",
    ReturnStatus.IN_TRANSIT: "is on its way back",
    ReturnStatus.RECEIVED: "owed by the location: inspect the goods",
    ReturnStatus.INSPECTED: "owed by the location: decide what becomes of the goods",
}


def view(session: Session, return_id: UUID) -> View:
    """A return: the money when it is due, the end when all is done, else the next deadline."""
    row = session.get(Return, return_id)
    if row is None:
        raise NotFound(f"there is no return {return_id}", field="return_id")
    parent = session.get_one(Order, row.order_id)
    place = session.get(Location, row.location_id) if row.location_id else None
    owed: list[str] = list(settling.owed(session, row))
    deadline, at_deadline = settling.next_deadline(row), "meet_deadline"
    if _is_followed(session, row):
        poll = clock.now() + timedelta(seconds=settings().tracking_poll_seconds)
        if deadline is None or poll < deadline:
            deadline, at_deadline = poll, "track"
    return View(
        stage=row.status.value,
        version=row.version,
        closed=row.status in return_states.OVER,
        details=_details(session, row, parent, place),
        attributes=attributes_of(parent, kind="return", place=place, stage=row.status.value)
        | {"OmsExternalRef": str(row.number)},
        owed=owed,
        deadline=deadline,
        at_deadline=at_deadline if deadline else "",
    )


def _is_followed(session: Session, row: Return) -> bool:
    """Whether its carrier is to be asked where the parcel is."""
    on_its_way = row.status in return_states.AWAITED and row.arrived_at is None
    return on_its_way and labels.of_return(session, row.id) is not None


def summary(row: Return, parent: Order) -> str:
    """One line that tells a return from the others."""
    return f"Return {row.number} · {parent.display_number} · {row.way.value}"


def _details(session: Session, row: Return, parent: Order, place: Location | None) -> str:
    said = f"**{_WAITS.get(row.status, row.status.value)}** · {row.ground.value}"
    if place is not None:
        said += f"\n\nReceived at {place.name} ({place.code})."
    if row.tracking_number:
        said += f"\n\n{row.carrier} {row.tracking_number}"
        said += f", arrived {row.arrived_at:%Y-%m-%d %H:%M} UTC." if row.arrived_at else "."
    if row.expires_at is not None and row.status in return_states.AWAITED:
        said += f"\n\nWaits until {row.expires_at:%Y-%m-%d %H:%M} UTC."
    for one in queries.goods(session, row.id):
        said += f"\n\n- {one.units} × {one.sku}: {_of_goods(one)}"
    if row.location_id is not None and (lacking := receiving.missing(session, row)):
        said += "\n\nMissing: " + ", ".join(f"{units} × {sku}" for sku, units in lacking.items())
    return said + link_to(parent)


def _of_goods(one: ReturnedGoods) -> str:
    steps = [
        "unexpected" if one.line_id is None else "",
        one.condition.value.replace("_", " ") if one.condition else "not inspected",
        one.disposition.value.replace("_", " ") if one.disposition else "in quarantine",
    ]
    return ", ".join(filter(None, steps))
