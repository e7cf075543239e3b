"""The partitions of a table, as PostgreSQL's catalogue has them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from oms.ids import time_of
from oms.storage.kept import Kept

SCHEMA: Final = "partitions"
"""Apart from the tables, so that whoever compares those with the models does not meet them."""

_OF = text(
    """
    SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) AS bounds,
           pg_total_relation_size(c.oid) AS bytes,
           greatest(c.reltuples, s.n_live_tup, 0)::bigint AS rows
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
    LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
    WHERE i.inhparent = to_regclass(:table)
    """
)
_COLUMNS = text(
    "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
    " WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
)
_BOUNDS: Final = re.compile(r"FROM \((.+)\) TO \((.+)\)")


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition; it holds what is not before `lower` and before `upper`."""

    name: str
    lower: datetime | None
    """None: from the beginning."""
    upper: datetime
    rows: int
    """As PostgreSQL's statistics estimate them."""
    bytes: int
    """With indexes."""


def partitions(session: Session, kept: Kept) -> Sequence[Partition]:
    """The partitions, the oldest first, without the one for whatever no other takes."""
    found = []
    for row in session.execute(_OF, {"table": kept.table}):
        if bounds := _BOUNDS.search(row.bounds):
            upper = _moment(bounds[2])
            assert upper is not None, f"{row.relname} has no end"
            found.append(Partition(row.relname, _moment(bounds[1]), upper, row.rows, row.bytes))
    return sorted(found, key=lambda one: one.upper)


def columns(session: Session, table: str) -> Sequence[tuple[str, str]]:
    """A table's columns with their types. Partitions may have them in another order."""
    return [(row[0], row[1]) for row in session.execute(_COLUMNS, {"table": table})]


def listed(session: Session, table: str) -> str:
    """A table's columns as SQL lists them."""
    return ", ".join(f'"{name}"' for name, _ in columns(session, table))


def _moment(bound: str) -> datetime | None:
    if bound == "MINVALUE":
        return None
    value = bound.strip("'")
    if re.fullmatch(r"[0-9a-f-]{36}", value):
        return time_of(UUID(value))
    return datetime.fromisoformat(value)
