"""Give money back: by lines, once per cause, and never more than was captured.

Whoever refunds holds the order's lock from the question "was it refunded before?" to the entry in
the ledger, so two at once make one refund. The unique cause and the ledger's totals would refuse
the second one even without the lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict, Invalid, NotFound
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.payments import allocating, crediting, ledger, pricing, states
from oms.payments.allocating import Share
from oms.payments.models import (
    EntryKind,
    Payment,
    Provider,
    Refund,
    RefundLine,
    Repayment,
    RepaymentStatus,
)

UNFULFILLED: Final = "unfulfilled"
_Worth = Mapping[UUID, tuple[int, Share]]
"""Units and what they are worth, by line."""


@dataclass(frozen=True, slots=True)
class Onto:
    """A credit that a refund is put on, all of it or at most so much."""

    credit_id: UUID
    most_minor: int | None = None


class NotCaptured(Conflict):
    """There is no money of this order that could be given back."""

    code = "not_captured"


class NotThatManyLeft(Conflict):
    """More units are to be refunded than left the house and were not refunded before."""

    code = "refunded_before"


def refund(
    session: Session,
    order_id: UUID,
    units: Mapping[UUID, int],
    *,
    cause: str,
    reason: str,
    actor: str,
    with_shipping: bool = True,
    fee_minor: int = 0,
    goodwill_minor: int = 0,
    onto: Onto | None = None,
) -> Refund:
    """Give back what units of these lines are worth, and `goodwill_minor` on top.

    The same cause gets the refund that it had before. `with_shipping` false keeps the lines' part
    of the shipping; `fee_minor` is taken off. What goodwill has given back already is not given
    twice: the amount is cut to what is left of the captured. With `onto` the money, or so much of
    it, is put on a credit instead of going back the way it came. Raises `NotCaptured` when nothing
    is left, and `NotThatManyLeft`.

    The caller has settled the order, or does not mind that only captured money goes back.
    """
    order = orders.locked(session, order_id)
    before = session.exec(
        select(Refund).where(Refund.order_id == order_id, Refund.cause == cause)
    ).first()
    if before is not None:
        return before
    worth = _worth(session, order, units, with_shipping=with_shipping)
    wished = max(0, sum(share.total_minor for _, share in worth.values()) - fee_minor)
    wished += goodwill_minor
    _require_currency(session, order, onto)
    payments = ledger.locked(session, order_id)
    left = sum(ledger.left_minor(one) for one in payments)
    if wished and not left:
        raise NotCaptured(
            f"nothing is left of what was captured for order {order.display_number}",
            field="lines",
            remedy="record the payment first if the customer has paid",
            facts={"wished_minor": wished, "left_minor": left},
        )
    made = Refund(
        order_id=order.id,
        cause=cause,
        reason=reason,
        currency=order.currency,
        amount_minor=min(wished, left),
        fee_minor=fee_minor,
        shipping_minor=sum(max(0, share.extra_minor) for _, share in worth.values()),
        created_at=clock.now(),
        created_by=actor,
    )
    return _write(session, made, worth, payments, onto=onto, actor=actor)


def give_back_unfulfilled(
    session: Session,
    order: Order,
    payments: Sequence[Payment],
    *,
    surplus_minor: int,
    actor: str,
) -> None:
    """Give back what was paid in advance for units that never left, once. Locks are held."""
    left = sum(ledger.left_minor(one) for one in payments)
    cause = f"{UNFULFILLED}:{order.id}"
    before = select(Refund.id).where(Refund.order_id == order.id, Refund.cause == cause)
    if min(surplus_minor, left) <= 0 or session.exec(before).first() is not None:
        return
    made = Refund(
        order_id=order.id,
        cause=cause,
        reason="paid, and never sent",
        currency=order.currency,
        amount_minor=min(surplus_minor, left),
        created_at=clock.now(),
        created_by=actor,
    )
    _write(session, made, {}, payments, actor=actor)


def pay(session: Session, repayment_id: UUID, *, reference: str, actor: str) -> Repayment:
    """Money of a till has been given back to the customer."""
    row = _locked(session, repayment_id)
    if session.get_one(Payment, row.payment_id).provider is not Provider.TILL:
        raise Conflict(
            "the channel gives this money back, not we",
            field="repayment_id",
            remedy="pay nothing out; the channel is being told to",
        )
    states.paid(session, row, reference=reference, actor=actor)
    return row


def settled_by_provider(
    session: Session, repayment_id: UUID, *, reference: str, actor: str
) -> None:
    """The provider says that it has given the money back. Hearing it again changes nothing."""
    row = _locked(session, repayment_id)
    if row.status is RepaymentStatus.OWED:
        states.paid(session, row, reference=reference[:200], actor=actor)


def refunded_units(session: Session, order_id: UUID) -> Mapping[UUID, int]:
    """Units that were refunded, by line."""
    rows = session.exec(
        select(RefundLine.line_id, func.sum(RefundLine.units))
        .join(Refund, col(Refund.id) == RefundLine.refund_id)
        .where(Refund.order_id == order_id)
        .group_by(col(RefundLine.line_id))
    ).all()
    return {line_id: int(units) for line_id, units in rows}


def _require_currency(session: Session, order: Order, onto: Onto | None) -> None:
    if onto is None:
        return
    credit = crediting.read(session, onto.credit_id)
    if credit.currency != order.currency:
        raise Invalid(
            f"the credit is in {credit.currency}, the order in {order.currency}",
            field="credit_id",
            remedy=f"open a credit in {order.currency} for this refund",
        )


def _worth(
    session: Session, order: Order, units: Mapping[UUID, int], *, with_shipping: bool
) -> _Worth:
    known = {line.id: line for line in orders.lines(session, order.id)}
    done = refunded_units(session, order.id)
    priced = pricing.settled(session, order) if units else {}
    found: dict[UUID, tuple[int, Share]] = {}
    for line_id, count in units.items():
        line = known.get(line_id)
        if line is None:
            raise NotFound(
                f"order {order.display_number} has no line {line_id}",
                field="lines",
                remedy="use the ids of the order's own lines",
            )
        if count <= 0:
            raise Invalid("units must be above zero", field="lines.units", remedy="leave it out")
        if count > line.fulfilled - done.get(line_id, 0):
            raise NotThatManyLeft(
                f"{line.sku}: {line.fulfilled} units left the house and"
                f" {done.get(line_id, 0)} of them are refunded; not {count} more",
                field="lines.units",
                remedy="refund what is left, or cancel units that were not sent",
                facts={"fulfilled": line.fulfilled, "refunded": done.get(line_id, 0)},
            )
        share = pricing.worth(priced[line_id], after=done.get(line_id, 0), units=count)
        if not with_shipping:
            share = Share(share.goods_minor, share.tax_minor, min(0, share.extra_minor))
        found[line_id] = (count, share)
    return found


def _write(
    session: Session,
    made: Refund,
    worth: _Worth,
    payments: Sequence[Payment],
    *,
    actor: str,
    onto: Onto | None = None,
) -> Refund:
    """Write the refund down, and owe its parts by the tenders that the money came from."""
    session.add(made)
    session.flush()
    for line_id, (units, share) in worth.items():
        session.add(
            RefundLine(
                refund_id=made.id,
                line_id=line_id,
                units=units,
                goods_minor=share.goods_minor,
                tax_minor=share.tax_minor,
                extra_minor=share.extra_minor,
            )
        )
    parts = allocating.spread(made.amount_minor, [ledger.left_minor(one) for one in payments])
    most = onto.most_minor if onto and onto.most_minor is not None else made.amount_minor
    kept = allocating.spread(min(most, made.amount_minor) if onto else 0, parts)
    for payment, part, credited in zip(payments, parts, kept, strict=True):
        if credited and onto is not None:
            _owe(session, made, payment, credited, credit_id=onto.credit_id, actor=actor)
        if part > credited:
            _owe(session, made, payment, part - credited, credit_id=payment.credit_id, actor=actor)
    record(
        session,
        action="order.refunded",
        subject_type="order",
        subject_id=made.order_id,
        order_id=made.order_id,
        actor=actor,
        facts={"refund": made.number, "amount_minor": made.amount_minor, "cause": made.cause},
    )
    session.flush()
    return made


def _owe(
    session: Session,
    made: Refund,
    payment: Payment,
    part: int,
    *,
    credit_id: UUID | None,
    actor: str,
) -> None:
    """Owe a part by one tender. What goes onto a credit is there at once."""
    key = f"refund:{made.id}:{payment.id}" + (f":{credit_id}" if credit_id else "")
    ledger.enter(session, payment, EntryKind.REFUND, part, key=key, actor=actor, reason=made.reason)
    row = Repayment(
        refund_id=made.id,
        payment_id=payment.id,
        order_id=made.order_id,
        credit_id=credit_id,
        amount_minor=part,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    states.owed(session, row, actor=actor)
    if credit_id is not None:
        onto = crediting.give_back(
            session, credit_id, part, order_id=made.order_id, key=f"repay:{row.id}", actor=actor
        )
        states.paid(session, row, reference=f"credit ending {onto.ending}", actor=actor)


def _locked(session: Session, repayment_id: UUID) -> Repayment:
    row = session.get(Repayment, repayment_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(
            f"there is no repayment {repayment_id}",
            field="repayment_id",
            remedy="use an id that the order's payments list",
        )
    return row
