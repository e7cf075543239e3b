"""Read returns and what they are judged by."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from oms import clock
from oms.errors import NotFound
from oms.fulfilments.models import Fulfilment, FulfilmentLine, FulfilmentStatus
from oms.orders import queries as orders
from oms.orders.models import Order, OrderStatus
from oms.returns.models import Return, ReturnedGoods, ReturnLine, ReturnRules
from oms.returns.rules import RuleSet
from oms.returns.states import LIVE

_LEFT = (
    FulfilmentStatus.HANDED_OVER,
    FulfilmentStatus.DELIVERED,
    FulfilmentStatus.LOST,
    FulfilmentStatus.RETURNED,
)


def locked(session: Session, return_id: UUID) -> tuple[Return, Order]:
    """The return and its order, locked in the sequence that everybody locks in."""
    order_id = session.exec(select(Return.order_id).where(Return.id == return_id)).first()
    if order_id is None:
        raise _unknown(return_id)
    order = orders.locked(session, order_id)
    row = session.get_one(Return, return_id, with_for_update=True, populate_existing=True)
    return row, order


def read(session: Session, return_id: UUID) -> Return:
    """A return, for reading only."""
    row = session.get(Return, return_id)
    if row is None:
        raise _unknown(return_id)
    return row


def of_order(session: Session, order_id: UUID) -> Sequence[Return]:
    """Every return of an order, oldest first."""
    return session.exec(
        select(Return).where(Return.order_id == order_id).order_by(col(Return.number))
    ).all()


def lines(session: Session, return_id: UUID) -> Sequence[ReturnLine]:
    """What was asked."""
    return session.exec(
        select(ReturnLine).where(ReturnLine.return_id == return_id).order_by(col(ReturnLine.id))
    ).all()


def goods(session: Session, return_id: UUID) -> Sequence[ReturnedGoods]:
    """What really came."""
    return session.exec(
        select(ReturnedGoods)
        .where(ReturnedGoods.return_id == return_id)
        .order_by(col(ReturnedGoods.id))
        .execution_options(populate_existing=True)
    ).all()


def units_coming(session: Session, order_id: UUID) -> Mapping[UUID, int]:
    """Units by order line that are, or were, on their way back."""
    rows = session.exec(
        select(ReturnLine.line_id, func.sum(ReturnLine.units))
        .join(Return, col(Return.id) == ReturnLine.return_id)
        .where(Return.order_id == order_id, col(Return.status).in_(LIVE))
        .group_by(col(ReturnLine.line_id))
    ).all()
    return {line_id: int(units) for line_id, units in rows}


def received_at(session: Session, order_id: UUID) -> Mapping[UUID, datetime | None]:
    """When the last units of each line reached the customer; None while some are on their way."""
    rows = session.exec(
        select(FulfilmentLine.line_id, Fulfilment)
        .join(Fulfilment, col(Fulfilment.id) == FulfilmentLine.fulfilment_id)
        .where(Fulfilment.order_id == order_id, col(Fulfilment.status).in_(_LEFT))
    ).all()
    found: dict[UUID, datetime | None] = {}
    for line_id, part in rows:
        when = part.closed_at
        before = found.get(line_id, when)
        found[line_id] = None if when is None or before is None else max(before, when)
    return found


def current_rules(session: Session) -> tuple[RuleSet, int | None]:
    """The rules in force and their version; the standard ones where none were published."""
    row = session.exec(
        select(ReturnRules)
        .where(ReturnRules.effective_from <= clock.now())
        .order_by(col(ReturnRules.effective_from).desc(), col(ReturnRules.version).desc())
        .limit(1)
    ).first()
    if row is None:
        return RuleSet(), None
    return RuleSet.model_validate(row.body), row.version


def trusted(session: Session, customer_id: UUID, *, after_orders: int) -> bool:
    """Whether a customer has bought often enough, and never sent back anything but what they said.

    Missing or unexpected units, and deductions for goods that were used, count against them.
    """
    bought = session.exec(
        select(func.count())
        .select_from(Order)
        .where(Order.customer_id == customer_id, Order.status == OrderStatus.FULFILLED)
    ).one()
    if bought < after_orders:
        return False
    differed = session.exec(
        select(Return.id)
        .join(Order, col(Order.id) == Return.order_id)
        .join(ReturnedGoods, col(ReturnedGoods.return_id) == Return.id)
        .where(
            Order.customer_id == customer_id,
            col(ReturnedGoods.line_id).is_(None) | (col(ReturnedGoods.deduct_minor) > 0),
        )
        .limit(1)
    ).first()
    return differed is None


def _unknown(return_id: UUID) -> NotFound:
    return NotFound(
        f"there is no return {return_id}",
        field="return_id",
        remedy="use the id that asking for the return answered with",
    )
