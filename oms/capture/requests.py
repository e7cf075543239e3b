"""Requests of programs in a batch: who asks, what was answered before, what is answered now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import AsyncCursor

from oms import clock
from oms.access.models import CommandKind, Scope
from oms.access.signing_in import USE_NOTED_EVERY
from oms.capture import questions
from oms.capture.arrivals import LEFT, Answered, Arrival, Fate, Outcome, Request
from oms.capture.holding import Connection
from oms.capture.rows import Placing, status_of

Cursor = AsyncCursor[tuple[Any, ...]]
Key = tuple[str, str]
"""The hash of a service key, and the idempotency key sent with it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says of a batch's requests."""

    callers: Mapping[Key, str] = field(default_factory=dict)
    """Who asks; without those who may not, and without what somebody else has in hand."""
    answers: Mapping[Key, tuple[str, str, Mapping[str, Any]]] = field(default_factory=dict)
    """Kind, digest and answer of commands that were carried out before."""
    unnoted: Sequence[str] = ()
    """Hashes of keys whose last use should be noted again."""

    def outcome(self, request: Request) -> Outcome | None:
        """What is settled without a look at the order: a repetition, or a case for others."""
        key = (request.key_hash, request.once)
        if key not in self.callers:
            return LEFT
        if key not in self.answers:
            return None
        kind, digest, answer = self.answers[key]
        if (kind, digest) != (CommandKind.PLACE_ORDER.value, request.digest):
            return LEFT
        return Outcome(Fate.REPEATED, answer=answer)


async def ask(connection: Connection, arrivals: Sequence[Arrival]) -> tuple[Cursor, Cursor] | None:
    """Ask who the requests are from; hand the answers to `read` once more was sent."""
    keys = {one.key for one in arrivals if isinstance(one.by, Request)}
    if not keys:
        return None
    columns = [[key for key, _ in keys], [once for _, once in keys]]
    now = clock.now()
    # Locked first: what is read after it is not changed by others any more.
    callers = await connection.execute(
        questions.CALLERS, [now - USE_NOTED_EVERY, *columns, Scope.ORDERS_WRITE.value, now]
    )
    return callers, await connection.execute(questions.KNOWN_COMMANDS, columns)


async def read(asked: tuple[Cursor, Cursor] | None) -> Known:
    """The answers to `ask`."""
    if asked is None:
        return Known()
    callers, commands = [await cursor.fetchall() for cursor in asked]
    return Known(
        callers={(row[0], row[1]): row[2] for row in callers if row[4]},
        answers={(row[0], row[1]): (row[2], row[3], row[4]) for row in commands},
        unnoted=sorted({row[0] for row in callers if row[3]}),
    )


async def keep(connection: Connection, placings: Sequence[Placing]) -> Cursor | None:
    """Keep the answers of requests whose orders were just written; `numbered` reads them."""
    rows = [
        (one.actor, by.once, by.digest, _answer(one, by), one.order_id, one.at)
        for one in placings
        if isinstance(by := one.arrival.by, Request)
    ]
    if not rows:
        return None
    columns = [list(column) for column in zip(*rows, strict=True)]
    return await connection.execute(
        questions.KEEP_ANSWERS, [CommandKind.PLACE_ORDER.value, *columns]
    )


async def numbered(kept: Cursor | None) -> Mapping[str, Mapping[str, Any]]:
    """The answers that `keep` kept, by the order's id."""
    if kept is None:
        return {}
    return {row[0]["order_id"]: row[0] for row in await kept.fetchall()}


async def note_use(connection: Connection, known: Known, *, at: datetime) -> None:
    """Remember when keys were last used, as `oms.access.signing_in` does."""
    if known.unnoted:
        await connection.execute(questions.NOTE_USE, [at, known.unnoted, at - USE_NOTED_EVERY])


def _answer(one: Placing, by: Request) -> str:
    answered = Answered(
        one.order_id, status_of(one), one.plan.wanted.promise_by, one.plan.missing_units()
    )
    return json.dumps(by.shape(answered))
