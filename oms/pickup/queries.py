"""Read pickups."""

from uuid import UUID

from sqlmodel import Session, select

from oms.errors import NotFound
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment
from oms.pickup.models import Pickup


def locked(
    session: Session, pickup_id: UUID, *, location_id: UUID | None = None
) -> tuple[Pickup, Fulfilment]:
    """A pickup and its fulfilment, locked in the sequence order, fulfilment, pickup.

    With `location_id`, a pickup of another store is not found: an associate of one store must
    not even learn that it exists.
    """
    pickup = one(session, pickup_id, location_id=location_id)
    fulfilment = fulfilments.locked(session, pickup.fulfilment_id)
    session.refresh(pickup, with_for_update=True)
    return pickup, fulfilment


def one(session: Session, pickup_id: UUID, *, location_id: UUID | None = None) -> Pickup:
    """A pickup to look at; one of another store is not found."""
    pickup = session.get(Pickup, pickup_id)
    if pickup is None or (location_id is not None and pickup.location_id != location_id):
        raise NotFound(
            f"there is no pickup {pickup_id} in this store",
            field="pickup_id",
            remedy="refresh the queue; the link may be of another store",
        )
    return pickup


def of_fulfilment(session: Session, fulfilment_id: UUID) -> Pickup | None:
    """The pickup that a fulfilment serves, if it is one."""
    return session.exec(select(Pickup).where(Pickup.fulfilment_id == fulfilment_id)).first()
