"""Put each line's open units where its reservation says."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from oms.inventory import reservations
from oms.inventory.reservations import Hold
from oms.orders import lines as order_lines
from oms.orders.models import Order, OrderLine


def hold_lines(
    session: Session,
    order: Order,
    lines: Sequence[OrderLine],
    *,
    holds: Sequence[Hold],
    actor: str,
) -> None:
    """Make these the reservations of the lines; their units are where those say.

    Raises `InsufficientStock`; then nothing has changed.
    """
    reservations.replace(
        session,
        order_id=order.id,
        lines={line.id for line in lines},
        holds=holds,
        actor=actor,
        channel=order.channel,
    )
    settle_buckets(lines, reserved={hold.line_id for hold in holds})
    session.flush()


def settle_buckets(lines: Sequence[OrderLine], *, reserved: set[UUID]) -> None:
    """Move open units to `reserved` for the lines that hold stock, else to `backordered`."""
    for line in lines:
        into: order_lines.Bucket = "reserved" if line.id in reserved else "backordered"
        for bucket in order_lines.WAITING:
            units: int = getattr(line, bucket)
            if units and bucket != into:
                order_lines.shift(line, out_of=bucket, into=into, units=units)
