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


ROWS = (
    "INSERT INTO stock_movements (sku, location_id, kind, on_hand_delta, reserved_delta,"
    " cause_type, actor, at, idempotency_key)"
    " SELECT 'MUG', gen_random_uuid(), 'receive', n, 0, 'test', 'anna',"
    " now() - n * interval '40 days',"
    " 'key ' || n FROM generate_series(1, 20) n",
    # A clock was wrong.
    "INSERT INTO stock_movements (sku, location_id, kind, on_hand_delta, reserved_delta,"
    " cause_type, actor, at)"
    " VALUES ('MUG', gen_random_uuid(), 'receive', 1, 0, 'test', 'anna', '2200-01-01')",
    "INSERT INTO audit (at, actor, action, subject_type, subject_id, facts)"
    " VALUES (now(), 'anna', 'tested', 'test', gen_random_uuid(), '{}')",
    "INSERT INTO channel_messages (id, channel, dedupe_key, topic, reference, received_at,"
    " headers, body, status, attempts, repeats, outcome) SELECT id, 'shopify', id::text,"
    " 'orders/create', '1', now(), '{}', '', 'ignored', 0, 0, ''"
    " FROM (SELECT uuidv7(-n * interval '40 days') AS id FROM generate_series(1, 20) n"
    " UNION ALL SELECT 'ffffffff-ffff-4fff-bfff-ffffffffffff') AS made",
)
CUT = ("stock_movements", "outbox", "audit", "channel_messages")


def test_what_is_there_is_cut_by_time_and_put_together_again(
    an_empty_database: Callable[[], str],
) -> None:
    url = an_empty_database()
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)

    def go(move: Callable[..., None], revision: str) -> set[str]:
        with engine.begin() as connection:
            move(migrating.config(connection), revision)
        return structure(url)

    def content() -> dict[str, list[str]]:
        with psycopg.connect(url) as connection:
            return {
                table: sorted(
                    row[0] for row in connection.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
                )
                for table in CUT
            }

    def values(query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(url) as connection:
            return connection.execute(query.encode()).fetchall()

    old = go(command.upgrade, "0005")
    with psycopg.connect(url) as connection:
        for statement in ROWS:
            connection.execute(statement.encode())
    before = content()
    go(command.upgrade, "0006")
    assert content() == before
    assert values("SELECT count(*) FROM partitions.stock_movements_before") == [(20,)]
    assert values("SELECT at::date::text FROM partitions.stock_movements_default") == [
        ("2200-01-01",)
    ]
    assert values("SELECT count(*) FROM partitions.channel_messages_default") == [(1,)]
    assert values("SELECT to_regclass('partitions.outbox_before')::text") == [(None,)]
    assert values("SELECT count(*) FROM stock_movement_keys") == [(20,)]
    assert values("SELECT count(*) FROM channel_message_keys k JOIN channel_messages m"
                  " ON m.id = k.message_id AND m.dedupe_key = k.dedupe_key") == [(21,)]  # fmt: skip
    with psycopg.connect(url) as connection:
        connection.execute(ROWS[2].encode())
    later = content()
    assert len(later["audit"]) == 2
    assert go(command.downgrade, "0005") == old
    assert content() == later
    with psycopg.connect(url) as connection:
        connection.execute(ROWS[2].encode())
    go(command.upgrade, "head")
    assert len(content()["audit"]) == 3
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO archives (id, table_name, partition_name, upper_bound, still_needed,"
            " set_aside_at) VALUES (gen_random_uuid(), 'audit', 'audit_before', now(), 0, now())"
        )
    with pytest.raises(RuntimeError, match="1 parts of tables were archived"):
        go(command.downgrade, "0005")
    engine.dispose()
