"""The only code that changes the totals of a payment: one entry and one total at a time."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.ids import new_id
from oms.outbox.appending import append
from oms.payments.models import EntryKind, Payment, PaymentEntry, Provider


def locked(session: Session, order_id: UUID) -> Sequence[Payment]:
    """The order's tenders, oldest first, locked and read after the lock.

    The caller holds the order's lock, so that nobody adds a tender meanwhile.
    """
    return session.exec(
        select(Payment)
        .where(Payment.order_id == order_id)
        .order_by(col(Payment.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def enter(
    session: Session,
    payment: Payment,
    kind: EntryKind,
    amount_minor: int,
    *,
    key: str,
    actor: str,
    reason: str = "",
) -> bool:
    """Write an entry under its key and bring the total up to date; False if it is there already.

    The payment is locked. What would break a total is refused by the table's own constraints.
    """
    fresh = session.execute(
        insert(PaymentEntry)
        .values(
            id=new_id(),
            payment_id=payment.id,
            kind=kind,
            amount_minor=amount_minor,
            key=key,
            reason=reason,
            at=clock.now(),
            actor=actor,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(col(PaymentEntry.id))
    ).first()
    if fresh is None:
        return False
    _add(payment, kind, amount_minor)
    facts = {"amount_minor": amount_minor, "key": key}
    _tell(session, payment, kind, actor=actor, facts=facts)
    return True


def _add(payment: Payment, kind: EntryKind, amount_minor: int) -> None:
    match kind:
        case EntryKind.AUTHORISE:
            payment.authorised_minor += amount_minor
        case EntryKind.CAPTURE:
            payment.captured_minor += amount_minor
        case EntryKind.VOID:
            payment.voided_minor += amount_minor
        case EntryKind.REFUND:
            payment.refunded_minor += amount_minor


def _tell(
    session: Session, payment: Payment, kind: EntryKind, *, actor: str, facts: dict[str, Any]
) -> None:
    """Tell the audit trail, and whoever moves the money."""
    record(
        session,
        action=f"payment.{kind.value}",
        subject_type="payment",
        subject_id=payment.id,
        order_id=payment.order_id,
        actor=actor,
        facts=facts,
    )
    session.flush()
    if payment.provider is Provider.STRIPE:
        append(
            session,
            topic=f"payment.{kind.value}",
            subject_type="payment",
            subject_id=payment.id,
            order_id=payment.order_id,
            version=0,
        )


def by_key(session: Session, key: str) -> Payment | None:
    """The payment whose ledger has an entry under this key."""
    return session.exec(
        select(Payment)
        .join(PaymentEntry, col(PaymentEntry.payment_id) == Payment.id)
        .where(PaymentEntry.key == key)
    ).first()


def open_minor(payment: Payment) -> int:
    """What is authorised and neither captured nor voided."""
    return payment.authorised_minor - payment.captured_minor - payment.voided_minor


def left_minor(payment: Payment) -> int:
    """What is captured and not given back."""
    return payment.captured_minor - payment.refunded_minor
