"""The moves a sending may make, and the function that makes them."""

from collections.abc import Mapping
from typing import Final

from oms import clock
from oms.errors import IllegalMove
from oms.notifications.models import NoticeSending, SendingStatus

_S = SendingStatus

NEXT: Final[Mapping[SendingStatus, frozenset[SendingStatus]]] = {
    _S.OWED: frozenset({_S.SENT, _S.REFUSED, _S.DEAD}),
    _S.SENT: frozenset(),
    _S.REFUSED: frozenset({_S.OWED}),
    _S.DEAD: frozenset({_S.OWED}),
    _S.SKIPPED: frozenset(),
    _S.OPTED_OUT: frozenset(),
}


def move(sending: NoticeSending, to: SendingStatus, *, error: str | None = None) -> None:
    """Change the status; why it failed is kept, and forgotten once it has gone out."""
    if to not in NEXT[sending.status]:
        raise IllegalMove(
            f"this sending is {sending.status.value}, so it cannot become {to.value}",
            field="status",
            remedy="read it again; what was sent, skipped or not wanted stays so",
            facts={"status": sending.status.value},
        )
    sending.status = to
    sending.last_error = error[:500] if error else None
    if to is SendingStatus.SENT:
        sending.sent_at = clock.now()
