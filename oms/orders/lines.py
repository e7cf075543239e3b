"""Move units of an order line from one bucket to another; every unit is always in one."""

from typing import Final, Literal

from oms.errors import Conflict
from oms.orders.models import OrderLine

Bucket = Literal[
    "unrouted", "reserved", "backordered", "in_transfer", "short", "cancelled", "fulfilled"
]

WAITING: Final[tuple[Bucket, ...]] = ("backordered", "unrouted", "reserved")
"""Where units are that routing has still to place, or may place anew; the least committed first."""

UNDELIVERED: Final[tuple[Bucket, ...]] = ("backordered", "unrouted", "in_transfer", "reserved")
"""Where units are that nobody has fulfilled or given up, the least committed first."""


class WrongBucket(Conflict):
    """The line has fewer units there than are to be moved."""

    code = "wrong_bucket"


def shift(line: OrderLine, *, out_of: Bucket, into: Bucket, units: int) -> None:
    """Move `units` of a line between buckets. Fulfilled units stay fulfilled."""
    assert units >= 0
    assert out_of != "fulfilled", "a fulfilled unit comes back by a return only"
    here: int = getattr(line, out_of)
    if here < units:
        raise WrongBucket(
            f"line {line.id} has {here} units {out_of}, not {units}",
            facts={"line_id": str(line.id), "bucket": out_of, "units": here},
        )
    setattr(line, out_of, here - units)
    setattr(line, into, getattr(line, into) + units)


def open_units(line: OrderLine) -> int:
    """Units that routing has still to place, or may place anew."""
    return line.unrouted + line.reserved + line.backordered


def undelivered(line: OrderLine) -> int:
    """Units that the customer still waits for."""
    return open_units(line) + line.in_transfer
