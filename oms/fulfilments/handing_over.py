"""The goods leave the house: stock goes down, the order's lines are fulfilled."""

from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.errors import Conflict
from oms.fulfilments import order_status, queries, scanning, states
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, ParcelStatus
from oms.inventory import reservations
from oms.inventory.models import MovementKind
from oms.inventory.movements import Cause
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.models import Delivery
from oms.orders.queries import require_version


def to_carrier(
    session: Session, fulfilment_id: UUID, *, actor: str, version: int | None = None
) -> Fulfilment:
    """Give every parcel of a shipment to the carrier. All of them must have labels."""
    fulfilment = queries.locked(session, fulfilment_id)
    if fulfilment.kind is not Delivery.SHIP:
        raise Conflict(
            f"fulfilment {fulfilment.number} is a pickup",
            field="fulfilment_id",
            remedy="hand it over to its customer instead",
        )
    require_version(f"fulfilment {fulfilment.number}", have=fulfilment.version, seen=version)
    parcels = queries.live_parcels(session, fulfilment.id)
    bare = [parcel.number for parcel in parcels if parcel.status is ParcelStatus.PACKED]
    if fulfilment.status is FulfilmentStatus.PACKED and bare:
        raise Conflict(
            f"parcel {bare[0]} of fulfilment {fulfilment.number} has no label yet",
            field="parcels",
            remedy="wait until the label is printed; it is bought within seconds of packing, or"
            " again when you ask for it",
        )
    goods_left(session, fulfilment, kind=MovementKind.SHIP, actor=actor)
    for parcel in parcels:
        parcel.handed_over_at = parcel.handed_over_at or clock.now()
    order_status.refresh(session, fulfilment.order_id, event="order.shipped")
    # A driver's scans may come before somebody here says that the driver has the parcels.
    scanning.close_when_all_arrived(session, fulfilment, actor=actor)
    return fulfilment


def goods_left(session: Session, fulfilment: Fulfilment, *, kind: MovementKind, actor: str) -> None:
    """Move the fulfilment to handed over, use up its reservations, fulfil its lines.

    The caller has locked the fulfilment and refreshes the order's status afterwards.
    """
    states.move(session, fulfilment, FulfilmentStatus.HANDED_OVER, actor=actor)
    held = reservations.of_fulfilment(session, fulfilment.id)
    reservations.consume(session, held, kind=kind, cause=Cause("fulfilment", fulfilment.id, actor))
    by_id = {line.id: line for line in orders.lines(session, fulfilment.order_id)}
    for part in queries.lines(session, fulfilment.id):
        order_lines.shift(
            by_id[part.line_id], out_of="reserved", into="fulfilled", units=part.quantity
        )
