"""What waits to be told, applied or looked at: the pulse of the installation."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from oms.channels.models import ChannelMessage, MessageStatus, Writeback, WritebackStatus
from oms.exceptions.models import OpenException
from oms.outbox.models import OutboxRow


@dataclass(frozen=True, slots=True)
class Waiting:
    """A number of things and the moment since which the oldest waits."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Everything that should be near zero when all parts work."""

    outbox: Waiting
    messages: Waiting
    writebacks_owed: Waiting
    writebacks_dead: Waiting
    exceptions: Waiting


def backlog(session: Session) -> Backlog:
    """Count what waits now. Each count is answered by an index of waiting rows."""
    messages = select(func.count(), func.min(ChannelMessage.received_at)).where(
        ChannelMessage.status == MessageStatus.RECEIVED
    )
    outbox = select(func.count(), func.min(OutboxRow.created_at)).where(
        col(OutboxRow.delivered_at).is_(None)
    )
    exceptions = select(func.count(), func.min(OpenException.opened_at)).where(
        col(OpenException.resolved_at).is_(None)
    )
    return Backlog(
        outbox=Waiting(*session.exec(outbox).one()),
        messages=Waiting(*session.exec(messages).one()),
        writebacks_owed=_writebacks(session, WritebackStatus.OWED),
        writebacks_dead=_writebacks(session, WritebackStatus.DEAD),
        exceptions=Waiting(*session.exec(exceptions).one()),
    )


def _writebacks(session: Session, status: WritebackStatus) -> Waiting:
    found = select(func.count(), func.min(Writeback.created_at)).where(Writeback.status == status)
    return Waiting(*session.exec(found).one())
