"""Did everything arrive well? The customer says so once; a case is opened when it did not."""

from typing import Final
from uuid import UUID

from sqlmodel import Session, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind
from oms.fulfilments.arrival_models import ArrivalAnswer, Verdict
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.orders import queries as orders
from oms.orders.models import Order

LONGEST: Final = 500


def may_answer(session: Session, order: Order) -> bool:
    """Whether something was delivered and nothing was said of it yet."""
    return session.get(ArrivalAnswer, order.id) is None and _delivered(session, order.id)


def answer(
    session: Session, order_id: UUID, verdict: Verdict, *, note: str, actor: str
) -> ArrivalAnswer:
    """Write the answer down; what is missing or damaged becomes a case for operations.

    The same answer again changes nothing; another one is refused, as is one before delivery.
    """
    order = orders.locked(session, order_id)
    before = session.get(ArrivalAnswer, order_id)
    if before is not None:
        if before.verdict is verdict:
            return before
        raise Conflict(
            "you have answered already", field="verdict", remedy="call the shop if it has changed"
        )
    if not _delivered(session, order_id):
        raise Conflict(
            "nothing of this order was delivered yet",
            field="verdict",
            remedy="answer when it has arrived",
        )
    made = ArrivalAnswer(
        order_id=order_id, verdict=verdict, note=note.strip()[:LONGEST], at=clock.now()
    )
    session.add(made)
    record(
        session,
        action="order.arrival_answered",
        subject_type="order",
        subject_id=order_id,
        order_id=order_id,
        actor=actor,
        facts={"verdict": verdict.value},
    )
    if verdict is not Verdict.WELL:
        said = f": {made.note}" if made.note else ""
        open_case(
            session,
            kind=ExceptionKind.ARRIVED_WRONG,
            cause_type="order",
            cause_id=order_id,
            order_id=order_id,
            detail=f"order {order.display_number}: the customer says '{verdict.value}'{said}",
            remedy="agree with the customer on a replacement, a return or a refund",
        )
    session.flush()
    return made


def _delivered(session: Session, order_id: UUID) -> bool:
    found = session.exec(
        select(Fulfilment.id)
        .where(Fulfilment.order_id == order_id, Fulfilment.status == FulfilmentStatus.DELIVERED)
        .limit(1)
    ).first()
    return found is not None
