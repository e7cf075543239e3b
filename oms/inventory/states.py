"""The moves of what holds stock or announces it, and the functions that make them."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from oms import clock
from oms.errors import IllegalMove
from oms.inventory.checkout_models import CheckoutHold, CheckoutHoldStatus
from oms.inventory.models import Reservation, ReservationStatus
from oms.inventory.supply_models import Supply, SupplyStatus

NEXT: Final[Mapping[ReservationStatus, frozenset[ReservationStatus]]] = {
    ReservationStatus.HELD: frozenset(
        {ReservationStatus.RELEASED, ReservationStatus.CONSUMED, ReservationStatus.ASIDE}
    ),
    ReservationStatus.ASIDE: frozenset({ReservationStatus.RELEASED}),
    ReservationStatus.RELEASED: frozenset(),
    ReservationStatus.CONSUMED: frozenset(),
}

NEXT_CHECKOUT_HOLD: Final[Mapping[CheckoutHoldStatus, frozenset[CheckoutHoldStatus]]] = {
    CheckoutHoldStatus.OPEN: frozenset(
        {CheckoutHoldStatus.CONVERTED, CheckoutHoldStatus.RELEASED, CheckoutHoldStatus.EXPIRED}
    ),
    CheckoutHoldStatus.CONVERTED: frozenset(),
    CheckoutHoldStatus.RELEASED: frozenset(),
    CheckoutHoldStatus.EXPIRED: frozenset(),
}

NEXT_SUPPLY: Final[Mapping[SupplyStatus, frozenset[SupplyStatus]]] = {
    SupplyStatus.INCOMING: frozenset(
        {SupplyStatus.IN_TRANSIT, SupplyStatus.RECEIVED, SupplyStatus.CLOSED}
    ),
    SupplyStatus.IN_TRANSIT: frozenset({SupplyStatus.RECEIVED, SupplyStatus.CLOSED}),
    SupplyStatus.RECEIVED: frozenset(),
    SupplyStatus.CLOSED: frozenset(),
}

OPEN_SUPPLY: Final = (SupplyStatus.INCOMING, SupplyStatus.IN_TRANSIT)
"""Goods that may still come."""


def close(row: Reservation, status: ReservationStatus) -> None:
    """End a hold. Its stock movement is made by the caller in the same transaction.

    What is set aside makes none: the goods stay as unsellable as they were.
    """
    if status not in NEXT[row.status]:
        raise IllegalMove(
            f"reservation {row.id} is {row.status.value}, so it cannot become {status.value}"
        )
    row.status = status
    row.closed_at = clock.now()


def close_checkout_hold(
    hold: CheckoutHold, status: CheckoutHoldStatus, *, order_id: UUID | None = None
) -> None:
    """End a checkout hold. What becomes of its units is done by the caller at the same time."""
    if status not in NEXT_CHECKOUT_HOLD[hold.status]:
        raise IllegalMove(
            f"the checkout hold is {hold.status.value}, so it cannot become {status.value}",
            field="hold_id",
            remedy="make a new hold",
            facts={"status": hold.status.value},
        )
    hold.status = status
    hold.order_id = order_id
    hold.version += 1
    hold.closed_at = clock.now()


def move_supply(supply: Supply, status: SupplyStatus) -> None:
    """Say how far expected goods have come."""
    if status not in NEXT_SUPPLY[supply.status]:
        raise IllegalMove(
            f"{supply.sku} of {supply.document} is {supply.status.value.replace('_', ' ')},"
            f" so it cannot become {status.value.replace('_', ' ')}",
            field="supply_id",
            remedy="read it again; somebody else may have worked on it",
            facts={"status": supply.status.value},
        )
    supply.status = status
    supply.version += 1
    if not NEXT_SUPPLY[status]:
        supply.closed_at = clock.now()
