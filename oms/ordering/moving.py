"""Let an order that nobody has begun be collected at another store, or be delivered.

Its stock is let go and held anew in one transaction, under the locks of all that its articles have:
either the new way can be kept whole, or nothing has changed.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict, Invalid
from oms.fulfilments import order_status
from oms.inventory import availability
from oms.ordering import pickup_stores, placing, ship_to_store, withdrawing
from oms.ordering.cancelling import TooLate
from oms.orders import queries as orders
from oms.orders.models import Delivery, Order
from oms.orders.new_order import NewAddress
from oms.orders.queries import require_version
from oms.pickup import slots
from oms.sourcing import holding


class NotThere(Conflict):
    """The new way cannot be kept with what is in stock."""

    code = "not_there"


def to_store(
    session: Session, order_id: UUID, *, store: str, actor: str, version: int | None = None
) -> Order:
    """Have the order collected at this store. Raises `TooLate`, `NotThere` or `Invalid`."""
    order = _begin(session, order_id, version=version)
    place = pickup_stores.pickup_store(session, store)
    if order.pickup_location_id == place.id:
        raise Invalid(
            f"the order is collected at {place.name} already",
            field="store",
            remedy="choose another store",
        )
    promise_by = placing.promise(session, placed_at=clock.now(), deliver_by=None, store=place)
    withdrawing.take_back(session, order, actor=actor)
    order.delivery = Delivery.PICKUP
    order.pickup_location_id = place.id
    return _end(session, order, promise_by=promise_by, actor=actor, to=place.code)


def to_address(
    session: Session,
    order_id: UUID,
    *,
    address: NewAddress,
    promise_by: datetime,
    actor: str,
    version: int | None = None,
) -> Order:
    """Have the order delivered there by `promise_by`. Raises `TooLate` or `NotThere`.

    What the customer paid stays what it is: nothing is charged for the way.
    """
    order = _begin(session, order_id, version=version)
    withdrawing.take_back(session, order, actor=actor)
    order.delivery = Delivery.SHIP
    order.pickup_location_id = None
    order.address_id = placing.add_address(session, order.customer_id, address)
    return _end(session, order, promise_by=promise_by, actor=actor, to="address")


def may_move(session: Session, order: Order) -> bool:
    """Whether the order can still go another way."""
    return (
        withdrawing.untouched(session, order) and ship_to_store.open_of(session, order.id) is None
    )


def _begin(session: Session, order_id: UUID, *, version: int | None) -> Order:
    order = orders.locked(session, order_id)
    require_version(f"order {order.number}", have=order.version, seen=version)
    if not may_move(session, order):
        raise TooLate(
            f"order {order.display_number} can go no other way any more",
            field="status",
            remedy="it is being prepared, has left, or is over; take it as it is",
        )
    availability.lock(session, sorted({line.sku for line in orders.lines(session, order_id)}))
    return order


def _end(session: Session, order: Order, *, promise_by: datetime, actor: str, to: str) -> Order:
    slots.give_up(session, order.id)
    order.promise_by = promise_by
    order.delivery_moved_at = clock.now()
    session.flush()
    holding.hold(session, order)
    if lacking := orders.backordered(session, order.id):
        raise NotThere(
            "what you ordered is no longer all there",
            field="store",
            remedy="choose again from what is offered now; your order is as it was",
            facts={"skus": sorted(lacking)},
        )
    record(
        session,
        action="order.moved",
        subject_type="order",
        subject_id=order.id,
        order_id=order.id,
        actor=actor,
        facts={"to": to, "promise_by": promise_by.isoformat()},
    )
    return order_status.refresh(session, order.id, event="order.moved")
