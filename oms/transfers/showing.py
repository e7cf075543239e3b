"""Transfers as people and programs see them, with the names of articles and places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from oms.catalogue import queries as catalogue
from oms.catalogue.models import Product
from oms.locations.models import Location
from oms.orders.models import Order
from oms.transfers.models import Transfer, TransferLine, TransferStatus


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One article of a transfer. `barcodes` are what a scanner may read from it."""

    sku: str
    name: str
    requested: int
    picked: int
    received: int
    over: int
    damaged: int
    barcodes: tuple[str, ...]

    @property
    def quantity(self) -> int:
        """Units to be fetched."""
        return self.requested

    @property
    def short(self) -> int:
        """Units that left and never came."""
        return self.picked - self.received


@dataclass(frozen=True, slots=True)
class Shown:
    """One transfer. Places by code, and by name for people."""

    id: UUID
    number: int
    from_location: str
    to_location: str
    from_name: str
    to_name: str
    status: TransferStatus
    version: int
    order_id: UUID | None
    order_number: str
    note: str
    expected_at: datetime
    requested_at: datetime
    requested_by: str
    shipped_at: datetime | None
    closed_at: datetime | None
    lines: tuple[ShownLine, ...]

    @property
    def miscounted(self) -> bool:
        """Whether more or less came than was sent."""
        over = self.status in (TransferStatus.RECEIVED, TransferStatus.LOST)
        return over and any(line.short or line.over for line in self.lines)

    @property
    def differs(self) -> bool:
        """Whether something else came than was sent, or in another state."""
        return self.miscounted or any(line.damaged for line in self.lines)


def shown(session: Session, rows: Sequence[Transfer]) -> list[Shown]:
    """Transfers with their lines, in four queries however many there are."""
    lines = _lines(session, [row.id for row in rows])
    places = _places(session, rows)
    orders = _orders(session, rows)
    return [
        Shown(
            id=row.id,
            number=row.number or 0,
            from_location=places[row.from_location_id].code,
            to_location=places[row.to_location_id].code,
            from_name=places[row.from_location_id].name,
            to_name=places[row.to_location_id].name,
            status=row.status,
            version=row.version,
            order_id=row.order_id,
            order_number=orders.get(row.order_id, "") if row.order_id else "",
            note=row.note,
            expected_at=row.expected_at,
            requested_at=row.requested_at,
            requested_by=row.requested_by,
            shipped_at=row.shipped_at,
            closed_at=row.closed_at,
            lines=lines.get(row.id, ()),
        )
        for row in rows
    ]


def _lines(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[ShownLine, ...]]:
    rows = session.exec(
        select(TransferLine, Product.name)
        .join(Product, col(Product.sku) == TransferLine.sku)
        .where(col(TransferLine.transfer_id).in_(ids))
        .order_by(col(TransferLine.sku))
        .execution_options(populate_existing=True)
    ).all()
    codes = catalogue.barcodes(session, [line.sku for line, _ in rows])
    found: dict[UUID, tuple[ShownLine, ...]] = {}
    for line, name in rows:
        one = ShownLine(
            sku=line.sku,
            name=name,
            requested=line.requested,
            picked=line.picked,
            received=line.received,
            over=line.over,
            damaged=line.damaged,
            barcodes=codes.get(line.sku, ()),
        )
        found[line.transfer_id] = (*found.get(line.transfer_id, ()), one)
    return found


def _places(session: Session, rows: Sequence[Transfer]) -> dict[UUID, Location]:
    wanted = {row.from_location_id for row in rows} | {row.to_location_id for row in rows}
    found = session.exec(select(Location).where(col(Location.id).in_(wanted)))
    return {place.id: place for place in found}


def _orders(session: Session, rows: Sequence[Transfer]) -> dict[UUID, str]:
    wanted = {row.order_id for row in rows if row.order_id}
    query = select(Order.id, Order.display_number).where(col(Order.id).in_(wanted))
    return dict(session.exec(query).all())
