"""Carry what a caller asks for out once, whichever door it comes through."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from oms.access import commands
from oms.access.models import CommandKind
from oms.access.signing_in import Caller


def once(
    session: Session,
    kind: CommandKind,
    who: Caller,
    key: str,
    request: dict[str, Any],
    carry_out: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Carry a caller's command out once per key; a repetition gets the first answer."""
    return commands.once(
        session, kind, caller=who.actor, key=key, request=request, carry_out=carry_out
    )
