"""Made-up data in the numbers of a large retailer, written by the database itself in seconds.

`stock` writes a balance for each article at each location of `bench.ground.network`, `history`
orders with all that hangs on an order: the newest are open, the rest is past. Statistics are made
at the end, since a plan that is made from those of an empty table says nothing.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import psycopg

from bench.ground import LOCATION_ID

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

LAYOUTS: Final = {"article": "sku, id", "location": "id, sku"}
"""How balances lie on the disk: article by article, or location by location, as stores count."""
_STOCK: Final = """
INSERT INTO stock_balances (sku, location_id, on_hand, reserved, safety)
SELECT sku, id, on_hand, (random() * least(on_hand, 3))::int, 0
FROM (SELECT sku, id, (random() * 40)::int AS on_hand
      FROM locations, products ORDER BY {sequence}) AS balance
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    locations: int = 2_000
    skus: int = 2_500
    orders: int = 200_000
    fulfilments_each: int = 1
    open_fulfilments: int = 20_000
    waiting: int = 500
    """Outbox rows and checkout holds whose time has come."""

    @property
    def fulfilments(self) -> int:
        """Of all orders."""
        return self.orders * self.fulfilments_each


class _Rows(NamedTuple):
    table: str
    each: str
    """Of what there is a row each: order or fulfilment."""
    columns: str
    values: str
    where: str = "true"


_OPEN_ELSE: Final = "CASE WHEN {open} THEN '%s' ELSE '%s' END"
_CLOSED_AT: Final = "CASE WHEN {open} THEN NULL ELSE {ago} END"
_HISTORY: Final = (
    _Rows(
        "customers", "order", "id, name, email, phone, created_at",
        "{customer}, 'Customer ' || n, 'customer' || n || '@example.com', '', {ago}",
    ),
    _Rows(
        "orders", "order",
        "id, channel, external_id, display_number, status, version, delivery, customer_id,"
        " pickup_location_id, currency, total_minor, shipping_minor, tax_included, placed_at,"
        " external_updated_at, promise_by, captured_at, closed_at",
        "{order}, {channel}, n::text, '#' || n, " + _OPEN_ELSE % ("in_fulfilment", "fulfilled")
        + ", 2, 'pickup', {customer}, {location}, 'USD', 1999, 0, false, {ago}, {ago},"
        " {ago} + interval '2 days', {ago}, " + _CLOSED_AT,
    ),
    _Rows(
        "order_lines", "order",
        "id, order_id, position, external_id, sku, title, quantity, unrouted, reserved,"
        " backordered, short, cancelled, fulfilled, unit_price_minor, tax_minor, discount_minor",
        "{line}, {order}, 1, '1', {sku}, 'Article', 1, 0, ({open})::int, 0, 0, 0,"
        " (NOT ({open}))::int, 1999, 0, 0",
    ),
    _Rows(
        "routing_decisions", "order",
        "id, order_id, order_version, at, engine, status, cost_minor, lower_bound_minor, currency,"
        " tariff_id, snapshot, plan, explanation, notes",
        "{decision}, {order}, 2, {ago}, 'exact', 'optimal', 500, 500, 'USD',"
        " (SELECT id FROM tariff_sheets LIMIT 1), '{{}}', '{{}}', '{{}}', '{{}}'",
    ),
    _Rows(
        "fulfilments", "fulfilment",
        "id, order_id, location_id, kind, status, version, decision_id, due_at, created_at,"
        " closed_at",
        "{fulfilment}, {order}, {location}, CASE WHEN {ships} THEN 'ship' ELSE 'pickup' END, "
        + _OPEN_ELSE % ("allocated", "handed_over")
        + ", 1, {decision}, {ago} + interval '2 days', {ago}, " + _CLOSED_AT,
    ),
    _Rows(
        "fulfilment_lines", "fulfilment", "id, fulfilment_id, line_id, sku, quantity, picked",
        "{share}, {fulfilment}, {line}, {sku}, 1, (NOT ({open}))::int",
    ),
    _Rows(
        "pickups", "fulfilment",
        "id, fulfilment_id, order_id, location_id, status, version, due_at, code, qr_token, shelf,"
        " wrong_codes, reminders_sent, collected_at, proof, handed_over_by",
        "{pickup}, {fulfilment}, {order}, {location}, " + _OPEN_ELSE % ("preparing", "collected")
        + ", 1, {ago} + interval '2 days', '123456', md5(n::text), '', 0, 0, {ago}, 'code', 'x'",
        "NOT {ships}",
    ),
    _Rows(
        "reservations", "fulfilment",
        "id, order_id, line_id, fulfilment_id, location_id, sku, quantity, status, created_at,"
        " closed_at",
        "{reservation}, {order}, {line}, {fulfilment}, {location}, {sku}, 1, "
        + _OPEN_ELSE % ("held", "consumed") + ", {ago}, " + _CLOSED_AT,
    ),
    _Rows(
        "stock_movements", "fulfilment",
        "sku, location_id, kind, on_hand_delta, reserved_delta, cause_type, cause_id, actor, at",
        "{sku}, {location}, 'reserve', 0, 1, 'order', {order}, 'bench', {ago}",
    ),
    _Rows(
        "checkout_holds", "order",
        "id, channel, status, version, expires_at, last_expiry, created_at, created_by, closed_at",
        "{hold}, {channel}, " + _OPEN_ELSE % ("open", "expired") + ", 1, CASE WHEN {waiting}"
        " THEN {ago} ELSE {ago} + interval '1 day' END, {ago} + interval '1 day', {ago}, 'bench', "
        + _CLOSED_AT,
    ),
    _Rows(
        "checkout_hold_lines", "order", "hold_id, position, sku, location_id, quantity, allotted",
        "{hold}, 1, {sku}, {location}, 1, 0",
    ),
    _Rows(
        "outbox", "order",
        "topic, subject_type, subject_id, order_id, version, detail, created_at, available_at,"
        " attempts, delivered_at",
        "'order.placed', 'order', {order}, {order}, 1, '', {ago}, {ago}, 0,"
        " CASE WHEN {waiting} THEN NULL ELSE {ago} END",
    ),
    _Rows(
        "channel_messages", "order",
        "id, channel, dedupe_key, topic, reference, received_at, headers, body, status, attempts,"
        " repeats, outcome, order_id, settled_at",
        "{message}, {channel}, 'orders/create ' || n, 'orders/create', n::text, {ago}, '{{}}',"
        " '\\x7b7d', 'applied', 1, 0, '', {order}, {ago}",
    ),
    _Rows(
        "stock_owed", "order",
        "channel, sku, priority, version, owed_since, available_at, attempts",
        "{channel}, 'SKU' || n, n % 3, 1, {ago}, {ago}, 0",
    ),
    _Rows(
        "stock_published", "order",
        "channel, channel_sku, place, sku, quantity, sellable, codes, version, published_at",
        "{channel}, 'SKU' || n, '', 'SKU' || n, 5, 5, '*', 1, {ago}",
    ),
)  # fmt: skip
_KINDS: Final = {
    "customer": "0", "order": "1", "line": "2", "decision": "3", "hold": "4", "message": "5",
    "fulfilment": "6", "share": "7", "pickup": "8", "reservation": "9",
}  # fmt: skip
_EACH_FULFILMENT: Final = frozenset({"fulfilment", "share", "pickup", "reservation"})


