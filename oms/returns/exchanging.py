"""Other goods instead of the money: an order of their own, paid with what the old ones were worth.

The new order stands under the channel `exchange` and is linked by the return. Its stock is held as
soon as it is placed; it goes on when nothing of it is due any more. What the old goods were worth
beyond it goes back the way it came; what they were worth less is paid at a till or by card.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.catalogue import queries as catalogue
from oms.customers.models import Address, Customer
from oms.errors import Conflict, Invalid, NotFound
from oms.ordering import cancelling, holds, placing
from oms.orders import queries as orders
from oms.orders.models import Delivery, HoldKind, Order, OrderStatus
from oms.orders.new_order import NewAddress, NewHold, NewLine, NewOrder
from oms.payments import capturing, crediting, pricing, refunding
from oms.payments.refunding import Onto
from oms.returns import queries, states
from oms.returns.models import Exchange, Return, ReturnStatus

CHANNEL: Final = "exchange"
_R = ReturnStatus
_WHEN: Final = {
    Exchange.NONE: frozenset[ReturnStatus](),
    Exchange.AFTER_RECEIPT: frozenset({_R.RECEIVED, _R.INSPECTED}),
    Exchange.AT_ONCE: frozenset({_R.AUTHORISED, _R.IN_TRANSIT, _R.RECEIVED, _R.INSPECTED}),
}


class NoExchange(Conflict):
    """The rule, or how far the return has come, does not let other goods be had for these."""

    code = "no_exchange"


@dataclass(frozen=True, slots=True)
class Instead:
    """Units of an article that the customer has instead."""

    sku: str
    units: int


def exchange(
    session: Session,
    return_id: UUID,
    wanted: Sequence[Instead],
    *,
    actor: str,
    pickup_store: str | None = None,
) -> Order:
    """Place the order of the goods that are had instead, and hold their stock at once.

    An article that is on the return itself costs what its units were worth there, any other its
    price in the catalogue. With `pickup_store` it is collected there, else it goes where the old
    order went. Raises `NoExchange`, or `OutOfStock` unless all of it can be had.
    """
    row, order = queries.locked(session, return_id)
    _require_possible(row)
    lines = _lines(session, row, order, wanted)
    reference = f"return-{row.number}"
    placing.lock_reference(session, channel=CHANNEL, external_id=reference)
    customer = session.get_one(Customer, order.customer_id)
    now = clock.now()
    new = NewOrder(
        channel=CHANNEL,
        external_id=reference,
        display_number=f"{order.display_number}-X{row.number}",
        placed_at=now,
        updated_at=now,
        currency=order.currency,
        total_minor=sum(one.unit_price_minor * one.quantity - one.discount_minor for one in lines),
        lines=tuple(lines),
        customer_name=customer.name,
        customer_email=customer.email,
        customer_phone=customer.phone,
        tax_included=True,
        holds=(NewHold(HoldKind.PAYMENT, f"waits for the money of return {row.number}"),),
        delivery=Delivery.SHIP if pickup_store is None else Delivery.PICKUP,
        pickup_store=pickup_store,
        address=_address(session, order) if pickup_store is None else None,
    )
    made = placing.place(session, new, actor=actor, backorder=False)
    row.exchange_order_id = made.id
    facts = {"order": made.display_number, "total_minor": made.total_minor}
    states.tell(session, row, actor=actor, facts=facts, what="exchanged")
    return made


def onto(session: Session, row: Return) -> Onto | None:
    """Where a return's money goes: on the credit that was chosen, or on one for the new order.

    The second is spent on that order by `pay`, in the same transaction.
    """
    other = _other(session, row)
    if other is None:
        return Onto(row.credit_id) if row.credit_id else None
    due = max(0, capturing.due_minor(session, other))
    opened = crediting.for_refunds(session, currency=other.currency, actor="system")
    row.credit_id = opened.credit.id
    return Onto(opened.credit.id, most_minor=due)


def pay(session: Session, row: Return) -> None:
    """Pay the new order with what the return has put on its credit."""
    other = _other(session, row)
    if other is None or row.credit_id is None:
        return
    credit = crediting.read(session, row.credit_id)
    if credit.balance_minor:
        capturing.take_credit(
            session,
            other.id,
            credit,
            amount_minor=credit.balance_minor,
            key=f"exchange:{row.id}",
            actor="system",
        )
    go_on_if_paid(session, other.id, actor="system")


def go_on_if_paid(session: Session, order_id: UUID, *, actor: str) -> None:
    """Let the order of an exchange go on when nothing of it is due any more."""
    order = orders.locked(session, order_id)
    if order.channel != CHANNEL or capturing.due_minor(session, order) > 0:
        return
    if any(one.kind is HoldKind.PAYMENT for one in orders.open_holds(session, order.id)):
        holds.release_hold(session, order.id, kind=HoldKind.PAYMENT, actor=actor)


def call_off(session: Session, row: Return, *, actor: str) -> None:
    """The old goods do not come: the new ones are let go, unless they have left already."""
    if row.exchange_order_id is None:
        return
    with suppress(cancelling.TooLate):
        cancelling.cancel(
            session, row.exchange_order_id, actor=actor, reason=f"return {row.number} never came"
        )
    row.exchange_order_id = None


def _other(session: Session, row: Return) -> Order | None:
    """The order of an exchange, unless it was called off."""
    if row.exchange_order_id is None:
        return None
    other = orders.locked(session, row.exchange_order_id)
    return None if other.status is OrderStatus.CANCELLED else other


def _require_possible(row: Return) -> None:
    if row.status in _WHEN[row.exchange] and not (row.exchange_order_id or row.refund_id):
        return
    if row.exchange_order_id is not None:
        why, remedy = "other goods are had for it already", "cancel that order first"
    elif row.refund_id is not None:
        why, remedy = "its money has gone back", "place an ordinary order"
    elif row.exchange is Exchange.NONE:
        why, remedy = f"the rules let nothing be exchanged ({row.decision})", "refund it"
    else:
        why = f"it is {row.status.value.replace('_', ' ')}"
        remedy = "receive the old goods first"
    raise NoExchange(
        f"return {row.number} cannot be exchanged: {why}",
        field="return_id",
        remedy=remedy,
        facts={"exchange": row.exchange.value, "status": row.status.value},
    )


def _lines(session: Session, row: Return, order: Order, wanted: Sequence[Instead]) -> list[NewLine]:
    placing.require_lines([one.units for one in wanted])
    products = catalogue.products(session, [one.sku for one in wanted])
    worth = _worth(session, row, order)
    found = []
    for position, one in enumerate(wanted, start=1):
        product = products.get(one.sku)
        if product is None:
            raise NotFound(
                f"not in the catalogue: {one.sku}",
                field="lines.sku",
                remedy="use a SKU of the catalogue",
            )
        units, total = worth.get(one.sku, (0, 0))
        if units == one.units:
            each = -(-total // units)
            found.append(_line(position, one, product.name, each, off=each * units - total))
            continue
        if product.currency != order.currency:
            raise Invalid(
                f"{one.sku} has no price in {order.currency}",
                field="lines.sku",
                remedy="refund the old goods, and place an ordinary order",
            )
        found.append(_line(position, one, product.name, product.price_minor, off=0))
    return found


def _line(position: int, one: Instead, title: str, each_minor: int, *, off: int) -> NewLine:
    return NewLine(str(position), one.sku, title, one.units, each_minor, discount_minor=off)


def _worth(session: Session, row: Return, order: Order) -> dict[str, tuple[int, int]]:
    """Units on the return and what they were worth without shipping, by SKU."""
    priced = pricing.settled(session, order)
    done = refunding.refunded_units(session, order.id)
    found: dict[str, tuple[int, int]] = {}
    for line in queries.lines(session, row.id):
        after = done.get(line.line_id, 0)
        units = min(line.units, priced[line.line_id].units - after)
        share = pricing.worth(priced[line.line_id], after=after, units=units)
        value = share.goods_minor + share.tax_minor + min(0, share.extra_minor)
        before = found.get(line.sku, (0, 0))
        found[line.sku] = (before[0] + units, before[1] + value)
    return found


def _address(session: Session, order: Order) -> NewAddress:
    """Where the old order went."""
    if order.address_id is None:
        raise Invalid(
            f"order {order.display_number} was collected; it has no address to send to",
            field="pickup_store",
            remedy="name the store where the new goods are collected",
        )
    there = session.get_one(Address, order.address_id)
    return NewAddress(**there.model_dump(exclude={"id", "customer_id"}))
