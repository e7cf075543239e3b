"""Make partitions before their time has come.

Where one is missing all the same, the default partition has taken the rows; they move into the
partition when it is made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from oms import clock
from oms.db import transaction
from oms.settings import settings
from oms.storage import spans
from oms.storage.kept import KEPT, Kept
from oms.storage.locking import one_at_a_time, patiently
from oms.storage.partitions import SCHEMA, Partition, listed, partitions
from oms.storage.spans import Span

MOST_MOVED: Final = 100_000
"""Rows that may move out of the default partition while others may have to wait for it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A partition that was made, or that was not because too many rows would have to move."""

    table: str
    lower: datetime
    upper: datetime
    moved: int
    put_off: bool = False


def maintain(*, most_moved: int | None = MOST_MOVED) -> list[Made]:
    """Make every partition that is missing, each in a transaction of its own, the newest first.

    May be repeated and may run in several processes at once. `most_moved` of None moves however
    many rows the default partition has.
    """
    now, given = clock.now(), settings()
    done = []
    for kept in KEPT:
        with transaction() as session:
            until = spans.horizon(given.partition_span, now, ahead=given.partitions_ahead)
            gaps = list(
                missing(
                    partitions(session, kept), span=given.partition_span, since=now, until=until
                )
            )
        for lower, upper in reversed(gaps):
            with transaction() as session:
                made = _make(session, kept, lower, upper, most_moved=most_moved)
            if made is not None:
                done.append(made)
    return done


def missing(
    present: Sequence[Partition], *, span: Span, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The stretches that no partition holds, from the oldest partition on or else from `since`."""
    reached = spans.start(span, since)
    if present:
        reached = present[0].lower or present[0].upper
    for one in present:
        yield from _cut(span, reached, one.lower or reached)
        reached = max(reached, one.upper)
    yield from _cut(span, reached, until)


def in_default(
    session: Session, kept: Kept, lower: datetime, upper: datetime, *, most: int | None = None
) -> int:
    """How many rows of a stretch the default partition has; counting stops beyond `most`."""
    limit = "" if most is None else f"LIMIT {most + 1}"
    found: int = session.execute(
        text(
            f"SELECT count(*) FROM (SELECT FROM {SCHEMA}.{kept.default}"  # noqa: S608 - our names
            f" WHERE {_within(kept, lower, upper)} {limit}) r"
        )
    ).scalar_one()
    return found


def _cut(span: Span, lower: datetime, upper: datetime) -> Iterator[tuple[datetime, datetime]]:
    while lower < upper:
        following = min(spans.end(span, lower), upper)
        yield lower, following
        lower = following


def _make(
    session: Session, kept: Kept, lower: datetime, upper: datetime, *, most_moved: int | None
) -> Made | None:
    """Make one partition; None if another process was faster.

    Whoever writes goes on meanwhile: only rows for the default partition wait for the commit.
    """
    one_at_a_time(session)
    if any((one.lower or lower) < upper and lower < one.upper for one in partitions(session, kept)):
        return None
    if most_moved is not None and in_default(session, kept, lower, upper, most=most_moved) > (
        most_moved
    ):
        return Made(kept.table, lower, upper, moved=0, put_off=True)
    name, default = f"{SCHEMA}.{kept.table}_{lower:%Y%m%d}", f"{SCHEMA}.{kept.default}"
    names = listed(session, kept.table)
    session.execute(text(f"CREATE TABLE {name} (LIKE {kept.table} INCLUDING CONSTRAINTS)"))
    patiently(session, f"LOCK TABLE {default} IN ACCESS EXCLUSIVE MODE")
    moved: int = session.execute(
        text(
            f"WITH moved AS (DELETE FROM {default} WHERE {_within(kept, lower, upper)}"  # noqa: S608 - our names
            f" RETURNING {names}), put AS (INSERT INTO {name} ({names}) SELECT {names} FROM moved)"
            " SELECT count(*) FROM moved"
        )
    ).scalar_one()
    patiently(
        session,
        f"ALTER TABLE {kept.table} ATTACH PARTITION {name}"
        f" FOR VALUES FROM ({kept.bound(lower)}) TO ({kept.bound(upper)})",
    )
    return Made(kept.table, lower, upper, moved)


def _within(kept: Kept, lower: datetime, upper: datetime) -> str:
    return f"{kept.column} >= {kept.bound(lower)} AND {kept.column} < {kept.bound(upper)}"
