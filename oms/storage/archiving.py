"""Move what is old into files: set aside, write, prove, drop; each step can be the last.

What was interrupted is taken up by the next run where it stopped: rows that were set aside stay in
the database until a file with all of them has been proved.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from sqlmodel import col, select

from oms import clock
from oms.db import listen_connection, transaction
from oms.errors import Conflict
from oms.storage import files, setting_aside
from oms.storage.kept import KEPT, Kept
from oms.storage.models import Archive
from oms.storage.setting_aside import HeldBack, Old

_ALONE: Final = "SELECT pg_try_advisory_lock(hashtextextended('oms storage archive', 0))"


class Step(StrEnum):
    """How far an archive has come."""

    SET_ASIDE = "set aside"
    WRITTEN = "written"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run did."""

    done: Sequence[Archive]
    held_back: Sequence[str]
    """Why partitions that are old enough had to stay."""


def due(days: Mapping[str, int]) -> Sequence[Old]:
    """What a run would take; `days` says for how long each table keeps its rows."""
    found: list[Old] = []
    for kept in _chosen(days):
        with transaction() as session:
            before = clock.now() - timedelta(days=days[kept.table])
            found += setting_aside.old(session, kept, before=before)
    return found


def archive(
    folder: Path,
    days: Mapping[str, int],
    *,
    tell: Callable[[Step, Archive], None] = lambda _step, _one: None,
) -> Outcome:
    """Archive everything that is old enough; returns what was. Raises `Conflict` if one is at it.

    After each step, once it is committed, `tell` hears of it.
    """
    done: list[Archive] = []
    held_back: list[str] = []
    with _alone():
        done += [_finish(unfinished, folder, tell) for unfinished in _unfinished()]
        for kept in _chosen(days):
            try:
                for taken in _taken(kept, before=clock.now() - timedelta(days=days[kept.table])):
                    tell(Step.SET_ASIDE, taken)
                    done.append(_finish(taken, folder, tell))
            except HeldBack as why:
                held_back.append(why.message)
    return Outcome(done, held_back)


def _taken(kept: Kept, *, before: datetime) -> Iterator[Archive]:
    """Set aside one after the other, what was left over first.

    The oldest partition leaves first: where one is held back, all later ones stay, so that
    those which are there follow each other without a gap.
    """
    with transaction() as session:
        left = setting_aside.set_left_aside(session, kept, before=before)
        waiting = setting_aside.old(session, kept, before=before)
    if left is not None:
        yield left
    for one in waiting:
        with transaction() as session:
            archive = setting_aside.set_aside(session, kept, one.partition)
        yield archive


def _finish(one: Archive, folder: Path, tell: Callable[[Step, Archive], None]) -> Archive:
    if one.written_at is None or not files.is_whole(one, folder):
        with transaction() as session:
            written = files.write(session, one, folder)
        with transaction() as session:
            one = session.get_one(Archive, one.id)
            one.file, one.sha256, one.row_count = written.file, written.sha256, written.rows
            one.written_at = clock.now()
        tell(Step.WRITTEN, one)
    with transaction() as session:
        one = session.get_one(Archive, one.id)
        setting_aside.drop(session, one)
    tell(Step.DROPPED, one)
    return one


def _unfinished() -> Sequence[Archive]:
    with transaction() as session:
        return session.exec(
            select(Archive).where(col(Archive.dropped_at).is_(None)).order_by(col(Archive.id))
        ).all()


def _chosen(days: Mapping[str, int]) -> Iterator[Kept]:
    return (kept for kept in KEPT if kept.table in days)


@contextmanager
def _alone() -> Iterator[None]:
    with listen_connection() as connection:
        row = connection.execute(_ALONE).fetchone()
        if row is None or not row[0]:
            raise Conflict(
                "another run is archiving", remedy="wait until it has ended; this one did nothing"
            )
        yield
