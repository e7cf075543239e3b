"""A repayment is owed, then paid, once; a card payment is authorised, then spent or let go."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.errors import IllegalMove
from oms.outbox.appending import append
from oms.payments.card_models import CardIntent, IntentStatus
from oms.payments.models import Repayment, RepaymentStatus

NEXT: Final[Mapping[RepaymentStatus, frozenset[RepaymentStatus]]] = {
    RepaymentStatus.OWED: frozenset({RepaymentStatus.PAID}),
    RepaymentStatus.PAID: frozenset(),
}


def owed(session: Session, repayment: Repayment, *, actor: str) -> None:
    """Tell audit and outbox of money that is to go back."""
    _tell(session, repayment, actor=actor)


def paid(session: Session, repayment: Repayment, *, reference: str, actor: str) -> None:
    """The customer has the money."""
    if RepaymentStatus.PAID not in NEXT[repayment.status]:
        raise IllegalMove(
            f"this repayment is {repayment.status.value} already",
            field="repayment_id",
            remedy="nothing is left to do; give no money twice",
            facts={"status": repayment.status.value, "version": repayment.version},
        )
    repayment.status = RepaymentStatus.PAID
    repayment.version += 1
    repayment.reference = reference
    repayment.paid_at = clock.now()
    repayment.paid_by = actor
    _tell(session, repayment, actor=actor)


INTENTS: Final[Mapping[IntentStatus, frozenset[IntentStatus]]] = {
    IntentStatus.ASKED: frozenset({IntentStatus.OPEN, IntentStatus.SPENT, IntentStatus.REFUSED}),
    IntentStatus.OPEN: frozenset({IntentStatus.SPENT, IntentStatus.VOIDED}),
    IntentStatus.SPENT: frozenset(),
    IntentStatus.VOIDED: frozenset(),
    IntentStatus.REFUSED: frozenset(),
}


def move_intent(session: Session, row: CardIntent, to: IntentStatus, *, actor: str) -> None:
    """Change the status of a card payment at its provider, and tell audit and outbox."""
    if to not in INTENTS[row.status]:
        raise IllegalMove(
            f"{row.intent_id} is {row.status.value}, so it cannot become {to.value}",
            field="payment_id",
            remedy="read the payment again; its provider may have answered meanwhile",
            facts={"status": row.status.value, "version": row.version},
        )
    row.status = to
    tell_intent(session, row, what=to.value, actor=actor)


def tell_intent(session: Session, row: CardIntent, *, what: str, actor: str) -> None:
    """Raise the version and tell audit and outbox of something new about a card payment."""
    row.version += 1
    session.flush()
    record(
        session,
        action=f"card.{what}",
        subject_type="payment",
        subject_id=row.payment_id,
        order_id=row.order_id,
        actor=actor,
        facts={"intent": row.intent_id, "version": row.version},
    )
    append(
        session,
        topic=f"card.{what}",
        subject_type="payment",
        subject_id=row.payment_id,
        order_id=row.order_id,
        version=row.version,
    )


def _tell(session: Session, repayment: Repayment, *, actor: str) -> None:
    record(
        session,
        action=f"repayment.{repayment.status.value}",
        subject_type="repayment",
        subject_id=repayment.id,
        order_id=repayment.order_id,
        actor=actor,
        facts={"amount_minor": repayment.amount_minor, "version": repayment.version},
    )
    append(
        session,
        topic=f"repayment.{repayment.status.value}",
        subject_type="repayment",
        subject_id=repayment.id,
        order_id=repayment.order_id,
        version=repayment.version,
    )
