"""Goods that lie ready and that nobody will fetch: their order is called off, they go back."""

from uuid import UUID

from sqlmodel import Session

from oms.errors import Conflict
from oms.fulfilments import giving_back, order_status
from oms.fulfilments.models import Fulfilment
from oms.orders.queries import require_version
from oms.pickup import queries, states
from oms.pickup.models import Pickup, PickupStatus


def decline(
    session: Session,
    pickup_id: UUID,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Pickup:
    """The customer does not want what lies ready. The money goes back, and so do the goods.

    They are not for sale before they are scanned back to their shelves: `expiry.put_back`.
    """
    pickup, fulfilment = queries.locked(session, pickup_id, location_id=location_id)
    require_version("this pickup", have=pickup.version, seen=version)
    if pickup.status not in states.STAGED:
        raise Conflict(
            f"this pickup is {pickup.status.value.replace('_', ' ')}, so it cannot be declined",
            field="status",
            remedy="give it back if it cannot be prepared; cancel the order if it is not wanted",
            facts={"status": pickup.status.value, "version": pickup.version},
        )
    goods_stay(session, pickup, fulfilment, actor=actor, action="pickup.declined")
    order_status.refresh(session, pickup.order_id, event="order.cancelled_here")
    return pickup


def goods_stay(
    session: Session,
    pickup: Pickup,
    fulfilment: Fulfilment,
    *,
    actor: str,
    action: str | None = None,
) -> None:
    """Call the work off and leave its goods aside. The caller refreshes the order's status."""
    states.move(session, pickup, PickupStatus.TO_PUT_BACK, actor=actor, action=action)
    giving_back.leave_aside(session, fulfilment, actor=actor)
