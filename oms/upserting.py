"""Write many rows in one statement: insert what is new, change what differs, leave the rest."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    Table,
    Text,
    bindparam,
    func,
    inspect,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.types import TypeEngine
from sqlmodel import AutoString, Session, SQLModel

Row = Mapping[str, object]
"""A table's row by column name."""

# A row version that this statement inserted has never been locked or replaced by another.
_IS_NEW = literal_column("xmax = 0", Boolean()).label("is_new")


@dataclass(frozen=True, slots=True)
class Upserted:
    """How many rows were new, and how many were there with other values."""

    added: int = 0
    changed: int = 0


def upsert(
    session: Session,
    model: type[SQLModel],
    rows: Sequence[Row],
    *,
    key: Sequence[str],
    keep: Collection[str] = (),
) -> Upserted:
    """Make a table hold these rows, which all name the same columns.

    `key` is a unique set of columns, no two rows alike in it. The columns in `keep` are set when
    a row is new and never changed. Rows travel as one array a column, which for tens of thousands
    is several times faster than a statement a row, and are locked in the order of their keys, so
    that two callers queue and do not deadlock.
    """
    if not rows:
        return Upserted()
    table = inspect(model).local_table
    assert isinstance(table, Table)
    names = list(rows[0])
    ordered = sorted(rows, key=lambda row: tuple(str(row[name]) for name in key))
    arrays = [
        bindparam(None, [row[name] for row in ordered], type_=ARRAY(_whole(table.c[name].type)))
        for name in names
    ]
    given = func.unnest(*arrays).table_valued(*names).render_derived("given")
    statement = insert(table).from_select(names, select(*(given.c[name] for name in names)))
    changing = [name for name in names if name not in key and name not in keep]
    written = session.execute(
        _settled(statement, table, key=key, changing=changing).returning(_IS_NEW)
    ).scalars()
    new = written.all()
    return Upserted(added=sum(new), changed=len(new) - sum(new))


def _whole(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type without its length: a cast to VARCHAR(2) would cut a text short and say nothing."""
    return Text() if isinstance(kind, AutoString) else kind


def _settled(
    statement: Insert, table: Table, *, key: Sequence[str], changing: Sequence[str]
) -> Insert:
    """The statement with what it does about rows that are there already."""
    if not changing:
        return statement.on_conflict_do_nothing(index_elements=list(key))
    return statement.on_conflict_do_update(
        index_elements=list(key),
        set_={name: statement.excluded[name] for name in changing},
        where=or_(*(table.c[name].is_distinct_from(statement.excluded[name]) for name in changing)),
    )
