"""Put each line's open units where its reservations say."""

from collections import Counter
from collections.abc import Mapping, Sequence
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
    held: Counter[UUID] = Counter()
    for row in reservations.held(session, order.id):
        held[row.line_id] += row.quantity
    settle_buckets(lines, held=held)
    session.flush()


def settle_buckets(lines: Sequence[OrderLine], *, held: Mapping[UUID, int]) -> None:
    """Let as many units of each line be `reserved` as are held for it, its other open ones wait."""
    for line in lines:
        units = held.get(line.id, 0)
        for bucket in order_lines.WAITING:
            if bucket != "reserved":
                more = min(getattr(line, bucket), max(0, units - line.reserved))
                order_lines.shift(line, out_of=bucket, into="reserved", units=more)
        less = max(0, line.reserved - units)
        order_lines.shift(line, out_of="reserved", into="backordered", units=less)
        order_lines.shift(line, out_of="unrouted", into="backordered", units=line.unrouted)
