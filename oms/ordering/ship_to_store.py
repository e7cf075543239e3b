"""Ship to store: what a pickup's store lacks comes from another location, and is kept for it.

Routing asks for a transfer where its policy allows (`oms.sourcing.sending_on`), and a person may
ask for one where it did not. The units are `in_transfer` until it is over. When it is received,
what came is reserved for that order in the same transaction, before anybody who has waited for the
same article may have it. Then the order is routed as any other, and becomes a pickup: once, when
the last of its transfers is over. It is never turned into a delivery by this. What does not come is
routed again.
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
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders import states as order_states
from oms.orders.models import Delivery, Order
from oms.sourcing import holding
from oms.transfers import queries, receiving, sending, states
from oms.transfers.models import Transfer, TransferStatus
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
    under_way = open_of(session, order_id)
    if under_way is not None:
        raise Conflict(
            f"transfer {under_way.number} for order {order.number} is under way already",
            field="order_id",
            remedy="wait until it is received, or call it off first",
            facts={"transfer_id": str(under_way.id)},
        )
    if order.status in order_states.CLOSED or not wanted:
        raise Conflict(
            f"order {order.number} waits for nothing",
            field="order_id",
            remedy="its store has all of it, or it is over",
        )
    transfer = sending.request(
        session,
        from_location_id=from_location_id,
        to_location_id=order.pickup_location_id,
        wanted=wanted,
        expected_at=expected_at,
        order_id=order.id,
        actor=actor,
    )
    for line in orders.lines(session, order_id):
        order_lines.shift(line, out_of="backordered", into="in_transfer", units=line.backordered)
    order_status.refresh(session, order_id, event="order.goods_sent_for")
    return transfer


def pick(
    session: Session,
    transfer_id: UUID,
    *,
    picked: Mapping[str, int],
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Transfer:
    """The goods are fetched, as `transfers.sending` says; what was not found is routed again."""
    order = _locked_order(session, transfer_id, location_id)
    transfer = sending.pick(
        session, transfer_id, picked=picked, actor=actor, location_id=location_id, version=version
    )
    if order is not None:
        asked = {line.sku: line.requested for line in queries.lines(session, transfer_id)}
        missing = {sku: units - picked[sku] for sku, units in asked.items()}
        _route_again(session, order, missing, event="order.goods_not_found")
    return transfer


def cancel(
    session: Session,
    transfer_id: UUID,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Transfer:
    """Call a transfer off before it has left; what it was to bring is routed again.

    Its sender is not asked again for that order, as after a rejection.
    """
    order = _locked_order(session, transfer_id, location_id)
    expected = _expected(session, transfer_id)
    transfer = sending.cancel(
        session, transfer_id, actor=actor, location_id=location_id, version=version
    )
    if order is not None:
        _route_again(session, order, expected, event="order.transfer_called_off")
    return transfer


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
    order = _locked_order(session, transfer_id, location_id)
    expected = _expected(session, transfer_id)
    transfer = receiving.receive(
        session,
        transfer_id,
        counted=counted,
        actor=actor,
        location_id=location_id,
        version=version,
    )
    if order is not None:
        _keep(session, order, expected)
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


def _locked_order(session: Session, transfer_id: UUID, location_id: UUID | None) -> Order | None:
    """The order that a transfer is for, locked before the transfer is: always in this sequence."""
    order_id = queries.one(session, transfer_id, location_id=location_id).order_id
    return orders.locked(session, order_id) if order_id is not None else None


def _expected(session: Session, transfer_id: UUID) -> dict[str, int]:
    """Units by SKU that a transfer is still to bring."""
    row = queries.one(session, transfer_id)
    begun = row.status is not TransferStatus.REQUESTED
    return {
        line.sku: line.picked if begun else line.requested
        for line in queries.lines(session, transfer_id)
    }


def _keep(session: Session, order: Order, expected: Mapping[str, int]) -> None:
    """Reserve for the order what has come; what did not is routed again with it.

    Nothing else is sent for here: where the rest may come from is for routing to decide.
    """
    if order.status in order_states.CLOSED or order.delivery is not Delivery.PICKUP:
        return
    _come_out(session, order, expected)
    waking.look_again(orders.lines(session, order.id))
    holding.hold(session, order, by_transfer=False)
    lines = orders.lines(session, order.id)
    if not any(line.reserved for line in lines):
        waking.look_again(lines)
    order_status.refresh(session, order.id, event="order.goods_came")


def _route_again(session: Session, order: Order, units: Mapping[str, int], *, event: str) -> None:
    """Units that will not come by a transfer are routed anew."""
    if order.status not in order_states.CLOSED and any(units.values()):
        _come_out(session, order, units)
        order_status.refresh(session, order.id, event=event)


def _come_out(session: Session, order: Order, units: Mapping[str, int]) -> None:
    """Take units by SKU out of transfer; lines that were cut down meanwhile have fewer."""
    left = dict(units)
    for line in orders.lines(session, order.id):
        come = min(line.in_transfer, left.get(line.sku, 0))
        order_lines.shift(line, out_of="in_transfer", into="unrouted", units=come)
        left[line.sku] = left.get(line.sku, 0) - come
    session.flush()
