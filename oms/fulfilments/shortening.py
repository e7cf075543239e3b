"""Take units out of work that has begun: they were not there, or nobody wants them any more.

The rest of the work goes on. What becomes of the units is the caller's decision, and so is the end
of work of which nothing is left.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms.errors import Conflict
from oms.fulfilments import outcomes, queries
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, RejectReason
from oms.fulfilments.short_models import ShortPick, ShortReason
from oms.inventory import reservations, trust
from oms.inventory.models import MovementKind, Reservation
from oms.inventory.movements import Cause
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.lines import Bucket

NOT_PACKED: Final = frozenset({FulfilmentStatus.ALLOCATED, FulfilmentStatus.PICKING})
_REJECTED_AS: Final = {
    ShortReason.NOT_FOUND: RejectReason.NOT_FOUND,
    ShortReason.DAMAGED: RejectReason.DAMAGED,
    ShortReason.RESERVED: RejectReason.NOT_FOUND,
}
"""What a missing unit counts as when it is asked how often a location does its work."""


def take_out(
    session: Session,
    fulfilment: Fulfilment,
    cuts: Mapping[UUID, int],
    *,
    into: Bucket,
    actor: str,
    reason: ShortReason | None = None,
) -> bool:
    """Cut order lines' shares down by these units; say whether anything is left to be done.

    With a `reason` the location is at fault: units not found leave the books, which are believed
    less from then on; damaged ones are set apart; reserved ones stay on the books, doubted until
    somebody counts. Without one they were called off and may be sold at once.

    The caller holds the fulfilment's lock and refreshes the order's status. A line of which
    nothing is left is gone from the fulfilment, but the last lines stay, as what it was.
    """
    if fulfilment.status not in NOT_PACKED:
        raise Conflict(
            f"fulfilment {fulfilment.number} is {fulfilment.status.value}, not to be picked",
            field="status",
            remedy="hand it over, or call the order off",
        )
    reservations.lock_stock(session, fulfilment.order_id)
    parts = {part.line_id: part for part in queries.lines(session, fulfilment.id)}
    held = {row.line_id: row for row in reservations.of_fulfilment(session, fulfilment.id)}
    by_id = {line.id: line for line in orders.lines(session, fulfilment.order_id)}
    left = sum(part.quantity for part in parts.values()) - sum(cuts.values())
    if reason is not None:
        at_fault = {parts[line_id].sku for line_id in cuts}
        outcomes.declined(session, fulfilment, reason=_REJECTED_AS[reason], skus=at_fault)
    for line_id, units in cuts.items():
        part = parts[line_id]
        assert 0 < units <= part.quantity
        _let_go(session, fulfilment, held[line_id], units, reason=reason, actor=actor)
        order_lines.shift(by_id[line_id], out_of="reserved", into=into, units=units)
        if left == 0:
            continue
        if units == part.quantity:
            session.delete(part)
        else:
            part.quantity -= units
            part.picked = min(part.picked, part.quantity)
    session.flush()
    return left > 0


def decisions(session: Session, fulfilment_ids: Collection[UUID]) -> Sequence[ShortPick]:
    """What was decided about units of some fulfilments that were not there, oldest first."""
    return session.exec(
        select(ShortPick)
        .where(col(ShortPick.fulfilment_id).in_(fulfilment_ids))
        .order_by(col(ShortPick.id))
    ).all()


def _let_go(
    session: Session,
    fulfilment: Fulfilment,
    row: Reservation,
    units: int,
    *,
    reason: ShortReason | None,
    actor: str,
) -> None:
    cause = Cause("short_pick" if reason else "order", fulfilment.id, actor)
    if reason in (ShortReason.NOT_FOUND, ShortReason.DAMAGED):
        gone = reservations.part(row, units)
        if reason is ShortReason.DAMAGED:
            reservations.set_apart(session, [gone], cause=cause)
        else:
            reservations.consume(session, [gone], kind=MovementKind.ADJUST, cause=cause)
        session.add(gone)
    else:
        reservations.reduce(session, row, by=units, cause=cause)
    if reason in (ShortReason.NOT_FOUND, ShortReason.RESERVED):
        trust.doubt(session, sku=row.sku, location_id=fulfilment.location_id, actor=actor)
