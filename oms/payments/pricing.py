"""Settle what each unit of an order is worth, once, before money moves by units."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session, select

from oms.orders import queries as orders
from oms.orders.models import Order, OrderLine
from oms.payments import allocating
from oms.payments.allocating import Priced, Share
from oms.payments.models import PricedLine


def settled(session: Session, order: Order) -> Mapping[UUID, PricedLine]:
    """The worth of every line, by line; written down when it is asked for the first time.

    Lines that a channel added afterwards are worth what they say, without a part of the shipping:
    what was captured before is not divided anew. The caller holds the order's lock.
    """
    rows = session.exec(select(PricedLine).where(PricedLine.order_id == order.id)).all()
    known = {row.line_id: row for row in rows}
    fresh = _fresh(session, order, known)
    session.add_all(fresh.values())
    session.flush()
    return {**known, **fresh}


def would_be_worth(session: Session, order: Order, units: Mapping[UUID, int]) -> int:
    """What units by line are worth, in minor units, without anything being written down."""
    rows = session.exec(select(PricedLine).where(PricedLine.order_id == order.id)).all()
    known = {row.line_id: row for row in rows}
    priced = {**known, **_fresh(session, order, known)}
    return sum(
        worth(priced[line_id], after=priced[line_id].units - count, units=count).total_minor
        for line_id, count in units.items()
    )


def _fresh(
    session: Session, order: Order, known: Mapping[UUID, PricedLine]
) -> dict[UUID, PricedLine]:
    """The worth of lines that have none yet."""
    fresh = [line for line in orders.lines(session, order.id) if line.id not in known]
    if not fresh:
        return {}
    priced = [_priced(line) for line in fresh]
    first = not known
    found = allocating.shares(
        priced,
        total_minor=order.total_minor if first else _own_minor(priced, order),
        shipping_minor=order.shipping_minor if first else 0,
        tax_included=order.tax_included,
    )
    return {
        line.id: PricedLine(
            line_id=line.id,
            order_id=order.id,
            units=_kept(line),
            goods_minor=share.goods_minor,
            tax_minor=share.tax_minor,
            extra_minor=share.extra_minor,
        )
        for line, share in zip(fresh, found, strict=True)
    }


def share_of(row: PricedLine) -> Share:
    """The line's worth as a plain value."""
    return Share(row.goods_minor, row.tax_minor, row.extra_minor)


def worth(row: PricedLine, *, after: int, units: int) -> Share:
    """What units of a line are worth when others were dealt with before."""
    return allocating.of_units(share_of(row), of=row.units, after=after, units=units)


def _own_minor(priced: list[Priced], order: Order) -> int:
    """What lines are worth by themselves."""
    return sum(allocating.own(line, tax_included=order.tax_included).total_minor for line in priced)


def _priced(line: OrderLine) -> Priced:
    return Priced(
        ordered=line.quantity,
        kept=_kept(line),
        unit_price_minor=line.unit_price_minor,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
    )


def _kept(line: OrderLine) -> int:
    return line.quantity - line.cancelled - line.short
