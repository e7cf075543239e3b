"""Ship to store: what a pickup's store lacks comes from another location, and is kept for it.

A pickup order that its store cannot fill waits with its units backordered. A transfer brings them;
when it is received the units that came are reserved for that order in the same transaction,
before anybody who has waited for the same article may have them. Then the order is routed as any
other, and becomes a pickup. It is never turned into a delivery by this.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from oms.errors import Conflict
from oms.fulfilments import order_status
from oms.inventory import availability
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.ordering import waking
from oms.orders import queries as orders
from oms.orders import states as order_states
from oms.orders.models import Delivery, Order
from oms.sourcing import holding
from oms.transfers import queries, receiving, sending, states
from oms.transfers.models import Transfer
from oms.transfers.receiving import Came


def ask(
    session: Session,
    order_id: UUID,
    *,
    from_location_id: UUID,
    expected_at: datetime,
    actor: str,
) -> Transfer:
    """Have what a pickup order still waits for sent to its store; the units are held at once.

    Raises `InsufficientStock` if the location has not all of it free, and `Conflict` for an order
    that is not collected, waits for nothing, or has a transfer under way already.
    """
    order = orders.locked(session, order_id)
    wanted = orders.backordered(session, order_id)
    if order.delivery is not Delivery.PICKUP or order.pickup_location_id is None:
        raise Conflict(
            f"order {order.number} is sent, not collected",
            field="order_id",
            remedy="a delivery is filled from wherever the goods are, without a transfer",
        )
    if order.status in order_states.CLOSED or not wanted:
        raise Conflict(
            f"order {order.number} waits for nothing",
            field="order_id",
            remedy="its store has all of it, or it is over",
        )
    under_way = open_of(session, order_id)
    if under_way is not None:
        raise Conflict(
            f"transfer {under_way.number} for order {order.number} is under way already",
            field="order_id",
            remedy="wait until it is received, or call it off first",
            facts={"transfer_id": str(under_way.id)},
        )
    return sending.request(
        session,
        from_location_id=from_location_id,
        to_location_id=order.pickup_location_id,
        wanted=wanted,
        expected_at=expected_at,
        order_id=order.id,
        actor=actor,
    )


def receive(
    session: Session,
    transfer_id: UUID,
    *,
    counted: Mapping[str, Came],
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Transfer:
    """Receive a transfer, as `transfers.receiving` does, and keep what it brought for its order."""
    order_id = queries.one(session, transfer_id, location_id=location_id).order_id
    order = orders.locked(session, order_id) if order_id is not None else None
    transfer = receiving.receive(
        session,
        transfer_id,
        counted=counted,
        actor=actor,
        location_id=location_id,
        version=version,
    )
    if order is not None:
        _keep(session, order)
    return transfer


def could_send(session: Session, order_id: UUID) -> list[Location]:
    """Locations that have all of what a pickup order waits for, free for another location.

    None for an order that waits for nothing, or for which a transfer is under way.
    """
    order = session.get_one(Order, order_id)
    wanted = orders.backordered(session, order_id)
    if (
        order.delivery is not Delivery.PICKUP
        or order.status in order_states.CLOSED
        or not wanted
        or open_of(session, order_id) is not None
    ):
        return []
    enough: dict[UUID, int] = {}
    for row in availability.of(session, list(wanted)):
        if row.promisable >= wanted[row.sku]:
            enough[row.location_id] = enough.get(row.location_id, 0) + 1
    return [
        place
        for place in locations.active(session)
        if enough.get(place.id) == len(wanted) and place.id != order.pickup_location_id
    ]


def open_of(session: Session, order_id: UUID) -> Transfer | None:
    """The transfer that is under way for an order."""
    return session.exec(
        select(Transfer).where(
            Transfer.order_id == order_id, col(Transfer.status).not_in(states.CLOSED)
        )
    ).first()


def _keep(session: Session, order: Order) -> None:
    """Reserve for the order what has come; what did not is backordered still."""
    if order.status in order_states.CLOSED or order.delivery is not Delivery.PICKUP:
        return
    waking.look_again(orders.lines(session, order.id))
    holding.hold(session, order)
    order_status.refresh(session, order.id, event="order.goods_came")
