"""Write what is in the database to a file that the import of the same kind takes."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, LiteralString

from sqlmodel import Session

from oms.copying import connection
from oms.imports.models import ImportKind
from oms.imports.sheets import PARQUET, form_of

_PIECE_ROWS: Final = 20_000
_KINDS_OF_OID: Final[Mapping[int, type]] = {
    16: bool, 20: int, 21: int, 23: int, 700: float, 701: float,
}  # fmt: skip
"""PostgreSQL's numbers for the types that are not text (pg_type.dat)."""

QUERIES: Final[Mapping[ImportKind, LiteralString]] = {
    ImportKind.PRODUCTS: """
        SELECT p.sku, p.name, p.category, p.weight_g, p.length_mm, p.width_mm, p.height_mm,
               p.price_minor, p.currency,
               coalesce((SELECT string_agg(b.code, ' ' ORDER BY b.code) FROM barcodes AS b
                         WHERE b.sku = p.sku AND b.code !~ '\\s'), '') AS barcodes,
               coalesce(p.hs_code, '') AS hs_code,
               coalesce(p.origin_country, '') AS origin_country
        FROM products AS p ORDER BY p.sku COLLATE "C"
    """,
    ImportKind.LOCATIONS: """
        SELECT l.code, l.name, l.kind, l.street, l.city, l.region, l.postcode, l.country,
               l.latitude, l.longitude, l.time_zone, to_char(l.cut_off, 'HH24:MI') AS cut_off,
               l.can_ship, l.can_pickup, l.can_curbside, l.can_returns, l.capacity_parcels,
               l.parcel_cost_minor, l.line_cost_minor, l.pickup_cost_minor, l.handling_days,
               l.active,
               coalesce((SELECT string_agg(
                   (ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[h.weekday + 1] || ' '
                   || to_char(h.opens, 'HH24:MI') || '-' || to_char(h.closes, 'HH24:MI'),
                   '; ' ORDER BY h.weekday, h.opens)
                   FROM opening_hours AS h WHERE h.location_id = l.id), '') AS hours
        FROM locations AS l ORDER BY l.code COLLATE "C"
    """,
    ImportKind.STOCK: """
        SELECT l.code AS location, b.sku, b.on_hand AS units, b.safety
        FROM stock_balances AS b JOIN locations AS l ON l.id = b.location_id
        ORDER BY l.code COLLATE "C", b.sku COLLATE "C"
    """,
    ImportKind.LISTINGS: """
        SELECT channel, channel_sku, sku, price_minor, currency, published
        FROM listings ORDER BY channel COLLATE "C", channel_sku COLLATE "C"
    """,
    ImportKind.PRICES: """
        SELECT sku, '' AS channel, price_minor, currency FROM products
        UNION ALL
        SELECT DISTINCT ON (sku, channel) sku, channel, price_minor, currency FROM listings
        ORDER BY 1, 2
    """,
    ImportKind.ORDERS: """
        SELECT o.channel, o.external_id, o.display_number,
               to_char(o.placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                   AS placed_at,
               to_char(o.promise_by AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                   AS promise_by,
               o.currency, o.total_minor, o.shipping_minor,
               c.name AS customer_name, c.email AS customer_email, c.phone AS customer_phone,
               o.delivery, coalesce(p.code, '') AS pickup_store,
               coalesce(a.name, '') AS ship_name, coalesce(a.street, '') AS street,
               coalesce(a.city, '') AS city, coalesce(a.region, '') AS region,
               coalesce(a.postcode, '') AS postcode, coalesce(a.country, '') AS country,
               a.latitude, a.longitude,
               l.external_id AS line_id, l.sku, l.title,
               l.unrouted + l.reserved + l.backordered + l.in_transfer AS quantity,
               l.unit_price_minor, l.tax_minor, l.discount_minor,
               coalesce((SELECT min(h.code) FROM reservations AS r
                         JOIN locations AS h ON h.id = r.location_id
                         WHERE r.line_id = l.id AND r.status = 'held'
                           AND r.quantity = l.unrouted + l.reserved + l.backordered
                                            + l.in_transfer), '')
                   AS reserve_at
        FROM orders AS o
        JOIN customers AS c ON c.id = o.customer_id
        JOIN order_lines AS l ON l.order_id = o.id
        LEFT JOIN addresses AS a ON a.id = o.address_id
        LEFT JOIN locations AS p ON p.id = o.pickup_location_id
        WHERE o.closed_at IS NULL
          AND l.unrouted + l.reserved + l.backordered + l.in_transfer > 0
        ORDER BY o.number, l.position
    """,
    ImportKind.BINS: """
        SELECT l.code AS location, b.sku, b.zone, b.aisle, b.bin, b.rank, false AS gone
        FROM article_bins AS b JOIN locations AS l ON l.id = b.location_id
        ORDER BY l.code COLLATE "C", b.sku COLLATE "C", b.rank, b.zone, b.aisle, b.bin
    """,
    ImportKind.BOXES: """
        SELECT l.code AS location, b.code, b.length_mm, b.width_mm, b.height_mm, b.tare_g,
               b.max_weight_g, b.stock
        FROM boxes AS b JOIN locations AS l ON l.id = b.location_id
        ORDER BY l.code COLLATE "C", b.code COLLATE "C"
    """,
}


def export(
    session: Session, kind: ImportKind, path: Path, *, tell: Callable[[int], None] = lambda _: None
) -> int:
    """Write everything of a kind as CSV or Parquet, by the file's ending; return the rows.

    Reads one state of the database, whatever goes on meanwhile, and holds a piece of it in
    memory at a time. Orders are those that are still open, with the units still to be delivered.
    """
    form = form_of(path.name)
    with connection(session).cursor(name="export") as cursor:
        cursor.itersize = _PIECE_ROWS
        cursor.execute(QUERIES[kind])
        assert cursor.description is not None
        kinds = [(one.name, _KINDS_OF_OID.get(one.type_code, str)) for one in cursor.description]

        def pieces() -> Iterator[list[tuple[Any, ...]]]:
            done = 0
            while piece := cursor.fetchmany(_PIECE_ROWS):
                yield piece
                done += len(piece)
                tell(done)

        if form == PARQUET:
            rows: int = import_module("oms.imports.parquet").write(path, kinds, pieces())
            return rows
        return _write_csv(path, [name for name, _ in kinds], pieces())


def _write_csv(path: Path, columns: Sequence[str], pieces: Iterator[list[tuple[Any, ...]]]) -> int:
    words = {True: "true", False: "false"}
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for piece in pieces:
            count += len(piece)
            if any(isinstance(one, bool) for one in piece[0]):
                piece = [
                    tuple(words[one] if isinstance(one, bool) else one for one in row)
                    for row in piece
                ]
            writer.writerows(piece)
    return count
