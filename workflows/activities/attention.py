"""Ask for a person."""

from uuid import UUID

from sqlmodel import Session
from temporalio import activity

from oms.channels import writebacks
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind
from oms.fulfilments.manifest_models import Manifest
from oms.fulfilments.models import Fulfilment
from oms.notifications import sending
from oms.notifications.models import Medium, Notice
from oms.payments.card_models import CardIntent
from oms.returns.models import Return
from oms.transfers.models import Transfer
from workflows.activities.work import unit_of_work
from workflows.messages import Failure

_SENDING = "send_"
_STEPS_OF_CARRIERS = (
    *("buy_labels", "void_labels", "track", "file_manifest"),
    *("buy_label", "give_label_back"),
)


@activity.defn
def ask_for_help(failure: Failure) -> None:
    """Open a case for a step that cannot go on by itself."""
    with unit_of_work() as session:
        if failure.step == "tell":
            writebacks.give_up(session, UUID(failure.id), error=failure.message)
            return
        if failure.step.startswith(_SENDING):
            medium = Medium(failure.step.removeprefix(_SENDING))
            sending.give_up(session, UUID(failure.id), medium, error=failure.message)
            return
        carrier = failure.step in _STEPS_OF_CARRIERS
        open_case(
            session,
            kind=ExceptionKind.CARRIER_FAILED if carrier else ExceptionKind.WORKFLOW_STUCK,
            cause_type=_kind_of(session, UUID(failure.id)),
            cause_id=UUID(failure.id),
            order_id=_order_of(session, UUID(failure.id)),
            detail=f"{failure.step.replace('_', ' ')} failed: {failure.message}",
            remedy="mend the cause, then send the update retry_step to the workflow",
        )


def _order_of(session: Session, subject_id: UUID) -> UUID | None:
    """The order of a part of one; an order's own id is its order's."""
    if session.get(Manifest, subject_id) is not None:
        return None
    part = (
        session.get(Fulfilment, subject_id)
        or session.get(Transfer, subject_id)
        or session.get(Return, subject_id)
        or session.get(Notice, subject_id)
        or session.get(CardIntent, subject_id)
    )
    return part.order_id if part else subject_id


def _kind_of(session: Session, subject_id: UUID) -> str:
    """What a failed step was for."""
    if session.get(Fulfilment, subject_id) is not None:
        return "fulfilment"
    if session.get(Transfer, subject_id) is not None:
        return "transfer"
    if session.get(Manifest, subject_id) is not None:
        return "manifest"
    if session.get(Notice, subject_id) is not None:
        return "notice"
    if session.get(CardIntent, subject_id) is not None:
        return "payment"
    return "return" if session.get(Return, subject_id) is not None else "order"
