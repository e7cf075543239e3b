"""What an order leaves in the database, and how long it takes to archive and to convert.

    python -m bench.growth [--orders 20000] [--lives 400] [--old-rows 1000000]

Starts its own PostgreSQL (durable, the settings of `oms up`) with 20 locations and 5,000 articles:

* captured: orders of two lines and 4.5 kB over signed HTTP; bytes by table, log (WAL) and time;
* wide: the rate of that with 20 and with 5,000 locations, each holding the same 200 articles;
* shipped: some of them routed, picked, packed, labelled, handed over, scanned three times and
  delivered by the functions that a worker and the pages call; bytes by table and log;
* archived: a partition of the ledger with so many rows is set aside, written, proved and dropped;
* converted: so many rows of the ledger as revision 0005 had them are migrated to 0006.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
from sqlmodel import col, select

from api.stack.postgres import running_postgres
from bench.database import about
from bench.ground import Ground, ground, web
from bench.orders import webhooks
from bench.senders import send
from oms import clock, db, invariants, migrating
from oms.db import transaction
from oms.fulfilments import handing_over, packing, picking, scanning
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment
from oms.fulfilments.packing import BoughtLabel
from oms.fulfilments.scanning import CarrierScan
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.settings import settings
from oms.sourcing import committing, problems
from oms.sourcing.deciding import solve
from oms.storage import archiving, spans
from oms.storage.kept import LEDGER
from oms.storage.partitions import SCHEMA

# A partition counts as its table.
_SIZES = """
SELECT coalesce(p.relname, c.relname), sum(pg_table_size(c.oid))::bigint,
       sum(pg_indexes_size(c.oid))::bigint
FROM pg_class c
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
WHERE c.relkind = 'r' AND c.relnamespace IN ('public'::regnamespace, 'partitions'::regnamespace)
GROUP BY 1
"""
_LEDGER = """
INSERT INTO stock_movements (sku, location_id, kind, on_hand_delta, reserved_delta, cause_type,
    cause_id, actor, at)
SELECT 'SKU' || lpad((1 + n % 5000)::text, 6, '0'), {place}, 'reserve', 0, n / 5000 % 2 * 2 - 1,
    'order', uuidv7(), 'system', {at}
