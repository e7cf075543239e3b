"""Bring a database's structure up to date, or say how it differs."""

from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from oms.db import sqlalchemy_url
from oms.tables import METADATA

_MIGRATION_LOCK = 0x7472_6962  # "trib": two processes that start together migrate one by one


def config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection."""
    made = Config()
    made.set_main_option("script_location", "oms:migrations")
    made.attributes["connection"] = connection
    return made


def migrate(database_url: str) -> str:
    """Apply every missing migration and return the revision that the database is at.

    Safe to run from several processes at once and repeatedly.
    """
    engine = _engine(database_url)
    with engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
        with engine.begin() as connection:
            command.upgrade(config(connection), "head")
            revision = MigrationContext.configure(connection).get_current_revision()
        guard.rollback()  # ends the connection's use; the lock goes with it
    engine.dispose()
    return revision or ""


def differences(database_url: str) -> list[Any]:
    """What the models say and the database does not have; empty when they agree."""
    engine = _engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[Any] = compare_metadata(context, METADATA)
    engine.dispose()
    return found


def _engine(database_url: str) -> Engine:
    return create_engine(
        sqlalchemy_url(database_url), poolclass=NullPool, connect_args={"connect_timeout": 10}
    )
