"""Bring the money of an order in line with its goods: capture what left, void what never will.

`settle` works from what is, not from what happened: it compares what the units that left the house
are worth with what was captured before, under the order's lock. So it may be called at any time,
twice or late, and by several at once.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.errors import Conflict, Invalid
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.models import HoldKind, Order, OrderLine
from oms.payments import crediting, ledger, pricing, refunding
from oms.payments.credit_models import Credit
from oms.payments.models import EntryKind, Payment, Provider
from oms.settings import settings

SYSTEM: Final = "system"


def settle(session: Session, order_id: UUID, *, actor: str = SYSTEM) -> Order:
    """Capture for units that left; when none can leave any more, void and give back the rest."""
    order = orders.locked(session, order_id)
    lines = orders.lines(session, order_id)
    left_minor = _left_minor(session, order, lines)
    if any(line.fulfilled for line in lines):
        _authorise_at_channel(session, order, left_minor=left_minor, actor=actor)
    payments = ledger.locked(session, order_id)
    captured = sum(one.captured_minor for one in payments)
    _capture(session, payments, left_minor - captured, actor=actor)
    if not any(order_lines.undelivered(line) for line in lines):
        _void(session, payments, actor=actor)
        refunding.give_back_unfulfilled(
            session, order, payments, surplus_minor=captured - left_minor, actor=actor
        )
    return order


def take(
    session: Session,
    order_id: UUID,
    *,
    tender: str,
    amount_minor: int,
    reference: str,
    key: str,
    actor: str,
) -> Payment:
    """Record money that was taken at a till: authorised and captured at once.

    `key` is the caller's idempotency key: under one key money is taken once. No more is taken
    than the order costs.
    """
    order = orders.locked(session, order_id)
    before = ledger.by_key(session, _till_key(EntryKind.CAPTURE, key))
    if before is not None:
        return _same_order(before, order)
    _require_due(session, order, amount_minor)
    payment = Payment(
        order_id=order.id,
        provider=Provider.TILL,
        tender=tender,
        reference=reference,
        currency=order.currency,
        created_at=clock.now(),
        created_by=actor,
    )
    return _taken(session, payment, amount_minor, key=key, actor=actor)


def take_credit(
    session: Session, order_id: UUID, credit: Credit, *, amount_minor: int, key: str, actor: str
) -> Payment:
    """Pay an order, or a part of it, with a gift card or store credit, once per key.

    Raises `NotEnoughCredit` or `CreditExpired`, and `Conflict` for more than the order has due.
    """
    order = orders.locked(session, order_id)
    before = ledger.by_key(session, _till_key(EntryKind.CAPTURE, key))
    if before is not None:
        return _same_order(before, order)
    _require_due(session, order, amount_minor)
    if credit.currency != order.currency:
        raise Invalid(
            f"the credit is in {credit.currency}, the order in {order.currency}",
            field="code",
            remedy="let the customer pay in another way",
        )
    payment = Payment(
        order_id=order.id,
        provider=Provider.CREDIT,
        tender=credit.kind.value,
        reference=f"ending {credit.ending}",
        credit_id=credit.id,
        currency=order.currency,
        created_at=clock.now(),
        created_by=actor,
    )
    taken = _taken(session, payment, amount_minor, key=key, actor=actor)
    spent = f"spend:{payment.id}"
    crediting.spend(session, credit, amount_minor, order_id=order.id, key=spent, actor=actor)
    return taken


def _taken(
    session: Session, payment: Payment, amount_minor: int, *, key: str, actor: str
) -> Payment:
    """Authorise and capture at once."""
    session.add(payment)
    session.flush()
    for kind in (EntryKind.AUTHORISE, EntryKind.CAPTURE):
        ledger.enter(session, payment, kind, amount_minor, key=_till_key(kind, key), actor=actor)
    return payment


def _require_due(session: Session, order: Order, amount_minor: int) -> None:
    """Refuse to take nothing, or more than the order has left to pay."""
    if amount_minor <= 0:
        raise Invalid(
            "amount_minor must be above zero",
            field="amount_minor",
            remedy="give what was taken, in minor units of the order's currency",
        )
    due = due_minor(session, order)
    if amount_minor > due:
        raise Conflict(
            f"order {order.display_number} has {due} minor units left to pay, not {amount_minor}",
            field="amount_minor",
            remedy="take no more than that; give change in the tender itself",
            facts={"due_minor": due},
        )


def due_minor(session: Session, order: Order) -> int:
    """What no tender of the order covers yet. The caller holds the order's lock."""
    payments = ledger.locked(session, order.id)
    return order.total_minor - sum(one.authorised_minor - one.voided_minor for one in payments)


def _till_key(kind: EntryKind, key: str) -> str:
    return f"{kind.value}:till:{key}"


def _same_order(payment: Payment, order: Order) -> Payment:
    """The payment that a key took, if it was for this order."""
    if payment.order_id != order.id:
        raise Conflict(
            "this key took money for another order",
            field="key",
            remedy="use a new key for each taking",
        )
    return payment


def _left_minor(session: Session, order: Order, lines: Sequence[OrderLine]) -> int:
    """What the units that left the house are worth. Nothing is settled while none has."""
    if not any(line.fulfilled for line in lines):
        return 0
    priced = pricing.settled(session, order)
    return sum(
        pricing.worth(priced[line.id], after=0, units=line.fulfilled).total_minor for line in lines
    )


def _authorise_at_channel(session: Session, order: Order, *, left_minor: int, actor: str) -> None:
    """The channel answers for the order's total, unless it said that it has no money yet."""
    unpaid = {hold.kind for hold in orders.open_holds(session, order.id)}
    if settings().channel(order.channel) is None or HoldKind.PAYMENT in unpaid:
        return
    payments = ledger.locked(session, order.id)
    known = next((one for one in payments if one.provider is Provider.CHANNEL), None)
    covered = sum(one.authorised_minor - one.voided_minor for one in payments)
    lacking = max(order.total_minor, left_minor) - covered
    if lacking <= 0:
        return
    payment = known or Payment(
        order_id=order.id,
        provider=Provider.CHANNEL,
        tender=order.channel,
        reference=order.external_id[:120],
        currency=order.currency,
        created_at=clock.now(),
        created_by=actor,
    )
    session.add(payment)
    session.flush()
    key = f"authorise:{payment.id}:{payment.authorised_minor + lacking}"
    ledger.enter(session, payment, EntryKind.AUTHORISE, lacking, key=key, actor=actor)


def _capture(
    session: Session, payments: Sequence[Payment], amount_minor: int, *, actor: str
) -> None:
    """Capture so much, from the oldest tender on; what no tender covers stays due."""
    for payment in payments:
        part = min(amount_minor, ledger.open_minor(payment))
        if part > 0:
            key = f"capture:{payment.id}:{payment.captured_minor + part}"
            ledger.enter(session, payment, EntryKind.CAPTURE, part, key=key, actor=actor)
            amount_minor -= part


def _void(session: Session, payments: Sequence[Payment], *, actor: str) -> None:
    for payment in payments:
        rest = ledger.open_minor(payment)
        if rest > 0:
            key = f"void:{payment.id}:{payment.voided_minor + rest}"
            ledger.enter(session, payment, EntryKind.VOID, rest, key=key, actor=actor)
