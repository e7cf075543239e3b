"""What may become of a message and of a writeback, and the functions that record it."""

from uuid import UUID

from oms import clock
from oms.channels.models import ChannelMessage, MessageStatus, Writeback, WritebackStatus
from oms.errors import IllegalMove

_MAY_SETTLE = frozenset({MessageStatus.RECEIVED, MessageStatus.PARKED})


def settle(
    message: ChannelMessage, to: MessageStatus, *, outcome: str, order_id: UUID | None = None
) -> None:
    """Record what became of a message. A parked one may be replayed; any other end is final."""
    if message.status not in _MAY_SETTLE:
        raise IllegalMove(
            f"message {message.id} was {message.status.value} already",
            remedy="only a parked message can be replayed",
        )
    message.status = to
    message.outcome = outcome[:2_000]
    message.order_id = order_id or message.order_id
    message.settled_at = clock.now()


def accept(writeback: Writeback, *, reference: str) -> None:
    """The channel has the fact. Accepting twice changes nothing."""
    if writeback.status is WritebackStatus.ACCEPTED:
        return
    writeback.status = WritebackStatus.ACCEPTED
    writeback.version += 1
    writeback.external_ref = reference
    writeback.last_error = None
    writeback.accepted_at = clock.now()


def give_up(writeback: Writeback, *, error: str) -> None:
    """The channel will not take it; a person must look."""
    if writeback.status is not WritebackStatus.OWED:
        raise IllegalMove(f"writeback {writeback.id} is {writeback.status.value}")
    writeback.status = WritebackStatus.DEAD
    writeback.version += 1
    writeback.last_error = error[:500]


def owe_again(writeback: Writeback) -> None:
    """A person has removed the cause; try again."""
    if writeback.status is not WritebackStatus.DEAD:
        raise IllegalMove(
            f"writeback {writeback.id} is {writeback.status.value}, not dead",
            remedy="only a dead writeback is retried by hand",
        )
    writeback.status = WritebackStatus.OWED
    writeback.version += 1
