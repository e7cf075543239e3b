"""Send many rows to PostgreSQL by COPY, inside the session's transaction."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final, cast

import psycopg
from psycopg import sql
from sqlmodel import Session

_BLOCK_ROWS: Final = 500
_SPECIAL: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
"""Characters that the text format of COPY reads as something else (PostgreSQL, COPY)."""


def copy_rows(
    session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows to a table. Values are text, numbers or ids, written as `str` does; None is NULL."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection(session).cursor().copy(statement) as copy:
        # Block by block: the server works on one while the next is made.
        lines = (_line(row, width=len(columns)) for row in rows)
        while block := "".join(islice(lines, _BLOCK_ROWS)):
            copy.write(block)


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
