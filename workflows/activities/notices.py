"""Steps of a notice: word it, then send it by each medium."""

from datetime import timedelta
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from oms.errors import OmsError
from oms.notifications import delivering, sending
from oms.notifications.media import NotTaken
from oms.notifications.models import Medium
from workflows import notice_view
from workflows.activities.work import unit_of_work
from workflows.messages import Step, Subject, View


@activity.defn
def view_notice(subject: Subject) -> View:
    """Read the notice."""
    with unit_of_work() as session:
        return notice_view.view(session, UUID(subject.id))


@activity.defn
def word_notice(step: Step) -> str:
    """Word it in the customer's language and owe its sendings."""
    with unit_of_work() as session:
        sending.prepare(session, UUID(step.id))
        return f"{len(sending.owed(session, UUID(step.id)))} to be sent"


@activity.defn
def send_email(step: Step) -> str:
    """Hand it to the mail server."""
    return _deliver(step, Medium.EMAIL)


@activity.defn
def send_sms(step: Step) -> str:
    """Hand it to whoever carries text messages."""
    return _deliver(step, Medium.SMS)


@activity.defn
def send_webhook(step: Step) -> str:
    """Tell those who want to know what customers are told."""
    return _deliver(step, Medium.WEBHOOK)


def _deliver(step: Step, medium: Medium) -> str:
    """One attempt. Only what surely did not go out is tried again by itself."""
    try:
        return f"{delivering.deliver(UUID(step.id), medium)} sent"
    except OmsError as error:
        wait = error.facts.get("retry_after_s")
        raise ApplicationError(
            error.message,
            type=error.code,
            non_retryable=not isinstance(error, NotTaken),
            next_retry_delay=timedelta(seconds=float(wait)) if wait else None,
        ) from error
