"""Put each line's open units where its reservation says."""

from collections.abc import Sequence
from uuid import UUID

from oms.orders import lines as order_lines
from oms.orders.models import OrderLine


def settle_buckets(lines: Sequence[OrderLine], *, reserved: set[UUID]) -> None:
    """Move open units to `reserved` for the lines that hold stock, else to `backordered`."""
    for line in lines:
        into: order_lines.Bucket = "reserved" if line.id in reserved else "backordered"
        for bucket in order_lines.WAITING:
            units: int = getattr(line, bucket)
            if units and bucket != into:
                order_lines.shift(line, out_of=bucket, into=into, units=units)
