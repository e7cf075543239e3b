"""What the comparisons share: orders that are drawn, a batch of them, and all rows it leaves."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from oms.capture import batch, network
from oms.capture.arrivals import Arrival, Outcome
from oms.capture.stock_view import StockView
from oms.capture.writer import connect
from oms.db import transaction
from oms.tables import METADATA

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
WRITTEN = (
    "customers", "addresses", "orders", "order_lines", "order_holds", "order_revisions",
    "reservations", "stock_movements", "stock_balances", "audit", "outbox", "channel_message_keys",
    "channel_messages", "commands",
)  # fmt: skip
NAMES = """
SELECT id::text, 'location ' || code FROM locations
UNION ALL SELECT id::text, 'customer ' || email || name FROM customers
UNION ALL SELECT id::text, 'order ' || external_id FROM orders
UNION ALL SELECT l.id::text, 'line ' || o.external_id || ' ' || l.position
          FROM order_lines l JOIN orders o ON o.id = l.order_id
UNION ALL SELECT id::text, 'message ' || dedupe_key FROM channel_messages
"""
SERIAL = {"stock_movements", "audit", "outbox"}
LINE = st.fixed_dictionaries(
    {"sku": st.sampled_from(["MUG", "LAMP", "ANVIL"]), "quantity": st.integers(1, 7)}
)
ADDRESS = st.sampled_from(
    [
        {"postcode": "10002-1234", "latitude": None, "longitude": None},
        {"postcode": "02116", "latitude": None, "longitude": None},
        {"postcode": "02199", "latitude": None, "longitude": None},
        {"postcode": "99999", "latitude": None, "longitude": None},
        {"postcode": "60601", "latitude": 41.8, "longitude": -87.6},
    ]
)
EMAIL = st.sampled_from(["", "ada@example.com", "Ada@Example.com", "Ä@example.com"])


def at_once(arrivals: Sequence[Arrival]) -> list[Outcome]:
    """Write one batch, knowing nothing beforehand."""

    async def write() -> list[Outcome]:
        with transaction() as session:
            view = network.read(session)
        connection = await connect()
        try:
            return await batch.write(connection, view, StockView(view), arrivals)
        finally:
            await connection.close()

    return asyncio.run(write())


def rows(session: Session) -> dict[str, list[str]]:
    """Every row, ids replaced by what they stand for; an order's number is the next there was."""
    names = dict(session.execute(text(NAMES)).all())  # type: ignore[arg-type]
    found = {}
    for table in WRITTEN:
        dropped = {"number"} if table in ("orders", "commands") else set()
        if table in SERIAL or "id" in METADATA.tables[table].columns:
            dropped.add("id")
        found[table] = sorted(
            json.dumps(_named(row, names, dropped), sort_keys=True)
            for row in session.scalars(text(f'SELECT to_jsonb(t) FROM "{table}" t'))
        )
    return found


def _named(value: Any, names: dict[str, str], dropped: set[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: "an address" if key == "address_id" and one else _named(one, names, dropped)
            for key, one in value.items()
            if key not in dropped
        }
    return names.get(value, value) if isinstance(value, str) else value


def cleared() -> None:
    """Take the orders out again, and what they hold."""
    with transaction() as session:
        session.execute(
            text(
                "TRUNCATE orders, customers, channel_message_keys, channel_messages, outbox,"
                " audit, commands CASCADE"
            )
        )
        session.execute(text("DELETE FROM stock_movements WHERE kind = 'reserve'"))
        session.execute(text("UPDATE stock_balances SET reserved = 0"))
