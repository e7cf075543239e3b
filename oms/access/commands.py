"""Carry a command out once, however often its key is sent."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from oms import clock
from oms.access.models import Command, CommandKind
from oms.errors import Conflict


class KeyReused(Conflict):
    """The idempotency key was used for another request."""

    code = "idempotency_key_reused"


def once(
    session: Session,
    kind: CommandKind,
    *,
    caller: str,
    key: str,
    request: dict[str, Any],
    carry_out: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Run `carry_out`, or return the answer that this key had before.

    Answer and effect commit together. Two requests with one key at the same time queue on an
    advisory lock, so the second finds the first's answer. A key with another request is
    refused: the caller has mixed something up.
    """
    digest = digest_of(request)
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"command:{caller}:{key}"},
    )
    known = session.get(Command, (caller, key))
    if known is not None:
        if known.digest != digest or known.kind is not kind:
            raise KeyReused(
                "this idempotency key was used for a different request",
                field="Idempotency-Key",
                remedy="send a new key for a new request",
            )
        return known.answer
    answer = carry_out()
    session.add(
        Command(caller=caller, key=key, kind=kind, digest=digest, answer=answer, at=clock.now())
    )
    return answer


def digest_of(request: dict[str, Any]) -> str:
    """A fingerprint of what was requested; the same whatever the sequence of its fields."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
