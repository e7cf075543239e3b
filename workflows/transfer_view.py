"""A transfer as its workflow sees it."""

from uuid import UUID

from sqlmodel import Session

from oms.locations.models import Location
from oms.orders.models import Order
from oms.settings import settings
from oms.transfers import overdue, queries, states
from oms.transfers.models import Transfer
from workflows.messages import View


def transfer(session: Session, transfer_id: UUID) -> View:
    """A transfer: when it should have come is its deadline."""
    row = queries.one(session, transfer_id)
    deadline = overdue.next_deadline(row)
    order = session.get_one(Order, row.order_id) if row.order_id else None
    place = session.get_one(Location, row.to_location_id)
    attributes = {
        "OmsStage": row.status.value,
        "OmsKind": "transfer",
        "OmsLocation": place.code,
        "OmsExternalRef": str(row.number),
    }
    if order is not None:
        attributes |= {"OmsOrderId": str(order.id), "OmsChannel": order.channel}
    return View(
        stage=row.status.value,
        version=row.version,
        closed=row.status in states.CLOSED,
        details=_details(session, row, order),
        attributes=attributes,
        promise_by=row.expected_at,
        deadline=deadline,
        at_deadline="ask_where_it_is" if deadline else "",
    )


def summary(session: Session, row: Transfer) -> str:
    """One line that tells a transfer from the others."""
    sender, receiver = _places(session, row)
    return f"Transfer {row.number} · {sender.name} to {receiver.name}"


def _details(session: Session, row: Transfer, order: Order | None) -> str:
    sender, receiver = _places(session, row)
    said = (
        f"**{row.status.value}** · {sender.name} ({sender.code}) to {receiver.name}"
        f" ({receiver.code}) · expected {row.expected_at:%Y-%m-%d %H:%M} UTC"
    )
    for line in queries.lines(session, row.id):
        said += (
            f"\n\n- {line.sku}: {line.requested} asked, {line.picked} sent, {line.received} came"
        )
    if order is not None:
        said += f"\n\n[For order {order.display_number}]"
        said += f"({settings().public_url}/operations/orders/{order.id})"
    return said


def _places(session: Session, row: Transfer) -> tuple[Location, Location]:
    return (
        session.get_one(Location, row.from_location_id),
        session.get_one(Location, row.to_location_id),
    )
