"""A reservation is held, then released or consumed, once."""

from oms import clock
from oms.errors import IllegalMove
from oms.inventory.models import Reservation, ReservationStatus


def close(row: Reservation, status: ReservationStatus) -> None:
    """End a hold. Its stock movement is made by the caller in the same transaction."""
    if row.status is not ReservationStatus.HELD or status is ReservationStatus.HELD:
        raise IllegalMove(f"reservation {row.id} is {row.status.value}, not to be {status.value}")
    row.status = status
    row.closed_at = clock.now()
