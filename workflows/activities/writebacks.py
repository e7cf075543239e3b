"""Tell channels what they are owed."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from oms.channels import writebacks
from oms.channels.base import ChannelRefused, ChannelUnavailable
from oms.channels.models import Writeback, WritebackKind
from oms.channels.registry import channel
from oms.db import alone
from oms.publishing import channels, owing
from oms.settings import settings
from workflows import views
from workflows.activities.work import unit_of_work
from workflows.messages import Step, Subject, View


@activity.defn
def view_writeback(subject: Subject) -> View:
    """Read the writeback."""
    with unit_of_work() as session:
        return views.writeback(session, UUID(subject.id))


@activity.defn
def tell(step: Step) -> str:
    """Tell the channel one fact, unless it has it already, and record its answer."""
    writeback_id = UUID(step.id)
    with unit_of_work() as session:
        command = writebacks.command(session, writeback_id)
        row = session.get_one(Writeback, writeback_id)
        code, order_id = row.channel, row.order_id
    if command is None:
        return "nothing owed"
    # A shop may keep all that was told of an order in one document, which is read and written
    # back: of two parcels told at the same moment one would be lost, and told once more.
    with _channel_errors(writeback_id), alone(f"told:{code}:{order_id}"):
        answer = channel(code).tell(command)
    with unit_of_work() as session:
        writebacks.accepted(session, writeback_id, answer)
        if command.kind is WritebackKind.CANCELLED and code in channels.publishing(settings()):
            # The channel has put the goods back by itself, on top of what it was told.
            owing.owe_order(session, session.get_one(Writeback, writeback_id).order_id)
    return f"accepted as {answer.reference}" + (" (it was there)" if answer.repeated else "")


@contextmanager
def _channel_errors(writeback_id: UUID) -> Generator[None]:
    """Keep why an attempt failed, and say whether another makes sense."""
    try:
        yield
    except (ChannelRefused, ChannelUnavailable) as error:
        with unit_of_work() as session:
            writebacks.failed(session, writeback_id, error=error.message)
        wait = error.facts.get("retry_after_s")
        raise ApplicationError(
            error.message,
            type=error.code,
            non_retryable=isinstance(error, ChannelRefused),
            next_retry_delay=timedelta(seconds=float(wait)) if wait else None,
        ) from error
