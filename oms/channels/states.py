"""The moves a message and a writeback may make, and the functions that make them."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from oms import clock
from oms.channels.models import ChannelMessage, MessageStatus, Writeback, WritebackStatus
from oms.errors import IllegalMove

_M = MessageStatus
_W = WritebackStatus

_SETTLED: Final = frozenset({_M.APPLIED, _M.SUPERSEDED, _M.IGNORED, _M.PARKED})
NEXT_MESSAGE: Final[Mapping[MessageStatus, frozenset[MessageStatus]]] = {
    _M.RECEIVED: _SETTLED,
    _M.PARKED: _SETTLED,  # replayed, it may be parked again for another cause
    _M.APPLIED: frozenset(),
    _M.SUPERSEDED: frozenset(),
    _M.IGNORED: frozenset(),
}

NEXT_WRITEBACK: Final[Mapping[WritebackStatus, frozenset[WritebackStatus]]] = {
    _W.OWED: frozenset({_W.ACCEPTED, _W.DEAD}),
    _W.DEAD: frozenset({_W.OWED, _W.ACCEPTED}),  # an answer may come after we gave up
    _W.ACCEPTED: frozenset(),
}


def settle(
    message: ChannelMessage, to: MessageStatus, *, outcome: str, order_id: UUID | None = None
) -> None:
    """Record what became of a message. A parked one may be replayed; any other end is final."""
    if to not in NEXT_MESSAGE[message.status]:
        raise IllegalMove(
            f"message {message.id} is {message.status.value}, so it cannot become {to.value}",
            field="status",
            remedy="only a parked message can be replayed",
        )
    message.status = to
    message.outcome = outcome[:2_000]
    message.order_id = order_id or message.order_id
    message.settled_at = clock.now()


def accept(writeback: Writeback, *, reference: str) -> None:
    """The channel has the fact."""
    _move(writeback, _W.ACCEPTED)
    writeback.external_ref = reference
    writeback.last_error = None
    writeback.accepted_at = clock.now()


def give_up(writeback: Writeback, *, error: str) -> None:
    """The channel will not take it; a person must look."""
    _move(writeback, _W.DEAD)
    writeback.last_error = error[:500]


def owe_again(writeback: Writeback) -> None:
    """A person has removed the cause of a dead writeback; it is tried again."""
    _move(writeback, _W.OWED)


def _move(writeback: Writeback, to: WritebackStatus) -> None:
    if to not in NEXT_WRITEBACK[writeback.status]:
        raise IllegalMove(
            f"writeback {writeback.id} is {writeback.status.value}, so it cannot become {to.value}",
            field="status",
            remedy="only a dead writeback is retried by hand, and an accepted one never",
        )
    writeback.status = to
    writeback.version += 1
