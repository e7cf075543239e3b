"""Write the rows of many new orders by COPY, with ids that are made here."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from oms import clock
from oms.audit.recording import REQUEST_ID
from oms.copying import Table, copy_tables
from oms.ids import new_id_text
from oms.ordering import revisions
from oms.ordering.placing import audit_facts
from oms.orders.new_order import NewOrder
from oms.outbox.appending import WAKE_RELAY

_ADDRESS: Final = (
    "id", "customer_id", "name", "company", "street", "street_2", "city", "region", "postcode",
    "country", "phone", "latitude", "longitude",
)  # fmt: skip
_ORDER: Final = (
    "id", "channel", "external_id", "display_number", "status", "version", "delivery",
    "pickup_location_id", "customer_id", "address_id", "currency", "total_minor", "shipping_minor",
    "tax_included", "placed_at", "external_updated_at", "promise_by", "captured_at",
    "locale",
)  # fmt: skip
_LINE: Final = (
    "id", "order_id", "position", "external_id", "sku", "title", "quantity", "unrouted", "reserved",
    "backordered", "short", "cancelled", "fulfilled", "unit_price_minor", "tax_minor",
    "discount_minor",
)  # fmt: skip
_REVISION: Final = (
    "id", "order_id", "number", "digest", "external_updated_at", "changes", "at",
)  # fmt: skip
_AUDIT: Final = (
    "at", "actor", "action", "subject_type", "subject_id", "order_id", "request_id", "facts",
)  # fmt: skip
_OUTBOX: Final = (
    "topic", "subject_type", "subject_id", "order_id", "version", "detail", "created_at",
    "available_at", "attempts",
)  # fmt: skip
_RESERVATION: Final = (
    "id", "order_id", "line_id", "location_id", "sku", "quantity", "status", "created_at",
)  # fmt: skip
_MOVEMENT: Final = (
    "sku", "location_id", "kind", "on_hand_delta", "reserved_delta", "cause_type", "cause_id",
    "actor", "at",
)  # fmt: skip

Cells = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An order with all that was looked up for it. Ids are text, which COPY sends as it is."""

    id: str
    new: NewOrder
    customer_id: str
    store_id: str | None
    promise_by: datetime
    reserve_at: Mapping[str, str]
    """Where a line's units are reserved, by the line's external id."""


def write(
    session: Session,
    entries: Sequence[Entry],
    *,
    skus: Mapping[str, Mapping[str, str]],
    actor: str,
) -> None:
    """Write new orders; the totals of what they reserve are the caller's to raise."""
    session.flush()
    now = clock.now().isoformat()
    addresses = {one.id: new_id_text() for one in entries if one.new.address is not None}
    lines: list[Cells] = []
    reservations: list[Cells] = []
    movements: list[Cells] = []
    for one in entries:
        _lines(one, skus[one.new.channel], lines, reservations)
    for row in sorted(reservations, key=lambda row: (row[4], row[3])):
        _, order_id, _, location_id, sku, units, _, _ = row
        movements.append((sku, location_id, "reserve", 0, units, "order", order_id, actor, now))
    request_id = REQUEST_ID.get()
    tables: list[Table] = [
        ("addresses", _ADDRESS, _addresses(entries, addresses)),
        ("orders", _ORDER, (_order(one, addresses.get(one.id), now) for one in entries)),
        ("order_lines", _LINE, lines),
        ("order_revisions", _REVISION, (_revision(one, now) for one in entries)),
        ("audit", _AUDIT, (_audit(one, actor, request_id, now) for one in entries)),
        ("outbox", _OUTBOX, (_told(one, now) for one in entries)),
        ("reservations", _RESERVATION, ((*row[:-1], now) for row in reservations)),
        ("stock_movements", _MOVEMENT, movements),
    ]
    copy_tables(session, tables)
    session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": WAKE_RELAY})


def _addresses(entries: Sequence[Entry], ids: Mapping[str, str]) -> Iterator[Cells]:
    for one in entries:
        if (given := one.new.address) is not None:
            yield (
                ids[one.id], one.customer_id, given.name, given.company, given.street,
                given.street_2, given.city, given.region, given.postcode, given.country,
                given.phone, given.latitude, given.longitude,
            )  # fmt: skip


def _order(one: Entry, address_id: str | None, now: str) -> Cells:
    new = one.new
    return (
        one.id, new.channel, new.external_id, new.display_number, "captured", 1, new.delivery,
        one.store_id, one.customer_id, address_id, new.currency, new.total_minor,
        new.shipping_minor, new.tax_included, new.placed_at, new.updated_at, one.promise_by, now,
        new.locale,
    )  # fmt: skip


def _lines(
    one: Entry, skus: Mapping[str, str], lines: list[Cells], reservations: list[Cells]
) -> None:
    for position, line in enumerate(one.new.lines, start=1):
        line_id, sku = new_id_text(), skus[line.channel_sku]
        place = one.reserve_at.get(line.external_id)
        held = line.quantity if place else 0
        lines.append(
            (
                line_id,
                one.id,
                position,
                line.external_id,
                sku,
                line.title,
                line.quantity,
                line.quantity - held,
                held,
                0,
                0,
                0,
                0,
                line.unit_price_minor,
                line.tax_minor,
                line.discount_minor,
            )
        )
        if place:
            reservations.append(
                (new_id_text(), one.id, line_id, place, sku, line.quantity, "held", None)
            )


def _revision(one: Entry, now: str) -> Cells:
    return (
        new_id_text(), one.id, 1, revisions.digest(one.new), one.new.updated_at, "imported", now
    )  # fmt: skip


def _audit(one: Entry, actor: str, request_id: str | None, now: str) -> Cells:
    facts = json.dumps(audit_facts(one.new))
    return now, actor, "order.imported", "order", one.id, one.id, request_id, facts


def _told(one: Entry, now: str) -> Cells:
    return "order.imported", "order", one.id, one.id, 1, "", now, now, 0