FROM generate_series(0, {rows} - 1) n
"""
_FEW = 200
_PLACE = "('0191' || lpad(to_hex(1 + n % 20), 28, '0'))::uuid"


class Meter:
    """What was written to the database since the last look."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sizes: Mapping[str, tuple[int, int]] = {}
        self._log = 0
        self.read()

    def read(self) -> tuple[dict[str, tuple[int, int]], int]:
        """Bytes added to each table and to its indexes, and bytes of log."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            log = _number(connection, "SELECT (pg_current_wal_lsn() - '0/0')::bigint")
            connection.execute("VACUUM")
            sizes = {row[0]: (row[1], row[2]) for row in connection.execute(_SIZES)}
            written = log - self._log
            self._log = _number(connection, "SELECT (pg_current_wal_lsn() - '0/0')::bigint")
        grown = {
            name: (size[0] - before[0], size[1] - before[1])
            for name, size in sizes.items()
            if (before := self._sizes.get(name, (0, 0))) != size
        }
        self._sizes = sizes
        return grown, written


def main() -> None:
    """Measure and print."""
    given = _arguments()
    print(about())
    with ground() as place, ExitStack() as stack:
        os.environ["DATABASE_URL"] = place.url
        settings.cache_clear()
        ports = [stack.enter_context(web(place)) for _ in range(2)]
        made = webhooks()
        send(made.make(2_000), ports=ports, connections=128, most_s=600)
        meter = Meter(place.url)
        send(made.make(given.orders), ports=ports, connections=128, most_s=600)
        _show("captured", *meter.read(), orders=given.orders)
        begun = time.perf_counter()
        _live(place, given.lives)
        taken_ms = (time.perf_counter() - begun) / given.lives * 1000
        print(f"\none process took {taken_ms:.0f} ms an order from routing to delivery")
        _show("shipped, beyond capture", *meter.read(), orders=given.lives)
        _archive(place, rows=given.old_rows)
        with transaction() as session:
            assert invariants.broken(session) == []
        db.close_engine()
    _convert(rows=given.old_rows)
    for locations in (20, 5_000):
        _wide(locations)


def _wide(locations: int) -> None:
    """The rate of capture when every location has every article."""
    with ground(places=locations, skus=_FEW) as place, ExitStack() as stack:
        ports = [stack.enter_context(web(place)) for _ in range(2)]
        made = webhooks(articles=_FEW)
        send(made.make(1_000), ports=ports, connections=128, most_s=600)
        tallies = [send(made.make(8_000), ports=ports, connections=128, most_s=4) for _ in range(3)]
        assert all(set(tally.statuses) == {200} for tally in tallies)
        rate = statistics.median(tally.rate for tally in tallies)
        with psycopg.connect(place.url) as connection:
            size = _number(connection, "SELECT pg_table_size('stock_balances')")
            keys = _number(connection, "SELECT pg_indexes_size('stock_balances')")
    rows = locations * _FEW
    print(
        f"{locations:,} locations: {rate:,.0f} orders/s; {rows:,} balances of"
        f" {size / rows:.0f} + {keys / rows:.0f} bytes"
    )


def _live(place: Ground, count: int) -> None:
    """See orders to their end, in transactions as the system has them."""
    with transaction() as session:
        ids = session.exec(select(Order.id).order_by(col(Order.number).desc()).limit(count)).all()
    for order_id in ids:
        with transaction() as session:
            task = problems.task(session, orders.locked(session, order_id))
            assert task is not None
        plan = solve(task)
        with transaction() as session:
            parts = committing.commit(session, task, plan, actor="system").fulfilment_ids
        for part in parts:
            _ship(part)
    told = "UPDATE outbox SET {} WHERE delivered_at IS NULL AND order_id = ANY(%s)"
    with psycopg.connect(place.url, autocommit=True) as connection:
        for step in ("available_at = now()", "delivered_at = now()"):
            connection.execute(told.format(step).encode(), [ids])


def _ship(part: Any) -> None:
    with transaction() as session:
        picking.start(session, part, actor="device")
    with transaction() as session:
        picked: dict[str, int] = {}
        for line in fulfilments.lines(session, part):
            picked[line.sku] = picked.get(line.sku, 0) + line.quantity
        packing.pack(session, part, picked=picked, boxes=(), actor="device")
        parcels = [parcel.id for parcel in fulfilments.parcels(session, part)]
    for parcel in parcels:
        with transaction() as session:
            label = BoughtLabel(
                "simulated", "ground", parcel.hex, "", 450, "USD", {"zpl": b"x" * 2_000}
            )
            packing.attach_label(session, parcel, label, actor="carrier")
    with transaction() as session:
        handing_over.to_carrier(session, part, actor="device")
    for parcel in parcels:
        for number, code in enumerate(("accepted", "out_for_delivery", "delivered")):
            with transaction() as session:
                scan = CarrierScan(f"{number}", code, clock.now() + timedelta(seconds=number))
                scanning.add_scans(session, parcel, [scan], actor="carrier")
    with transaction() as session:
        assert session.get_one(Fulfilment, part).closed_at is not None


def _archive(place: Ground, *, rows: int) -> None:
    lower = spans.start("month", clock.now() - timedelta(days=450))
    upper = spans.end("month", lower)
    name = f"{SCHEMA}.stock_movements_{lower:%Y%m%d}"
    place.do(
        f"CREATE TABLE {name} PARTITION OF stock_movements"
        f" FOR VALUES FROM ({LEDGER.bound(lower)}) TO ({LEDGER.bound(upper)})"
    )
    at = f"'{lower.isoformat()}'::timestamptz + n % 2000000 * interval '1 second'"
    place.do(_LEDGER.format(place=_PLACE, rows=rows, at=at))
    place.do(f"VACUUM ANALYZE {name}")
    with transaction() as session:
        size = (
            session.connection()
            .exec_driver_sql(f"SELECT pg_total_relation_size('{name}')")
            .scalar_one()
        )
    with tempfile.TemporaryDirectory() as folder:
        marks = [time.perf_counter()]
        archiving.archive(
            Path(folder), {LEDGER.table: 400}, tell=lambda *_: marks.append(time.perf_counter())
        )
        files = sum(path.stat().st_size for path in Path(folder).glob("*.parquet"))
    aside, written, dropped = (after - before for before, after in pairwise(marks))
    print(
        f"\narchived {rows:,} rows of the ledger: set aside and sums carried {aside:.1f} s,"
        f" written and proved {written:.1f} s, dropped {dropped:.2f} s;"
        f" {size / 1e6:.0f} MB with indexes became {files / 1e6:.0f} MB"
    )


def _convert(*, rows: int) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="tributary-bench-") as folder,
        running_postgres(Path(folder)) as (server, _),
    ):
        engine = create_engine(db.sqlalchemy_url(server.url), poolclass=NullPool)
        with engine.begin() as connection:
            command.upgrade(migrating.config(connection), "0005")
        at = "now() - n % 30000000 * interval '1 second'"
        fill = _LEDGER.format(place=_PLACE, rows=rows, at=at)
        with psycopg.connect(server.url, autocommit=True) as plain:
            plain.execute(fill.encode())
            plain.execute("VACUUM ANALYZE")
        begun = time.perf_counter()
        with engine.begin() as connection:
            command.upgrade(migrating.config(connection), "0006")
        engine.dispose()
        print(f"converted {rows:,} rows of the ledger in {time.perf_counter() - begun:.1f} s")


def _show(title: str, grown: Mapping[str, tuple[int, int]], log: int, *, orders: int) -> None:
    table = Table("bytes an order", "rows", "indexes", title=f"{title}: {orders:,} orders")
    for name, (heap, index) in sorted(grown.items(), key=lambda one: -sum(one[1])):
        if heap + index > 20 * orders:
            table.add_row(name, f"{heap / orders:,.0f}", f"{index / orders:,.0f}")
    heaps, indexes = (sum(one[at] for one in grown.values()) for at in (0, 1))
    table.add_row("all", f"{heaps / orders:,.0f}", f"{indexes / orders:,.0f}")
    table.add_row("log (WAL)", f"{log / orders:,.0f}", "")
    Console(width=80).print(table)


def _number(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--lives", type=int, default=400)
    parser.add_argument("--old-rows", type=int, default=1_000_000)
    given = parser.parse_args()
    if given.old_rows % 10_000:
        parser.error("--old-rows: give a multiple of 10,000, so that what was reserved was let go")
    return given


if __name__ == "__main__":
    main()
