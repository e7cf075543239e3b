"""Take a stretch of a table out of it, without a moment in which anything does not add up.

What is still needed stays: in the transaction in which a partition is detached, those rows go into
the default partition, and leave it in a later run, when nobody needs them any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from oms import clock
from oms.errors import Conflict
from oms.inventory import carrying
from oms.storage.kept import LEDGER, Kept
from oms.storage.locking import one_at_a_time, patiently
from oms.storage.models import Archive
from oms.storage.partitions import SCHEMA, Partition, listed, partitions

MOST_NEEDED: Final = 50_000
"""Rows that may stay behind; a partition with more is held back as a whole."""
_NEEDED: Final = "still_needed"


class HeldBack(Conflict):
    """Too much of a partition is still needed."""

    code = "held_back"


@dataclass(frozen=True, slots=True)
class Old:
    """A partition that is old enough to leave, and how many of its rows are still needed."""

    table: str
    partition: Partition
    needed: int

    @property
    def held_back(self) -> bool:
        """Whether it has to wait."""
        return self.needed > MOST_NEEDED


def old(session: Session, kept: Kept, *, before: datetime) -> Sequence[Old]:
    """The partitions of which every row is older, the oldest first."""
    return [
        Old(kept.table, one, _count_needed(session, kept, one))
        for one in partitions(session, kept)
        if one.upper <= before
    ]


def set_aside(session: Session, kept: Kept, partition: Partition) -> Archive:
    """Detach a partition; raises `HeldBack` or `NeverFree`.

    Whatever takes time is done before the table is locked, and that lock is given up at once
    when it is not got at once.
    """
    one_at_a_time(session)
    name = f"{SCHEMA}.{partition.name}"
    if kept is LEDGER:  # rows are only added to it, and none to an old partition: nobody waits
        patiently(session, f"LOCK TABLE {name} IN SHARE MODE")
    needed = _note_needed(session, kept, name)
    if needed > MOST_NEEDED:
        raise HeldBack(
            f"{needed:,} rows of {partition.name} are still needed",
            remedy="close the orders and cases that they belong to, or see what the outbox and"
            " whoever publishes stock wait for",
        )
    if kept is LEDGER:
        carrying.carry(session, name, but_not=_NEEDED)
    patiently(session, f"ALTER TABLE {kept.table} DETACH PARTITION {name}")
    names = listed(session, kept.table)
    stays = f"r.id IN (SELECT id FROM {_NEEDED}) OR {kept.urgent}"  # noqa: S608 - our names
    stayed = session.execute(
        text(
            f"WITH stays AS (DELETE FROM {name} r WHERE {stays} RETURNING {_of_row(names)})"  # noqa: S608 - our names
            f" INSERT INTO {kept.table} ({names}) SELECT {names} FROM stays RETURNING 1"
        )
    ).all()
    return _note(
        session, kept, partition.name, partition.lower, partition.upper, stayed=len(stayed)
    )


def set_left_aside(session: Session, kept: Kept, *, before: datetime) -> Archive | None:
    """Move what the default partition has of old rows into a table of its own, if there are any.

    These are rows that were needed when their partition left, and no longer are.
    """
    one_at_a_time(session)
    default = f"{SCHEMA}.{kept.default}"
    gone = f"r.{kept.column} < {kept.bound(before)} AND NOT {kept.needed}"
    if not session.execute(text(f"SELECT EXISTS (SELECT FROM {default} r WHERE {gone})")).scalar():  # noqa: S608 - our names
        return None
    name = f"{kept.table}_left_{clock.now():%Y%m%d%H%M%S%f}"
    names = listed(session, kept.table)
    session.execute(text(f"CREATE TABLE {SCHEMA}.{name} (LIKE {kept.table} INCLUDING CONSTRAINTS)"))
    session.execute(
        text(
            f"WITH left_over AS (DELETE FROM {default} r WHERE {gone} RETURNING {_of_row(names)})"  # noqa: S608 - our names
            f" INSERT INTO {SCHEMA}.{name} ({names}) SELECT {names} FROM left_over"
        )
    )
    if kept is LEDGER:
        session.execute(text(f"CREATE TEMP TABLE {_NEEDED} (id bigint) ON COMMIT DROP"))
        carrying.carry(session, f"{SCHEMA}.{name}", but_not=_NEEDED)
    return _note(session, kept, name, None, before, stayed=0)


def drop(session: Session, archive: Archive) -> None:
    """Drop the rows of what has been written."""
    assert archive.written_at is not None, "its file is all that is left of it"
    session.execute(text(f"DROP TABLE IF EXISTS {SCHEMA}.{archive.partition_name}"))
    archive.dropped_at = clock.now()
    session.add(archive)


def _note(
    session: Session,
    kept: Kept,
    name: str,
    lower: datetime | None,
    upper: datetime,
    *,
    stayed: int,
) -> Archive:
    archive = Archive(
        table_name=kept.table,
        partition_name=name,
        lower_bound=lower,
        upper_bound=upper,
        still_needed=stayed,
        set_aside_at=clock.now(),
    )
    session.add(archive)
    session.flush()
    return archive


def _count_needed(session: Session, kept: Kept, one: Partition) -> int:
    count: int = session.execute(
        text(f"SELECT count(*) FROM {SCHEMA}.{one.name} r WHERE {kept.needed}")  # noqa: S608 - our names
    ).scalar_one()
    return count


def _note_needed(session: Session, kept: Kept, name: str) -> int:
    """Note the ids of what is needed, and at most one more than may stay behind."""
    session.execute(
        text(
            f"CREATE TEMP TABLE {_NEEDED} ON COMMIT DROP AS SELECT r.id FROM {name} r"  # noqa: S608 - our names
            f" WHERE {kept.needed} LIMIT {MOST_NEEDED + 1}"
        )
    )
    count: int = session.execute(text(f"SELECT count(*) FROM {_NEEDED}")).scalar_one()  # noqa: S608 - a constant
    session.execute(text(f"ANALYZE {_NEEDED}"))
    return count


def _of_row(names: str) -> str:
    return ", ".join(f"r.{name}" for name in names.split(", "))
