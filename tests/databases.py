"""Databases for tests that commit: one is emptied and handed on, because making one is dear.

A copy of the template is some thousand files, four tenths of a second of the server's time; what a
test leaves behind is gone in hundredths. Every test still finds a database of a name that nobody
had before, so nothing that a process remembers of an address can deceive it.
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from sqlalchemy import make_url

TEMPLATE: Final = "tributary_template"
PARAMETER: Final = "session_replication_role"
"""Lets whoever empties a database do it in any sequence, past the triggers that guard the ledger.
The tests' role must be allowed to set it."""

_MOST_TESTS: Final = 50
"""After so many the rows that they left behind, dead but not vacuumed, are worth a new copy."""
_NUMBERED: Final = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL
"""
_TABLES: Final = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""
_SHAPE: Final = """
SELECT (SELECT hash_record_extended(row(count(*), sum(oid::bigint)), 0) FROM pg_class),
       (SELECT hash_record_extended(row(count(*), sum(oid::bigint)), 0) FROM pg_constraint),
       (SELECT string_agg(oid || tgenabled::text, ',' ORDER BY oid) FROM pg_trigger),
       (SELECT string_agg(xmin::text, ',' ORDER BY oid) FROM pg_proc WHERE oid >= 16384),
       (SELECT count(*) FROM pg_attribute WHERE attrelid >= 16384 AND NOT attisdropped),
       (SELECT count(*) FROM pg_db_role_setting)
"""
"""What tells that a test changed more than rows."""


class Databases:
    """Those of one worker."""

    def __init__(self) -> None:
        self._free: str | None = None
        self._shape: tuple[Any, ...] = ()
        self._tables: Mapping[str, bytes] = {}
        self._tests = 0

    def take(self) -> str:
        """A migrated database without rows; its name."""
        name, fresh = self._free, new_name()
        self._free = None
        if name is None:
            create(fresh)
            self._shape, self._tables, self._tests = _shape(fresh), _contents(fresh), 0
        else:
            with _server() as server:
                server.execute(f'ALTER DATABASE "{name}" RENAME TO "{fresh}"')
        return fresh

    def give_back(self, name: str) -> None:
        """Empty it for the next test, or drop it if that would not do."""
        self._tests += 1
        with _server() as server:
            _send_away(server, name)
        if self._tests < _MOST_TESTS and _shape(name) == self._shape:
            _restore(name, self._tables)
            self._free = name
        else:
            drop(name)

    def close(self) -> None:
        """Drop what is left."""
        if self._free is not None:
            drop(self._free)


@contextmanager
def another() -> Iterator[str]:
    """A migrated database of its own, for the length of the block; its address."""
    name = new_name()
    create(name)
    yield url(name)
    drop(name)


def new_name() -> str:
    """A name that no database had before."""
    return f"tributary_{secrets.token_hex(4)}"


def create(name: str, *, template: str = TEMPLATE) -> None:
    """Copy a database."""
    with _server() as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')


def drop(name: str) -> None:
    """Drop a database, whoever is connected."""
    with _server() as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def url(name: str) -> str:
    """The address of a database."""
    server = make_url(os.environ["TEST_DATABASE_SERVER"])
    return server.set(database=name).render_as_string(hide_password=False)


def _server() -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ["TEST_DATABASE_SERVER"], autocommit=True)


def _send_away(server: psycopg.Connection[Any], name: str) -> None:
    """End the connections of a database; each is waited for, because a rename waits for none."""
    server.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
    )


def _shape(name: str) -> tuple[Any, ...]:
    with psycopg.connect(url(name), autocommit=True) as connection:
        found = connection.execute(_SHAPE).fetchone()
    assert found is not None
    return found


def _contents(name: str) -> dict[str, bytes]:
    """Every table, and the rows that migrations put there."""
    with psycopg.connect(url(name), autocommit=True) as connection:
        found = {}
        for (table,) in connection.execute(_TABLES).fetchall():
            with connection.cursor().copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as copy:
                found[table] = b"".join(copy)
    return found


def _restore(name: str, tables: Mapping[str, bytes]) -> None:
    with psycopg.connect(url(name)) as connection:
        connection.execute(f"SET LOCAL {PARAMETER} = replica")
        connection.execute(";".join(f"DELETE FROM {table}" for table in tables))
        for table, rows in tables.items():
            if rows:
                with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(rows)
        connection.execute(_NUMBERED)
