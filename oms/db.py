"""The database: one engine per process, and the transaction that is the unit of work."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import Any, Final

import psycopg
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, create_engine

from oms.settings import settings

_MAKING = Lock()
SESSION_OPTIONS: Final = (
    "-c timezone=UTC -c idle_in_transaction_session_timeout=60s -c lock_timeout=15s"
)
"""A session that died in the middle must not hold row locks for hours."""


def sqlalchemy_url(url: str) -> str:
    """The SQLAlchemy form of a PostgreSQL address, whichever driver it names."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def engine() -> Engine:
    """The process's connection pool: one, also when many threads ask for the first time at once."""
    with _MAKING:
        return _engine()


def close_engine() -> None:
    """Close the pool; the next use opens another, at the address of the settings then."""
    with _MAKING:
        if _engine.cache_info().currsize:
            _engine().dispose()
            _engine.cache_clear()


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return create_engine(
        sqlalchemy_url(settings().require_database_url()),
        pool_size=settings().database_pool,
        max_overflow=4,
        pool_timeout=10,
        pool_pre_ping=True,  # a restarted server must cost one ping, not one failed request
        connect_args={
            "connect_timeout": 5,
            "application_name": "tributary",
            "options": SESSION_OPTIONS,
        },
    )


@contextmanager
def transaction() -> Generator[Session]:
    """A session whose work is committed at the end of the block, or not at all."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


def read_rows(session: Session, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows as the driver gives them: prepared, binary, plain tuples; placeholders are `%b`.

    For hot questions that read thousands of rows: these cost a third of what they cost as rows of
    SQLAlchemy. What the session has pending is flushed first. Raises what SQLAlchemy would.
    """
    session.flush()
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    try:
        with connection.cursor(binary=True) as cursor:
            return cursor.execute(statement.encode(), parameters, prepare=True).fetchall()
    except psycopg.Error as error:
        raised = DBAPIError.instance(statement, None, error, psycopg.Error)
        assert isinstance(raised, DBAPIError)
        raise raised from error


def listen_connection() -> psycopg.Connection[Any]:
    """A connection of its own for LISTEN, outside the pool and in autocommit."""
    return psycopg.connect(plain_url(), autocommit=True, connect_timeout=5)


@contextmanager
def alone(subject: str) -> Generator[None]:
    """One at a time in all processes, for as long as the block lasts; whoever dies lets go.

    Raises `psycopg.errors.LockNotAvailable` when others take longer than ten seconds.
    """
    patience = "-c lock_timeout=10s"
    with psycopg.connect(
        plain_url(), autocommit=True, connect_timeout=5, options=patience
    ) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [subject])
        yield


def plain_url() -> str:
    """The address of the settings as PostgreSQL's own library reads it."""
    url = make_url(settings().require_database_url()).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)
