"""An order takes over exactly the units that a checkout hold kept for it, where they lie.

No stock moves: the units stay reserved, and from then on they are reserved for the order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.inventory import availability, checkout_holds, movements, states
from oms.inventory.checkout_models import CheckoutHold, CheckoutHoldLine, CheckoutHoldStatus
from oms.inventory.models import Reservation
from oms.inventory.movements import Cause


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units that an order line wants."""

    line_id: UUID
    sku: str
    quantity: int


def take_over(
    session: Session,
    hold_id: UUID,
    wanted: Sequence[Wanted],
    *,
    order_id: UUID,
    channel: str,
    actor: str,
) -> frozenset[UUID]:
    """Give a hold's units to the lines of an order; return the lines that got all they want.

    A line takes over a line of the hold that keeps as many units of its article or more; what is
    left of the hold is let go in the same transaction. A hold that has ended, or belongs to
    another channel, gives nothing: the order is then filled like any other. One whose time is
    over, but whose units nobody has needed yet, still serves.
    """
    hold = session.get(CheckoutHold, hold_id, with_for_update=True, populate_existing=True)
    if hold is None or hold.status is not CheckoutHoldStatus.OPEN or hold.channel != channel:
        return frozenset()
    kept = checkout_holds.lines(session, hold.id)
    pairs = _pair(wanted, kept)
    rest = _left_over(kept, pairs)
    if rest and len(pairs) < len(wanted):
        # The order will reserve more in this transaction: all of it is locked in the one order.
        availability.lock(session, {want.sku for want in wanted} | {line.sku for line in kept})
    movements.apply(
        session,
        [checkout_holds.let_go_change(line, units=units) for line, units in rest],
        cause=Cause("checkout_hold", hold.id, actor),
    )
    let_go = {line.position: units for line, units in rest}
    session.add_all(
        Reservation(
            order_id=order_id,
            line_id=want.line_id,
            location_id=line.location_id,
            sku=line.sku,
            quantity=want.quantity,
            allotted=line.allotted - min(line.allotted, let_go.get(line.position, 0)),
            allotment_id=line.allotment_id,
            created_at=clock.now(),
        )
        for want, line in pairs
    )
    states.close_checkout_hold(hold, CheckoutHoldStatus.CONVERTED, order_id=order_id)
    record(
        session,
        action="checkout_hold.converted",
        subject_type="checkout_hold",
        subject_id=hold.id,
        order_id=order_id,
        actor=actor,
        facts={"lines": len(pairs), "units_let_go": sum(let_go.values())},
    )
    session.flush()
    return frozenset(want.line_id for want, _ in pairs)


def _left_over(
    kept: Sequence[CheckoutHoldLine], pairs: Sequence[tuple[Wanted, CheckoutHoldLine]]
) -> list[tuple[CheckoutHoldLine, int]]:
    """What of each line of the hold nobody takes over."""
    taken = {line.position: want.quantity for want, line in pairs}
    return [
        (line, units) for line in kept if (units := line.quantity - taken.get(line.position, 0))
    ]


def _pair(
    wanted: Sequence[Wanted], kept: Sequence[CheckoutHoldLine]
) -> list[tuple[Wanted, CheckoutHoldLine]]:
    """Match each line with the smallest line of the hold that is enough for it.

    The largest wishes choose first, so that a large line of the hold is not spent on a small one.
    """
    free = sorted(kept, key=lambda line: line.quantity)
    pairs = []
    for want in sorted(wanted, key=lambda want: -want.quantity):
        fit = next(
            (line for line in free if line.sku == want.sku and line.quantity >= want.quantity),
            None,
        )
        if fit is not None:
            free.remove(fit)
            pairs.append((want, fit))
    return pairs
