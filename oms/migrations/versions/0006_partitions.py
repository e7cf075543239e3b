"""the ledger, the outbox, messages and the audit trail are cut by time.

A table with rows becomes the first partition of its successor as it is: nothing is copied. The
three that are cut by a time column get a new primary key, and every table is read once to prove its
bounds, so 100 million rows mean some minutes in which nobody can write. Nothing else waits longer
than the lock timeout: whoever holds a table then makes this fail as a whole, to be tried again.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_AHEAD = 3
_CUT_BY = {
    "stock_movements": "at",
    "outbox": "created_at",
    "audit": "at",
    "channel_messages": "id",
}
_INDEXES = {
    "stock_movements": (
        "CREATE INDEX ix_stock_movements_article ON stock_movements (sku, location_id, id)",
        "CREATE INDEX ix_stock_movements_cause ON stock_movements (cause_id)",
    ),
    "outbox": (
        "CREATE INDEX ix_outbox_waiting ON outbox (available_at, id) WHERE delivered_at IS NULL",
        "CREATE INDEX ix_outbox_subject ON outbox (subject_type, subject_id)",
    ),
    "audit": (
        "CREATE INDEX ix_audit_order ON audit (order_id, id)",
        "CREATE INDEX ix_audit_subject ON audit (subject_type, subject_id)",
    ),
    "channel_messages": (
        "CREATE INDEX ix_channel_messages_order_id ON channel_messages (order_id)",
        "CREATE INDEX ix_channel_messages_unsettled ON channel_messages (id)"
        " WHERE status = 'received'",
        "CREATE INDEX ix_channel_messages_reference ON channel_messages (channel, reference)",
    ),
}
_UNIQUE_BEFORE = {
    "stock_movements": (
        "CREATE UNIQUE INDEX uq_stock_movements_key ON stock_movements (idempotency_key)"
        " WHERE idempotency_key IS NOT NULL",
    ),
    "channel_messages": (
        "ALTER TABLE channel_messages ADD CONSTRAINT uq_channel_messages_channel_dedupe_key"
        " UNIQUE (channel, dedupe_key)",
        "ALTER TABLE channel_messages ADD CONSTRAINT fk_channel_messages_order_id"
        " FOREIGN KEY (order_id) REFERENCES orders (id)",
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _make_keys()
    op.execute("CREATE SCHEMA partitions")
    for table, column in _CUT_BY.items():
        _cut(table, column)
    op.execute(
        "CREATE TABLE archives ("
        " id uuid NOT NULL, table_name varchar(63) NOT NULL, partition_name varchar(63) NOT NULL,"
        " lower_bound timestamptz, upper_bound timestamptz NOT NULL, row_count bigint,"
        " still_needed bigint NOT NULL, set_aside_at timestamptz NOT NULL,"
        " file varchar, sha256 varchar(64), written_at timestamptz, dropped_at timestamptz,"
        " CONSTRAINT pk_archives PRIMARY KEY (id),"
        " CONSTRAINT ck_archives_dropped_once_written"
        " CHECK (dropped_at IS NULL OR written_at IS NOT NULL),"
        " CONSTRAINT ck_archives_written_has_file"
        " CHECK ((written_at IS NULL) = (file IS NULL)"
        " AND (written_at IS NULL) = (sha256 IS NULL)"
        " AND (written_at IS NULL) = (row_count IS NULL)))"
    )
    op.execute("CREATE UNIQUE INDEX uq_archives_partition ON archives (partition_name)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    away = op.get_bind().scalar(sa.text("SELECT count(*) FROM archives"))
    if away:
        raise RuntimeError(
            f"{away} parts of tables were archived; without them the ledger does not add up, so"
            " this database cannot go back beyond revision 0006"
        )
    op.execute("DROP TABLE archives")
    for table, column in _CUT_BY.items():
        _join(table, column)
    op.execute("DROP SCHEMA partitions")
    for table in ("stock_movement_keys", "stock_carried", "supply_carried", "channel_message_keys"):
        op.execute(f"DROP TABLE {table}")


def _make_keys() -> None:
    """What must stay unique for ever, whatever becomes of the rows that it is about."""
    op.execute(
        "CREATE TABLE stock_movement_keys (key varchar NOT NULL, at timestamptz NOT NULL,"
        " CONSTRAINT pk_stock_movement_keys PRIMARY KEY (key))"
    )
    op.execute(
        "INSERT INTO stock_movement_keys SELECT idempotency_key, at FROM stock_movements"
        " WHERE idempotency_key IS NOT NULL"
    )
    op.execute(
        "CREATE TABLE channel_message_keys (channel varchar(40) NOT NULL,"
        " dedupe_key varchar(300) NOT NULL, message_id uuid NOT NULL,"
        " CONSTRAINT pk_channel_message_keys PRIMARY KEY (channel, dedupe_key))"
    )
    op.execute(
        "INSERT INTO channel_message_keys SELECT channel, dedupe_key, id FROM channel_messages"
    )
    op.execute(
        "CREATE TABLE stock_carried (sku varchar(64) NOT NULL, location_id uuid NOT NULL,"
        " on_hand bigint NOT NULL, reserved bigint NOT NULL, damaged bigint NOT NULL,"
        " CONSTRAINT pk_stock_carried PRIMARY KEY (sku, location_id))"
    )
    op.execute(
        "CREATE TABLE supply_carried (supply_id uuid NOT NULL, kind varchar(40) NOT NULL,"
        " units bigint NOT NULL, CONSTRAINT pk_supply_carried PRIMARY KEY (supply_id, kind))"
    )


def _cut(table: str, column: str) -> None:
    """Put a partitioned table in the place of this one, and this one under it."""
    old, default = f"partitions.{table}_before", f"partitions.{table}_default"
    key = column if column == "id" else f"id, {column}"
    op.execute(f"ALTER TABLE {table} SET SCHEMA partitions")
    op.execute(f"ALTER TABLE partitions.{table} RENAME TO {table}_before")
    if column != "id":
        op.execute(f"ALTER SEQUENCE partitions.{table}_id_seq OWNED BY NONE")
        op.execute(f"ALTER SEQUENCE partitions.{table}_id_seq SET SCHEMA public")
    op.execute(
        f"CREATE TABLE {table} (LIKE {old} INCLUDING DEFAULTS INCLUDING CONSTRAINTS"
        f" INCLUDING STORAGE) PARTITION BY RANGE ({column})"
    )
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY ({key})")
    if column != "id":
        op.execute(f"ALTER SEQUENCE {table}_id_seq OWNED BY {table}.id")
    for statement in _INDEXES[table]:
        op.execute(statement)
    op.execute(f"CREATE TABLE {default} PARTITION OF {table} DEFAULT")
    first = _month(datetime.now(UTC), 0)
    if op.get_bind().scalar(sa.text(f"SELECT EXISTS (SELECT FROM {old})")):
        first = _month(first, 1)
        _keep(table, column, bound=_value(column, first))
    else:
        op.execute(f"DROP TABLE {old}")
    for number in range(_AHEAD + 1):
        since, until = _month(first, number), _month(first, number + 1)
        op.execute(
            f"CREATE TABLE partitions.{table}_{since:%Y%m%d} PARTITION OF {table}"
            f" FOR VALUES FROM ({_value(column, since)}) TO ({_value(column, until)})"
        )


def _keep(table: str, column: str, *, bound: str) -> None:
    """Let the table of old hold everything before the bound."""
    old, default = f"partitions.{table}_before", f"partitions.{table}_default"
    if column == "id":
        op.execute(f"ALTER TABLE {old} DROP CONSTRAINT fk_channel_messages_order_id")
        op.execute(f"ALTER TABLE {old} DROP CONSTRAINT uq_channel_messages_channel_dedupe_key")
    else:
        op.execute(f"ALTER TABLE {old} DROP CONSTRAINT pk_{table}")
        op.execute(f"ALTER TABLE {old} ALTER id DROP DEFAULT")
    op.execute("DROP INDEX IF EXISTS partitions.uq_stock_movements_key")
    # A clock that was wrong may have written rows of the future.
    op.execute(f"INSERT INTO {default} SELECT * FROM {old} WHERE {column} >= {bound}")
    op.execute(f"DELETE FROM {old} WHERE {column} >= {bound}")
    op.execute(
        f"ALTER TABLE {table} ATTACH PARTITION {old} FOR VALUES FROM (MINVALUE) TO ({bound})"
    )


def _join(table: str, column: str) -> None:
    """Put everything into one table again."""
    whole = f"partitions.{table}_whole"
    op.execute(
        f"CREATE TABLE {whole} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS"
        " INCLUDING STORAGE)"
    )
    op.execute(f"INSERT INTO {whole} SELECT * FROM {table}")
    if column != "id":
        op.execute(f"ALTER SEQUENCE {table}_id_seq OWNED BY NONE")
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE {whole} SET SCHEMA public")
    op.execute(f"ALTER TABLE {table}_whole RENAME TO {table}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (id)")
    if column != "id":
        op.execute(f"ALTER SEQUENCE {table}_id_seq OWNED BY {table}.id")
    for statement in (*_INDEXES[table], *_UNIQUE_BEFORE.get(table, ())):
        op.execute(statement)


def _month(moment: datetime, later: int) -> datetime:
    """The beginning of the month so many months later."""
    months = moment.year * 12 + moment.month - 1 + later
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def _value(column: str, moment: datetime) -> str:
    """A bound; an id of version 7 begins with its time in milliseconds (RFC 9562)."""
    if column == "id":
        digits = f"{int(moment.timestamp() * 1000):012x}".ljust(32, "0")
        return f"'{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}'::uuid"
    return f"'{moment.isoformat()}'::timestamptz"
