"""What a person at a location collects from the shelves, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from oms.catalogue import queries as catalogue
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
    """The lines of several fulfilments in three queries, each in its order's sequence.

    A line is called what the channel called it; one without a title has its product's name.
    """
    rows = session.exec(
        select(FulfilmentLine, OrderLine.title)
        .join(OrderLine, col(OrderLine.id) == FulfilmentLine.line_id)
        .where(col(FulfilmentLine.fulfilment_id).in_(fulfilment_ids))
        .order_by(col(OrderLine.position))
    ).all()
    skus = [line.sku for line, _ in rows]
    codes = catalogue.barcodes(session, skus)
    names = {sku: product.name for sku, product in catalogue.products(session, skus).items()}
    found: dict[UUID, tuple[QueueLine, ...]] = {}
    for line, title in rows:
        shown = QueueLine(
            sku=line.sku,
            name=names[line.sku] if title in ("", line.sku) else title,
            quantity=line.quantity,
            picked=line.picked,
            barcodes=codes.get(line.sku, ()),
        )
        found[line.fulfilment_id] = (*found.get(line.fulfilment_id, ()), shown)
    return found
