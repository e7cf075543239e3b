"""Cancel units of an order that nobody has begun to pick; the rest is kept where it is."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session

from oms.audit.recording import record
from oms.errors import Conflict, Invalid, NotFound
from oms.fulfilments import order_status
from oms.inventory import availability
from oms.ordering import cancelling, withdrawing
from oms.ordering.cancelling import TooLate
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders import states as order_states
from oms.orders.models import Order
from oms.orders.queries import require_version
from oms.sourcing import holding


def may_cancel(session: Session, order: Order) -> Mapping[UUID, int]:
    """Units of each line that can still be cancelled."""
    if order.status in order_states.CLOSED:
        return {}
    begun = withdrawing.lines_in_hand(session, order.id)
    return {
        line.id: units
        for line in orders.lines(session, order.id)
        if (units := order_lines.open_units(line)) and line.id not in begun
    }


def cancel_units(
    session: Session,
    order_id: UUID,
    units: Mapping[UUID, int],
    *,
    actor: str,
    reason: str,
    version: int | None = None,
) -> Order:
    """Cancel so many units of these lines; all that is left makes it the whole order.

    What was paid for them is given back when the relay settles the order's payments. Raises
    `TooLate` for what somebody has begun, and `Invalid` or `NotFound` naming the line.
    """
    order = orders.locked(session, order_id)
    require_version(f"order {order.number}", have=order.version, seen=version)
    allowed = may_cancel(session, order)
    wished = {line_id: count for line_id, count in units.items() if count}
    _check(session, order, wished, allowed)
    everything = all(wished.get(line_id) == count for line_id, count in allowed.items())
    if everything and withdrawing.untouched(session, order):
        return cancelling.cancel(session, order_id, actor=actor, reason=reason)
    availability.lock(session, sorted({line.sku for line in orders.lines(session, order_id)}))
    withdrawing.take_back(session, order, actor=actor, lines=set(wished))
    left = cancelling.cancel_units(session, order, wished, actor=actor)
    assert not left, "what may be cancelled was looked up under the order's lock"
    holding.hold(session, order)
    record(
        session,
        action="order.trimmed",
        subject_type="order",
        subject_id=order.id,
        order_id=order.id,
        actor=actor,
        facts={"units": sum(wished.values()), "reason": reason},
    )
    return order_status.refresh(session, order.id, event="order.revised")


def _check(
    session: Session, order: Order, wished: Mapping[UUID, int], allowed: Mapping[UUID, int]
) -> None:
    known = {line.id for line in orders.lines(session, order.id)}
    if not wished:
        raise Invalid(
            "nothing was chosen", field="units", remedy="choose at least one unit to cancel"
        )
    for line_id, count in wished.items():
        if line_id not in known:
            raise NotFound(
                f"order {order.display_number} has no line {line_id}",
                field="line_id",
                remedy="use the ids of the order's own lines",
            )
        if count < 0:
            raise Invalid(
                "units must not be below zero", field="units", remedy="leave the line out"
            )
        if line_id not in allowed:
            raise TooLate(
                "this article is being picked already, or has left",
                field="line_id",
                remedy="take it as it is; what you do not want to keep you can send back",
            )
        if count > allowed[line_id]:
            raise Conflict(
                f"only {allowed[line_id]} units can still be cancelled, not {count}",
                field="units",
                remedy="choose fewer",
                facts={"units": allowed[line_id]},
            )
