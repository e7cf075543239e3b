"""A repayment is owed, then paid, once."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.errors import IllegalMove
from oms.outbox.appending import append
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
