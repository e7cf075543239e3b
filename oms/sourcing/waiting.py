"""The orders that wait for joint routing, with all of their parts, read in a few questions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from oms import clock
from oms.customers.models import Address
from oms.fulfilments.models import Rejection
from oms.inventory.models import Reservation, ReservationStatus
from oms.orders.lines import open_units
from oms.orders.models import Delivery, Order, OrderLine


class _Part(Protocol):
    order_id: UUID


T = TypeVar("T", bound=_Part)


@dataclass(frozen=True, slots=True)
class Pool:
    """The orders of one currency that wait, first come first, and their parts by order."""

    orders: Sequence[Order]
    lines: Mapping[UUID, Sequence[OrderLine]]
    held: Mapping[UUID, Sequence[Reservation]]
    rejections: Mapping[UUID, Sequence[Rejection]]
    addresses: Mapping[UUID, Address]

    def open_lines(self, order: Order) -> Sequence[OrderLine]:
        """Lines that still want goods and that no location works on."""
        working = {
            row.line_id for row in self.held.get(order.id, ()) if row.fulfilment_id is not None
        }
        return [
            line
            for line in self.lines.get(order.id, ())
            if line.id not in working and open_units(line) > 0
        ]

    def tentative(self, order: Order) -> Sequence[Reservation]:
        """What is held for the order and given to no location yet."""
        return [row for row in self.held.get(order.id, ()) if row.fulfilment_id is None]


def currencies(session: Session) -> Sequence[str]:
    """The currencies of the orders that wait now; each makes a problem of its own."""
    return session.exec(
        select(Order.currency).where(*_waiting()).distinct().order_by(Order.currency)
    ).all()


def pool(session: Session, *, currency: str, most: int) -> Pool:
    """The orders of a currency that wait now, at most so many, the first come first."""
    chosen = (
        select(Order.id)
        .where(*_waiting(), Order.currency == currency)
        .order_by(col(Order.number))
        .limit(most)
    )
    rows = session.exec(
        select(Order)
        .where(col(Order.id).in_(chosen))
        .order_by(col(Order.number))
        .execution_options(populate_existing=True)
    ).all()
    addresses = select(Address).where(
        col(Address.id).in_(select(Order.address_id).where(col(Order.id).in_(chosen)))
    )
    return Pool(
        orders=rows,
        lines=_by_order(
            session.exec(
                select(OrderLine)
                .where(col(OrderLine.order_id).in_(chosen))
                .order_by(col(OrderLine.order_id), col(OrderLine.position))
                .execution_options(populate_existing=True)
            )
        ),
        held=_by_order(
            session.exec(
                select(Reservation)
                .where(
                    col(Reservation.order_id).in_(chosen),
                    Reservation.status == ReservationStatus.HELD,
                )
                .execution_options(populate_existing=True)
            )
        ),
        rejections=_by_order(
            session.exec(
                select(Rejection).where(
                    col(Rejection.order_id).in_(chosen), col(Rejection.forgotten_at).is_(None)
                )
            )
        ),
        addresses={row.id: row for row in session.exec(addresses)},
    )


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Order.release_at) > clock.now(),
        col(Order.closed_at).is_(None),
        col(Order.delivery) == Delivery.SHIP,
    )


def _by_order(rows: Iterable[T]) -> Mapping[UUID, Sequence[T]]:
    found: dict[UUID, list[T]] = {}
    for row in rows:
        found.setdefault(row.order_id, []).append(row)
    return found
