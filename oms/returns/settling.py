"""The steps that a return takes by itself: remind, run out, refund, close.

Each looks at the rows under their locks before it does anything, so it may be asked for twice, late
or by two at once.
"""

from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.exceptions.cases import resolve_cause
from oms.notifications import notices
from oms.orders import queries as orders
from oms.orders.queries import require_version
from oms.payments import capturing, refunding
from oms.payments.models import Refund
from oms.returns import exchanging, labels, queries, receiving, states
from oms.returns.models import Return, ReturnStatus, Way

Owed = Literal["buy_label", "give_label_back", "refund", "close"]
REMIND_BEFORE: Final = timedelta(days=7)


def owed(session: Session, row: Return) -> list[Owed]:
    """What is to be done now without anybody."""
    if labels.is_owed(session, row):
        return ["buy_label"]
    if labels.goes_back(session, row):
        return ["give_label_back"]
    if row.refund_id is None:
        ready = row.status is ReturnStatus.INSPECTED
        at_once = row.status is ReturnStatus.RECEIVED and row.instant
        return ["refund"] if ready or at_once else []
    if row.status is not ReturnStatus.INSPECTED:
        return []
    placed = all(one.disposition is not None for one in queries.goods(session, row.id))
    return ["close"] if placed else []


def next_deadline(row: Return) -> datetime | None:
    """When the customer is to be reminded, or the waiting is over."""
    if row.status not in states.AWAITED or row.expires_at is None:
        return None
    if row.status is ReturnStatus.AUTHORISED and row.reminded_at is None:
        return row.expires_at - REMIND_BEFORE
    return row.expires_at


def meet_deadline(session: Session, return_id: UUID, *, version: int) -> Return:
    """Remind the customer or end the waiting, if the return is still what was seen."""
    row, order = queries.locked(session, return_id)
    require_version(f"return {row.number}", have=row.version, seen=version)
    due = next_deadline(row)
    if due is None or row.expires_at is None or clock.now() < due:
        return row
    if clock.now() >= row.expires_at:
        states.move(session, row, ReturnStatus.EXPIRED, actor="system")
        exchanging.call_off(session, row, actor="system")
        return row
    row.reminded_at = clock.now()
    notices.return_reminder(
        session,
        order_id=order.id,
        cause=f"return:{row.id}:reminder",
        number=row.number or 0,
        by_mail=row.way is Way.MAIL,
        until=row.expires_at,
    )
    states.tell(session, row, actor="system", facts={}, what="reminded")
    return row


def give_money_back(session: Session, return_id: UUID) -> Refund | None:
    """Refund what came, once; None if nothing is owed now."""
    row, order = queries.locked(session, return_id)
    if "refund" not in owed(session, row):
        return None
    capturing.settle(session, order.id)
    came = _not_refunded(session, row)
    deductions = sum(one.deduct_minor for one in queries.goods(session, row.id))
    made = refunding.refund(
        session,
        order.id,
        came,
        cause=f"return:{row.id}",
        reason=f"return {row.number}",
        actor="system",
        with_shipping=row.with_shipping,
        fee_minor=(row.fee_minor + _label_minor(row) if came else 0) + deductions,
        onto=exchanging.onto(session, row),
    )
    row.refund_id = made.id
    exchanging.pay(session, row)
    resolve_cause(
        session,
        cause_type="return",
        cause_id=row.id,
        actor="system",
        resolution="the money went back",
    )
    states.tell(
        session,
        row,
        actor="system",
        facts={"refund": made.number, "amount_minor": made.amount_minor},
        what="refunded",
    )
    return made


def _label_minor(row: Return) -> int:
    """What the customer owes for the label."""
    return row.label_cost_minor if row.label_paid_by == "customer" else 0


def _not_refunded(session: Session, row: Return) -> dict[UUID, int]:
    """Units that came, without those for which a person has given the money back by hand."""
    done = refunding.refunded_units(session, row.order_id)
    lines = {line.id: line for line in orders.lines(session, row.order_id)}
    found = {
        line_id: min(units, lines[line_id].fulfilled - done.get(line_id, 0))
        for line_id, units in receiving.came_by_line(session, row.id).items()
    }
    return {line_id: units for line_id, units in found.items() if units > 0}


def close(session: Session, return_id: UUID) -> Return:
    """The goods have their place and the money is on its way: the return is over."""
    row, _ = queries.locked(session, return_id)
    if "close" in owed(session, row):
        states.move(session, row, ReturnStatus.CLOSED, actor="system")
    return row
