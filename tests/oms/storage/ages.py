"""A shop with a past: partitions and rows of more than a year ago."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
from sqlalchemy import text
from sqlmodel import Session

from oms import clock
from oms.db import transaction
from oms.ids import first_id_at
from oms.orders.models import Order
from oms.storage import spans
from oms.storage.kept import KEPT, LEDGER, Kept
from oms.storage.partitions import SCHEMA
from tests.builders import an_order
from tests.oms.shop import Shop, a_shop, fill, ready, routed
from tests.oms.shop import collected as shop_collected

LONG_AGO = timedelta(days=450)
DAYS = {kept.table: 400 for kept in KEPT}


@dataclass(frozen=True, slots=True)
class Past:
    """What there was."""

    at: datetime
    shop: Shop
    closed: UUID
    """An order that was collected and is over."""
    open: UUID
    """An order that still waits."""


def a_past() -> Past:
    """A month with rows of its own, in a partition of its own, and nothing since."""
    at = clock.now() - LONG_AGO
    at = spans.start("month", at) + timedelta(days=9, hours=12)
    for kept in KEPT:
        a_partition(kept, spans.start("month", at), spans.end("month", at))
    with clock.at(at), transaction() as session:
        shop = a_shop(session)
        fill(session, shop)
        closed, waiting = collected(session), an_order(session, {"LAMP": 1})
        found = Past(at, shop, closed.id, waiting.id)
    with transaction() as session:
        session.execute(text("UPDATE outbox SET delivered_at = now()"))
    return found


def collected(session: Session) -> Order:
    """An order whose customer has come."""
    order = an_order(session, {"MUG": 1}, pickup_store="S01")
    [part] = routed(session, order)
    pickup = ready(session, part)
    shop_collected(session, pickup)
    session.flush()
    assert order.closed_at is not None
    return order


def a_partition(kept: Kept, lower: datetime, upper: datetime) -> None:
    """A partition of the past."""
    with transaction() as session:
        session.execute(
            text(
                f"CREATE TABLE {SCHEMA}.{kept.table}_{lower:%Y%m%d} PARTITION OF {kept.table}"
                f" FOR VALUES FROM ({kept.bound(lower)}) TO ({kept.bound(upper)})"
            )
        )


def backdated(session: Session, message_id: UUID, at: datetime) -> UUID:
    """Make a message as old as that, with whatever names it."""
    old = UUID(int=first_id_at(at).int + message_id.int % 2**64)
    for statement in (
        "UPDATE channel_messages SET id = :old, received_at = :at WHERE id = :id",
        "UPDATE channel_message_keys SET message_id = :old WHERE message_id = :id",
        "UPDATE exceptions SET cause_id = :old WHERE cause_id = :id",
    ):
        session.execute(text(statement), {"old": old, "id": message_id, "at": at})
    return old


def ids(table: str) -> set[str]:
    """The ids of a table's rows."""
    with transaction() as session:
        return set(session.scalars(text(f"SELECT id::text FROM {table}")))


def rows(table: str, order: str = "id") -> list[dict[str, Any]]:
    """A table's rows as JSON has them."""
    with transaction() as session:
        return list(session.scalars(text(f"SELECT to_jsonb(t) FROM {table} t ORDER BY {order}")))


def filed(folder: Path, table: str) -> list[dict[str, Any]]:
    """What the files of a table hold, sorted by id."""
    found = [
        row
        for path in sorted(folder.glob(f"{table}_*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]
    return sorted(found, key=lambda row: row["id"])


def ledger_of(past: Past) -> str:
    """The name of the ledger's partition of that time, with its schema."""
    return f"{SCHEMA}.{LEDGER.table}_{spans.start('month', past.at):%Y%m%d}"
