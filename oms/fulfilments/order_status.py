"""Bring an order's derived status up to date after one of its parts has changed."""

from uuid import UUID

from sqlmodel import Session

from oms.fulfilments import queries
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.orders import queries as orders
from oms.orders import states
from oms.orders.models import Delivery, Order
from oms.orders.states import PartStage
from oms.outbox.appending import append

_DEAD = frozenset({FulfilmentStatus.REJECTED, FulfilmentStatus.CANCELLED})


def refresh(session: Session, order_id: UUID, *, event: str) -> Order:
    """Derive and store the order's status, raise its version, and wake its workflow.

    The caller holds the order's lock. `event` is for whoever reads the workflow's history.
    """
    session.flush()
    order = orders.locked(session, order_id)
    states.refresh(
        order,
        orders.lines(session, order_id),
        held=bool(orders.open_holds(session, order_id)),
        parts=[
            stage(part) for part in queries.of_order(session, order_id) if part.status not in _DEAD
        ],
    )
    append(
        session,
        topic=event,
        subject_type="order",
        subject_id=order.id,
        order_id=order.id,
        version=order.version,
    )
    return order


def stage(part: Fulfilment) -> PartStage:
    """How far a fulfilment is, as far as its order cares."""
    match part.status:
        case FulfilmentStatus.ALLOCATED | FulfilmentStatus.PICKING:
            return PartStage.WORKING
        case FulfilmentStatus.PACKED:
            return PartStage.READY
        case FulfilmentStatus.HANDED_OVER if part.kind is Delivery.SHIP:
            return PartStage.UNDER_WAY
        case _:
            return PartStage.DONE
