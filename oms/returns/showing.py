"""What of an order may come back, and by which rule: for whoever is about to ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from oms.catalogue import queries as catalogue
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders.models import Order, OrderLine
from oms.returns import asking, queries
from oms.returns.models import ReturnedGoods
from oms.returns.rules import Terms


@dataclass(frozen=True, slots=True)
class Returnable:
    """A line of which units left the house, how many may still come back, and on which terms."""

    line: OrderLine
    name: str
    barcodes: tuple[str, ...]
    left: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class Waiting:
    """Goods that lie in quarantine at a location."""

    goods: ReturnedGoods
    number: int
    name: str


def returnable(session: Session, order: Order) -> Sequence[Returnable]:
    """Every line of which anything left the house, in the order's own sequence."""
    lines = [line for line in orders.lines(session, order.id) if line.fulfilled]
    current, _ = queries.current_rules(session)
    coming = queries.units_coming(session, order.id)
    skus = [line.sku for line in lines]
    names, codes = catalogue.products(session, skus), catalogue.barcodes(session, skus)
    found = asking.judged(session, order, lines, current)
    return [
        Returnable(
            line=line,
            name=names[line.sku].name,
            barcodes=codes.get(line.sku, ()),
            left=line.fulfilled - coming.get(line.id, 0),
            terms=terms,
        )
        for line, terms in zip(lines, found, strict=True)
    ]


def in_quarantine(session: Session, place: Location, *, limit: int = 50) -> Sequence[Waiting]:
    """Goods at a location that nobody has decided on, the oldest first."""
    rows = session.exec(
        select(ReturnedGoods)
        .where(ReturnedGoods.location_id == place.id, col(ReturnedGoods.disposed_at).is_(None))
        .order_by(col(ReturnedGoods.id))
        .limit(limit)
    ).all()
    numbers = _numbers(session, {row.return_id for row in rows})
    names = catalogue.products(session, [row.sku for row in rows])
    return [Waiting(row, numbers[row.return_id], names[row.sku].name) for row in rows]


def _numbers(session: Session, return_ids: set[UUID]) -> Mapping[UUID, int]:
    return {one: queries.read(session, one).number or 0 for one in return_ids}
