"""Send many rows to PostgreSQL by COPY, inside the session's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any, Final, cast

import psycopg
from psycopg import sql
from sqlmodel import Session

from oms.ahead import ahead

Table = tuple[str, Sequence[str], Iterable[Sequence[Any]]]
"""A table's name, its columns, and rows for it."""

_BLOCK_ROWS: Final = 500
_BLOCKS_AHEAD: Final = 8
_SPECIAL: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
"""Characters that the text format of COPY reads as something else (PostgreSQL, COPY)."""


def copy_rows(
    session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows to a table. Values are text, numbers or ids, written as `str` does; None is NULL."""
    copy_tables(session, [(table, columns, rows)])


def copy_tables(session: Session, tables: Sequence[Table]) -> None:
    """Add rows to one table after the other.

    The server works on one block while a thread beside makes the next ones, also across the end
    of a table, where the server checks foreign keys. Rows are drawn in that thread.
    """
    cursor = connection(session).cursor()
    for at, blocks in groupby(ahead(_blocks(tables), most=_BLOCKS_AHEAD), lambda one: one[0]):
        name, columns, _ = tables[at]
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with cursor.copy(statement) as copy:
            for _, block in blocks:
                copy.write(block)


def _blocks(tables: Sequence[Table]) -> Iterator[tuple[int, bytes]]:
    """Some rows of a table, by its position; a table without rows has none."""
    for at, (_, columns, rows) in enumerate(tables):
        lines = (_line(row, width=len(columns)) for row in rows)
        while block := "".join(islice(lines, _BLOCK_ROWS)):
            yield at, block.encode()


def connection(session: Session) -> psycopg.Connection[Any]:
    """The driver's connection under the session, in the same transaction."""
    return cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)


def _line(row: Sequence[Any], *, width: int) -> str:
    """A row as one line. Most rows hold nothing special, which is quickest seen in the whole."""
    line = "\t".join(
        [one if type(one) is str else "\\N" if one is None else str(one) for one in row]
    )
    if (
        line.count("\t") == width - 1
        and "\n" not in line
        and "\r" not in line
        and ("\\" not in line or line.count("\\") == sum(one is None for one in row))
    ):
        return line + "\n"
    return "\t".join(["\\N" if one is None else _escaped(one) for one in row]) + "\n"


def _escaped(value: Any) -> str:
    return str(value).translate(_SPECIAL)
