"""Take back what locations were given and have not begun, so that an order can still change."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms.fulfilments import giving_back
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.ordering.cancelling import TooLate
from oms.orders import states as order_states
from oms.orders.models import Order
from oms.pickup import preparing
from oms.pickup import queries as pickups

_OVER: Final = frozenset({FulfilmentStatus.REJECTED, FulfilmentStatus.CANCELLED})


def untouched(session: Session, order: Order) -> bool:
    """Whether the order is open and nobody has begun to pick any of it."""
    return order.status not in order_states.CLOSED and all(
        part.status is FulfilmentStatus.ALLOCATED for part in live(session, order.id)
    )


def live(session: Session, order_id: UUID) -> Sequence[Fulfilment]:
    """What locations do, or have done, for the order."""
    return [part for part in fulfilments.of_order(session, order_id) if part.status not in _OVER]


def lines_in_hand(session: Session, order_id: UUID) -> frozenset[UUID]:
    """The order's lines that somebody has begun to pick, or that have left."""
    return frozenset(
        line.line_id
        for part in live(session, order_id)
        if part.status is not FulfilmentStatus.ALLOCATED
        for line in fulfilments.lines(session, part.id)
    )


def take_back(
    session: Session, order: Order, *, actor: str, lines: Collection[UUID] | None = None
) -> None:
    """Take back the work that concerns these lines, or all of it. The caller holds the locks.

    Raises `TooLate` when somebody has begun it.
    """
    for part in live(session, order.id):
        concerned = {line.line_id for line in fulfilments.lines(session, part.id)}
        if lines is not None and not concerned & set(lines):
            continue
        if part.status is not FulfilmentStatus.ALLOCATED:
            raise TooLate(
                f"the goods of order {order.display_number} are being picked already",
                field="status",
                remedy="take it as it is; what you do not want to keep you can send back",
            )
        if (pickup := pickups.of_fulfilment(session, part.id)) is not None:
            locked, _ = pickups.locked(session, pickup.id)
            preparing.cancel(session, locked, actor=actor)
        giving_back.withdraw(session, part, actor=actor)
    session.flush()
