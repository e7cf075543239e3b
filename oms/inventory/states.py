"""A reservation is held, then released or consumed, once."""

from collections.abc import Mapping
from typing import Final

from oms import clock
from oms.errors import IllegalMove
from oms.inventory.models import Reservation, ReservationStatus

NEXT: Final[Mapping[ReservationStatus, frozenset[ReservationStatus]]] = {
    ReservationStatus.HELD: frozenset({ReservationStatus.RELEASED, ReservationStatus.CONSUMED}),
    ReservationStatus.RELEASED: frozenset(),
    ReservationStatus.CONSUMED: frozenset(),
}


def close(row: Reservation, status: ReservationStatus) -> None:
    """End a hold. Its stock movement is made by the caller in the same transaction."""
    if status not in NEXT[row.status]:
        raise IllegalMove(
            f"reservation {row.id} is {row.status.value}, so it cannot become {status.value}"
        )
    row.status = status
    row.closed_at = clock.now()
