"""The status of an order, derived from its parts by one pure function and stored for queries."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from oms import clock
from oms.orders.models import Delivery, Order, OrderLine, OrderStatus


class PartStage(StrEnum):
    """How far one fulfilment of the order is, as far as the order cares."""

    WORKING = "working"
    READY = "ready"
    UNDER_WAY = "under_way"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Buckets:
    """Units of the whole order by what became of them."""

    waiting: int
    backordered: int
    cancelled: int
    short: int
    fulfilled: int
    total: int
    in_transfer: int = 0


CLOSED = frozenset({OrderStatus.FULFILLED, OrderStatus.CANCELLED})


def derive(
    buckets: Buckets, *, held: bool, delivery: Delivery, parts: Collection[PartStage]
) -> OrderStatus:
    """Say where the order stands from its lines, its holds and its live fulfilments."""
    if buckets.fulfilled == 0 and buckets.cancelled + buckets.short == buckets.total:
        return OrderStatus.CANCELLED
    open_units = buckets.waiting + buckets.backordered + buckets.in_transfer
    if open_units == 0:
        under_way = any(part is PartStage.UNDER_WAY for part in parts)
        return OrderStatus.SHIPPED if under_way else OrderStatus.FULFILLED
    if buckets.fulfilled > 0:
        return OrderStatus.PARTLY_FULFILLED
    working = [part for part in parts if part in (PartStage.WORKING, PartStage.READY)]
    if working or buckets.in_transfer:
        ready = (
            delivery is Delivery.PICKUP
            and not buckets.in_transfer
            and all(part is PartStage.READY for part in working)
        )
        return OrderStatus.READY_FOR_PICKUP if ready else OrderStatus.IN_FULFILMENT
    if held:
        return OrderStatus.HELD
    return OrderStatus.BACKORDERED if buckets.backordered else OrderStatus.CAPTURED


def sum_buckets(lines: Collection[OrderLine]) -> Buckets:
    """Add up the lines of one order."""
    return Buckets(
        waiting=sum(line.unrouted + line.reserved for line in lines),
        backordered=sum(line.backordered for line in lines),
        cancelled=sum(line.cancelled for line in lines),
        short=sum(line.short for line in lines),
        fulfilled=sum(line.fulfilled for line in lines),
        total=sum(line.quantity for line in lines),
        in_transfer=sum(line.in_transfer for line in lines),
    )


def refresh(
    order: Order, lines: Collection[OrderLine], *, held: bool, parts: Collection[PartStage]
) -> bool:
    """Store the derived status and raise the version; say whether the status changed."""
    status = derive(sum_buckets(lines), held=held, delivery=order.delivery, parts=parts)
    changed = status is not order.status
    order.version += 1
    order.status = status
    if status in CLOSED and order.closed_at is None:
        order.closed_at = clock.now()
    elif status not in CLOSED:
        order.closed_at = None
    return changed
