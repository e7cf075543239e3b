"""Orders with money on them, and what became of it."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlmodel import Session

from oms.ordering import placing
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.orders.new_order import NewLine
from oms.payments import capturing, statements
from oms.payments.statements import Statement
from tests.builders import a_new_order
from tests.oms.shop import routed, shipped

LINES = (
    NewLine("1", "MUG", "Mug", 3, unit_price_minor=1_000, discount_minor=100, tax_minor=551),
    NewLine("2", "LAMP", "Lamp", 1, unit_price_minor=499, tax_minor=95),
)
SHIPPING = 450
TOTAL = 2_900 + 551 + 499 + 95 + SHIPPING


def an_order_with_money(
    session: Session, *, channel: str = "reference", currency: str = "USD"
) -> Order:
    """Three mugs and a lamp with a discount, two taxes and shipping: 4,495 minor units."""
    new = replace(
        a_new_order(channel=channel),
        lines=LINES,
        currency=currency,
        shipping_minor=SHIPPING,
        total_minor=TOTAL,
    )
    return placing.place(session, new, actor="test")


def sent(session: Session, order: Order) -> Order:
    """All of the order has left, and its money is settled."""
    for part in routed(session, order):
        shipped(session, part)
    return capturing.settle(session, order.id)


def line_ids(session: Session, order: Order) -> dict[str, UUID]:
    """The ids of the order's lines by SKU."""
    return {line.sku: line.id for line in orders.lines(session, order.id)}


def money(session: Session, order: Order) -> Statement:
    """The order's statement as it is now."""
    session.flush()
    return statements.of_order(session, order)


def totals(session: Session, order: Order) -> Mapping[str, tuple[int, int, int, int]]:
    """Authorised, captured, voided and refunded of each tender."""
    return {
        one.tender: (
            one.authorised_minor, one.captured_minor, one.voided_minor, one.refunded_minor
        )
        for one in money(session, order).payments
    }  # fmt: skip
