"""Write many rows of a table with one statement: a column is one array.

Arrays go in PostgreSQL's binary form, which costs a tenth of the textual one.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import AsyncConnection, sql


def bulk(table: str, columns: Iterable[tuple[str, str]], *, ending: str = "") -> sql.Composed:
    """An INSERT of any number of rows; `ending` may say what to do on a conflict."""
    names, types = zip(*columns, strict=True)
    return sql.SQL("INSERT INTO {} ({}) SELECT * FROM unnest({}) {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(sql.SQL(f"%b::{kind}[]") for kind in types),
        sql.SQL(ending),
    )


async def insert(
    connection: AsyncConnection[tuple[Any, ...]],
    statement: sql.Composed,
    rows: Sequence[Sequence[Any]],
) -> None:
    """Write rows, at least one."""
    await connection.execute(statement, [list(column) for column in zip(*rows, strict=True)])


CUSTOMERS = bulk(
    "customers",
    [
        ("id", "uuid"),
        ("name", "text"),
        ("email", "text"),
        ("phone", "text"),
        ("created_at", "timestamptz"),
    ],
    ending="ON CONFLICT DO NOTHING",
)
ADDRESSES = bulk(
    "addresses",
    [
        ("id", "uuid"),
        ("customer_id", "uuid"),
        ("name", "text"),
        ("company", "text"),
        ("street", "text"),
        ("street_2", "text"),
        ("city", "text"),
        ("region", "text"),
        ("postcode", "text"),
        ("country", "text"),
        ("phone", "text"),
        ("latitude", "float8"),
        ("longitude", "float8"),
    ],
)
ORDERS = bulk(
    "orders",
    [
        ("id", "uuid"),
        ("channel", "text"),
        ("external_id", "text"),
        ("display_number", "text"),
        ("status", "text"),
        ("version", "int4"),
        ("delivery", "text"),
        ("pickup_location_id", "uuid"),
        ("customer_id", "uuid"),
        ("address_id", "uuid"),
        ("currency", "text"),
        ("total_minor", "int8"),
        ("shipping_minor", "int8"),
        ("tax_included", "bool"),
        ("placed_at", "timestamptz"),
        ("external_updated_at", "timestamptz"),
        ("promise_by", "timestamptz"),
        ("captured_at", "timestamptz"),
        ("release_at", "timestamptz"),
        ("locale", "text"),
    ],
)
LINES = bulk(
    "order_lines",
    [
        ("id", "uuid"),
        ("order_id", "uuid"),
        ("position", "int4"),
        ("external_id", "text"),
        ("sku", "text"),
        ("title", "text"),
        ("quantity", "int4"),
        ("unrouted", "int4"),
        ("reserved", "int4"),
        ("backordered", "int4"),
        ("short", "int4"),
        ("cancelled", "int4"),
        ("fulfilled", "int4"),
        ("unit_price_minor", "int8"),
        ("tax_minor", "int8"),
        ("discount_minor", "int8"),
    ],
)
HOLDS = bulk(
    "order_holds",
    [
        ("id", "uuid"),
        ("order_id", "uuid"),
        ("kind", "text"),
        ("reason", "text"),
        ("opened_at", "timestamptz"),
        ("opened_by", "text"),
    ],
)
REVISIONS = bulk(
    "order_revisions",
    [
        ("id", "uuid"),
        ("order_id", "uuid"),
        ("number", "int4"),
        ("digest", "text"),
        ("external_updated_at", "timestamptz"),
        ("message_id", "uuid"),
        ("changes", "text"),
        ("at", "timestamptz"),
    ],
)
RESERVATIONS = bulk(
    "reservations",
    [
        ("id", "uuid"),
        ("order_id", "uuid"),
        ("line_id", "uuid"),
        ("location_id", "uuid"),
        ("sku", "text"),
        ("quantity", "int4"),
        ("status", "text"),
        ("created_at", "timestamptz"),
    ],
)
MOVEMENTS = bulk(
    "stock_movements",
    [
        ("sku", "text"),
        ("location_id", "uuid"),
        ("kind", "text"),
        ("on_hand_delta", "int4"),
        ("reserved_delta", "int4"),
        ("cause_type", "text"),
        ("cause_id", "uuid"),
        ("actor", "text"),
        ("at", "timestamptz"),
    ],
)
AUDIT = bulk(
    "audit",
    [
        ("at", "timestamptz"),
        ("actor", "text"),
        ("action", "text"),
        ("subject_type", "text"),
        ("subject_id", "uuid"),
        ("order_id", "uuid"),
        ("request_id", "text"),
        ("facts", "jsonb"),
    ],
)
OUTBOX = bulk(
    "outbox",
    [
        ("topic", "text"),
        ("subject_type", "text"),
        ("subject_id", "uuid"),
        ("order_id", "uuid"),
        ("version", "int4"),
        ("detail", "text"),
        ("created_at", "timestamptz"),
        ("available_at", "timestamptz"),
        ("attempts", "int4"),
    ],
)
MESSAGE_KEYS = bulk(
    "channel_message_keys",
    [("channel", "text"), ("dedupe_key", "text"), ("message_id", "uuid")],
)
MESSAGES = bulk(
    "channel_messages",
    [
        ("id", "uuid"),
        ("channel", "text"),
        ("dedupe_key", "text"),
        ("topic", "text"),
        ("reference", "text"),
        ("occurred_at", "timestamptz"),
        ("received_at", "timestamptz"),
        ("headers", "jsonb"),
        ("body", "bytea"),
        ("status", "text"),
        ("attempts", "int4"),
        ("repeats", "int4"),
        ("outcome", "text"),
        ("order_id", "uuid"),
        ("settled_at", "timestamptz"),
    ],
)