def id_of(thing: str, number: int) -> UUID:
    """The id of an order, line, fulfilment, hold and so on, by its number from 1."""
    return UUID(f"0192{_KINDS[thing]}{number:027x}")


def location_id(number: int) -> UUID:
    """The id of a location by its number from 1."""
    return UUID(f"0191{number:028x}")


def stock(connection: Connection, *, layout: str = "location") -> None:
    """A balance of each article at each location. `layout` is one of `LAYOUTS`."""
    with without_indexes(connection, ["stock_balances"]):
        connection.execute(_STOCK.format(sequence=LAYOUTS[layout]).encode())
    connection.execute("VACUUM ANALYZE stock_balances")


EVERY: Final = tuple(rows.table for rows in _HISTORY)
"""Tables that have a history."""


def history(
    connection: Connection,
    size: Size,
    *,
    tables: Collection[str] = EVERY,
) -> None:
    """Orders and what hangs on them; `tables` names those to fill, by default all."""
    with without_indexes(connection, tables):
        for rows in _HISTORY:
            if rows.table in tables:
                connection.execute(_insert(rows, size).encode())
    connection.execute(f"VACUUM ANALYZE {', '.join(tables)}".encode())


def _insert(rows: _Rows, size: Size) -> str:
    most = {"order": size.orders, "fulfilment": size.fulfilments}[rows.each]
    opened = size.open_fulfilments * most // size.fulfilments
    number = f"((n - 1) / {size.fulfilments_each} + 1)" if rows.each == "fulfilment" else "n"
    words = {
        thing: f"('0192{kind}' || lpad(to_hex("
        f"{'n' if thing in _EACH_FULFILMENT else number}), 27, '0'))::uuid"
        for thing, kind in _KINDS.items()
    } | {
        "open": f"n > {most - opened}",
        "waiting": f"n > {most - size.waiting}",
        "ships": "n % 2 = 0",
        "ago": f"(now() - interval '1 second' * ({most} - n))",
        "channel": "(ARRAY['shop', 'market', 'till', 'phone'])[n % 4 + 1]",
        "location": LOCATION_ID.format(number=f"(n / 2 % {size.locations} + 1)"),
        "sku": f"'SKU' || lpad((n % {size.skus} + 1)::text, 6, '0')",
    }
    return (
        f"INSERT INTO {rows.table} ({rows.columns}) SELECT {rows.values.format(**words)}"
        f" FROM generate_series(1, {most}) AS n WHERE {rows.where.format(**words)}"
    )


@contextmanager
def without_indexes(connection: Connection, tables: Collection[str]) -> Iterator[None]:
    """Drop the keys and indexes of these tables, and make them again after the block."""
    dropped = connection.execute(
        "SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || conname,"
        " 'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || conname || ' '"
        " || pg_get_constraintdef(oid), CASE contype WHEN 'f' THEN 2 ELSE 0 END AS step"
        " FROM pg_constraint WHERE conrelid = ANY(%(tables)s::text[]::regclass[])"
        " AND contype IN ('p', 'u', 'f') OR confrelid = ANY(%(tables)s::text[]::regclass[])"
        " UNION ALL SELECT 'DROP INDEX ' || indexrelid::regclass, pg_get_indexdef(indexrelid), 1"
        " FROM pg_index WHERE indrelid = ANY(%(tables)s::text[]::regclass[])"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"
        " ORDER BY step",
        {"tables": list(tables)},
    ).fetchall()
    for drop, _, _ in reversed(dropped):
        connection.execute(drop.encode())
    yield
    for _, make, _ in dropped:
        # The definition of a partitioned table's index says ONLY, which would leave the parts out.
        connection.execute(make.replace(" ON ONLY ", " ON ").encode())
