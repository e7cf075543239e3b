"""The migrations make what the models say, go back, and can be repeated by several at once."""

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

import oms.migrations
from oms import migrating
from oms.db import sqlalchemy_url
from oms.tables import METADATA
from tests.concurrency import at_once

NEWEST = ScriptDirectory(str(Path(oms.migrations.__file__).parent)).get_current_head()
# Everything that the database enforces or is quick by; Alembic compares no CHECK constraint.
STRUCTURE = """
SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' '
       || coalesce(character_maximum_length::text, '') || ' ' || is_nullable || ' '
       || is_identity || ' ' || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
UNION ALL
SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
  AND conrelid::regclass::text <> 'alembic_version'
UNION ALL
SELECT 'index ' || indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL
SELECT 'options ' || relname || ' ' || reloptions::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL
"""


@pytest.fixture
def an_empty_database() -> Iterator[Callable[[], str]]:
    """Makes empty databases and removes them after the test."""
    server = make_url(os.environ["TEST_DATABASE_SERVER"])
    made: list[str] = []

    def make() -> str:
        name = f"tributary_{secrets.token_hex(4)}"
        with psycopg.connect(os.environ["TEST_DATABASE_SERVER"], autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        made.append(name)
        return server.set(database=name).render_as_string(hide_password=False)

    yield make
    with psycopg.connect(os.environ["TEST_DATABASE_SERVER"], autocommit=True) as connection:
        for name in made:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def structure(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute(STRUCTURE)}


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row[0] for row in rows}


def test_the_migrations_make_exactly_what_the_models_say(
    an_empty_database: Callable[[], str],
) -> None:
    migrated, modelled = an_empty_database(), an_empty_database()
    assert migrating.migrate(migrated) == NEWEST
    assert migrating.differences(migrated) == []
    engine = create_engine(sqlalchemy_url(modelled), poolclass=NullPool)
    METADATA.create_all(engine)
    engine.dispose()
    found, wanted = structure(migrated), structure(modelled)
    assert found - wanted == set()
    assert wanted - found == set()
    assert len(wanted) > 300


def test_an_older_database_differs(an_empty_database: Callable[[], str]) -> None:
    url = an_empty_database()
    assert len(migrating.differences(url)) >= len(METADATA.tables)
    migrating.migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE orders DROP COLUMN tax_included")
    assert len(migrating.differences(url)) == 1


def test_migrations_go_back_to_nothing_and_forward_again(
    an_empty_database: Callable[[], str],
) -> None:
    url = an_empty_database()
    migrating.migrate(url)
    before = structure(url)
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        command.downgrade(migrating.config(connection), "base")
    assert tables(url) == {"alembic_version"}
    assert structure(url) == set()
    migrating.migrate(url)
    assert structure(url) == before
    engine.dispose()


def test_several_processes_migrate_one_database_at_once(
    an_empty_database: Callable[[], str],
) -> None:
    url = an_empty_database()
    assert at_once([lambda: migrating.migrate(url)] * 3) == [NEWEST] * 3
    assert migrating.migrate(url) == NEWEST
    assert migrating.differences(url) == []


def test_postcodes_that_were_written_in_several_ways_become_one(
    an_empty_database: Callable[[], str],
) -> None:
    url = an_empty_database()
    migrating.migrate(url)
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        command.downgrade(migrating.config(connection), "0008-1")
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO postcodes VALUES ('GB', 'SW1A 1AA', 51, 0), ('GB', 'SW1A1AA', 52, 0),"
            " ('PL', '00-950', 52, 21), ('US', '10002', 40, -74), ('US', '-', 1, 1)"
        )
    migrating.migrate(url)
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT postcode, latitude FROM postcodes ORDER BY 1").fetchall()
    assert rows == [("00950", 52), ("10002", 40), ("SW1A1AA", 52)]
    engine.dispose()
