"""Say on the spot that something in a store has changed, for the pages that are open there.

Each change is a row with the number of its transaction. A page that comes back says up to which
*moment* it was told: a snapshot of PostgreSQL. What that snapshot did not see happened since,
also if it began before and was committed later, which no running number could tell.
"""

import re
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

LIVE = "oms_live"
"""The LISTEN channel of the web processes; the payload is a location's id."""

KEPT = timedelta(days=2)
"""How long changes are known. Who was away for longer is told to read again."""

_ANNOUNCE: Final = text(
    "WITH noted AS (INSERT INTO store_changes (location_id) VALUES (:location_id))"
    " SELECT pg_notify(:channel, CAST(:location_id AS text))"
)
_NOW: Final = "SELECT pg_current_snapshot() || '@' || floor(extract(epoch FROM now()))::bigint"
_MISSED: Final = text(
    "SELECT pg_snapshot_xmax(now_seen) < pg_snapshot_xmax(seen)"  # another database than it was
    "    OR to_timestamp(:at) < now() - CAST(:kept AS interval)"
    "    OR EXISTS (SELECT FROM store_changes WHERE location_id = :location_id"
    "               AND xid >= pg_snapshot_xmin(seen)::text::bigint"
    "               AND NOT pg_visible_in_snapshot(xid::text::xid8, seen))"
    " FROM CAST(:seen AS pg_snapshot) AS seen, pg_current_snapshot() AS now_seen"
)
_MOMENT: Final = re.compile(r"(\d{1,19}:\d{1,19}:[\d,]{0,4000})@(\d{1,11})")


def announce(session: Session, *, location_id: UUID) -> None:
    """Tell open pages to read again. Sent at commit; PostgreSQL folds repeats into one."""
    session.execute(_ANNOUNCE, {"channel": LIVE, "location_id": location_id})


def moment(connection: psycopg.Connection[Any]) -> str:
    """What is committed now, as a page may name it later."""
    found = connection.execute(_NOW.encode()).fetchone()
    assert found is not None
    return str(found[0])


def catch_up(session: Session, *, location_id: UUID, told: str) -> tuple[bool, str]:
    """Whether something changed there since the moment that a page names, and the moment now.

    Whoever names none, or one of which nobody can know, has missed something.
    """
    # The moment comes first: what is committed in between is told twice, not never.
    now = str(session.execute(text(_NOW)).scalar_one())
    read = _MOMENT.fullmatch(told)
    if read is None:
        return True, now
    asked = {"location_id": location_id, "seen": read[1], "at": int(read[2]), "kept": KEPT}
    try:
        with session.begin_nested():
            return bool(session.execute(_MISSED, asked).scalar_one()), now
    except DBAPIError:  # it looks like a snapshot and is none
        return True, now


def forget(session: Session) -> None:
    """Drop changes that nobody can ask for any more."""
    session.execute(
        text("DELETE FROM store_changes WHERE at < now() - CAST(:kept AS interval)"),
        {"kept": 2 * KEPT},
    )
