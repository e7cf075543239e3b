"""How many pickups of a store are at which step, and which of them are new."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.pickup.models import Pickup, PickupStatus

MOST_NEW = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """Open pickups by step; `new_ids` are the most urgent that nobody has taken.

    What is to be put back for whatever reason is `expired`.
    """

    new: int
    picking: int
    ready: int
    expired: int
    new_ids: tuple[UUID, ...]


def counts(session: Session, *, location_id: UUID) -> Counts:
    """Count the open pickups of one store."""
    to_put_back = (PickupStatus.EXPIRED, PickupStatus.TO_PUT_BACK)
    open_ones = (PickupStatus.PREPARING, PickupStatus.READY, *to_put_back)
    rows = session.exec(
        select(col(Pickup.status), col(Fulfilment.status), func.count())
        .join(Fulfilment, col(Fulfilment.id) == Pickup.fulfilment_id)
        .where(Pickup.location_id == location_id, col(Pickup.status).in_(open_ones))
        .group_by(col(Pickup.status), col(Fulfilment.status))
    ).all()
    by_status: dict[PickupStatus, int] = {}
    picking = 0
    for status, work, number in rows:
        by_status[status] = by_status.get(status, 0) + number
        if status is PickupStatus.PREPARING and work is FulfilmentStatus.PICKING:
            picking = number
    return Counts(
        new=by_status.get(PickupStatus.PREPARING, 0) - picking,
        picking=picking,
        ready=by_status.get(PickupStatus.READY, 0),
        expired=sum(by_status.get(status, 0) for status in to_put_back),
        new_ids=_new(session, location_id),
    )


def _new(session: Session, location_id: UUID) -> tuple[UUID, ...]:
    return tuple(
        session.exec(
            select(Pickup.id)
            .join(Fulfilment, col(Fulfilment.id) == Pickup.fulfilment_id)
            .where(
                Pickup.location_id == location_id,
                Pickup.status == PickupStatus.PREPARING,
                Fulfilment.status == FulfilmentStatus.ALLOCATED,
            )
            .order_by(col(Pickup.due_at), col(Pickup.id))
            .limit(MOST_NEW)
        ).all()
    )
