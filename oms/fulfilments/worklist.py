"""What a person at a location collects from the shelves, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from oms.catalogue import queries as catalogue
from oms.catalogue.models import Product
from oms.fulfilments.models import FulfilmentLine
from oms.orders.models import OrderLine


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One article to collect. `barcodes` are what a scanner may read from it."""

    sku: str
    name: str
    quantity: int
    picked: int
    barcodes: tuple[str, ...]


def lines_of(session: Session, fulfilment_ids: Sequence[UUID]) -> dict[UUID, tuple[QueueLine, ...]]:
    """The lines of several fulfilments in two queries, each in its order's sequence.

    A line is called what the channel called it; one without a title has its product's name.
    """
    rows = session.execute(
        select(
            col(FulfilmentLine.fulfilment_id),
            col(FulfilmentLine.sku),
            col(FulfilmentLine.quantity),
            col(FulfilmentLine.picked),
            col(OrderLine.title),
            col(Product.name),
        )
        .join(OrderLine, col(OrderLine.id) == FulfilmentLine.line_id)
        .join(Product, col(Product.sku) == FulfilmentLine.sku)
        .where(col(FulfilmentLine.fulfilment_id).in_(fulfilment_ids))
        .order_by(col(OrderLine.position))
    ).all()
    codes = catalogue.barcodes(session, [row.sku for row in rows])
    found: dict[UUID, tuple[QueueLine, ...]] = {}
    for row in rows:
        shown = QueueLine(
            sku=row.sku,
            name=row.name if row.title in ("", row.sku) else row.title,
            quantity=row.quantity,
            picked=row.picked,
            barcodes=codes.get(row.sku, ()),
        )
        found[row.fulfilment_id] = (*found.get(row.fulfilment_id, ()), shown)
    return found
