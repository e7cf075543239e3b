"""Locks on tables that are always in use: asked for briefly, and again."""

import time
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from oms.errors import Conflict

_TRIES: Final = 30
_PATIENCE: Final = "200ms"
"""Whoever uses the table waits for us as long as we wait for them, so this is short."""
_BETWEEN_S: Final = 1.0


class NeverFree(Conflict):
    """Others use the table without a pause. Nothing was changed."""

    code = "table_in_use"


def patiently(session: Session, statement: str) -> None:
    """Run a statement that needs a lock as soon as the lock is free; raises `NeverFree`."""
    for _ in range(_TRIES):
        savepoint = session.begin_nested()
        try:
            session.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
            session.execute(text(statement))
        except OperationalError:  # the lock was not got, or others would have waited in a circle
            savepoint.rollback()
            time.sleep(_BETWEEN_S)
        else:
            savepoint.commit()
            return
    raise NeverFree(
        f"what was needed for an instant was in use {_TRIES} times: {statement}",
        remedy="run it again in a quiet hour; `pg_stat_activity` shows whose transaction is open",
    )


def one_at_a_time(session: Session) -> None:
    """Keep others from changing partitions; to be called before looking at them."""
    patiently(session, "SELECT pg_advisory_xact_lock(hashtextextended('oms storage', 0))")
