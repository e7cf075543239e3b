"""Steps of a card payment with our own account. Each looks at the rows first and may run twice."""

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from oms.money import show
from oms.payments import cards
from oms.payments.card_client import CardRefused, CardUnavailable
from oms.payments.card_client import cards as account
from oms.payments.card_models import CardIntent
from workflows import card_views
from workflows.activities.work import unit_of_work, workflow_time
from workflows.messages import Step, Subject, View


@activity.defn
def view_card(subject: Subject) -> View:
    """Read the payment."""
    with workflow_time(subject.at), unit_of_work() as session:
        return card_views.view(session, UUID(subject.id))


@activity.defn
def look(step: Step) -> str:
    """Ask the provider how the payment is, and bring the ledger in line with it."""
    payment_id, row = UUID(step.id), _read(step)
    with _card_errors():
        found = account().find(row.intent_id)
    with workflow_time(step.at), unit_of_work() as session:
        cards.looked(session, payment_id, found)
    return found.state


@activity.defn
def capture(step: Step) -> str:
    """Take the money for goods that have left; the provider lets go of the rest."""
    payment_id, row = UUID(step.id), _read(step)
    with workflow_time(step.at), unit_of_work() as session:
        amount = cards.begin_capture(session, payment_id)
    if not amount:
        return "nothing to capture"
    with _card_errors():
        found = account().capture(row.intent_id, amount)
    with workflow_time(step.at), unit_of_work() as session:
        cards.captured(session, payment_id, found)
    return show(amount, currency=found.currency)


@activity.defn
def void(step: Step) -> str:
    """Let go of an authorisation that is not needed any more."""
    row = _read(step)
    with _card_errors():
        found = account().cancel(row.intent_id)
    with workflow_time(step.at), unit_of_work() as session:
        cards.let_go(session, UUID(step.id))
    return found.state


@activity.defn
def replace(step: Step) -> str:
    """Give up an authorisation that lapses soon, so that it is made anew."""
    with workflow_time(step.at), unit_of_work() as session:
        cards.replace(session, UUID(step.id))
    return "to be authorised anew"


@activity.defn
def renew(step: Step) -> str:
    """Authorise anew what was let go of though goods are still to be sent."""
    row = _read(step)
    if not row.renew_minor:
        return "nothing to authorise"
    with _card_errors():
        found = account().renew(row.intent_id, row.renew_minor)
    with workflow_time(step.at), unit_of_work() as session:
        cards.renewed(session, UUID(step.id), found)
    return found.intent_id


@activity.defn
def refund(step: Step) -> str:
    """Give back what is owed by this card; what takes its time is asked about again."""
    row = _read(step)
    with unit_of_work() as session:
        owed = cards.to_refund(session, UUID(step.id))
    for one in owed:
        with _card_errors():
            given = (
                account().refunded(one.reference)
                if one.reference
                else account().refund(row.intent_id, one.amount_minor, key=str(one.repayment_id))
            )
            if given.state in ("failed", "canceled", "requires_action"):
                raise CardRefused(
                    f"refund {given.id} is {given.state.replace('_', ' ')}",
                    remedy="give the money back in another way, and note it at the repayment",
                )
        with workflow_time(step.at), unit_of_work() as session:
            cards.refund_asked(
                session,
                one.repayment_id,
                reference=given.id,
                given_back=given.state == "succeeded",
            )
    return f"{len(owed)} refund(s)"


def _read(step: Step) -> CardIntent:
    with unit_of_work() as session:
        return session.get_one(CardIntent, UUID(step.id))


@contextmanager
def _card_errors() -> Generator[None]:
    """Say of the provider's refusal whether it is worth another try."""
    try:
        yield
    except (CardRefused, CardUnavailable) as error:
        raise ApplicationError(
            error.message,
            type=error.code,
            non_retryable=isinstance(error, CardRefused),
        ) from error
