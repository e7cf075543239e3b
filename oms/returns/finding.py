"""Find what somebody at the counter means: a receipt's code, a return, an order, a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session, select

from oms.errors import NotFound
from oms.orders import listing
from oms.orders import queries as orders
from oms.orders.listing import OrderRow
from oms.pickup.models import Pickup
from oms.returns import links, queries
from oms.returns.models import Return
from oms.returns.states import AWAITED

_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Found:
    """One return, one order, or several orders to choose from."""

    return_id: UUID | None = None
    order_id: UUID | None = None
    orders: Sequence[OrderRow] = ()


def find(session: Session, shown: str) -> Found:
    """What was scanned or typed; empty if it stands for nothing.

    A QR code of a pickup or of a return's page (of its return, if one is awaited), the number of a
    return, that of an order in whatever form, or a customer's whole e-mail address.
    """
    text = shown.strip()
    if not text:
        return Found()
    order_id = _by_token(session, text.rstrip("/").rpartition("/")[2])
    if order_id is not None:
        awaited = [one.id for one in queries.of_order(session, order_id) if one.status in AWAITED]
        return Found(return_id=awaited[0]) if len(awaited) == 1 else Found(order_id=order_id)
    if text.isdecimal() and len(text) <= 18:
        row = session.exec(select(Return.id).where(Return.number == int(text))).first()
        if row is not None:
            return Found(return_id=row)
    rows = listing.page(session, search=text, limit=_MOST).rows
    if len(rows) == 1:
        return Found(order_id=rows[0].id)
    if not rows:
        try:
            return Found(order_id=orders.named(session, text).id)
        except NotFound:
            return Found()
    return Found(orders=rows)


def _by_token(session: Session, token: str) -> UUID | None:
    pickup = session.exec(select(Pickup.order_id).where(Pickup.qr_token == token)).first()
    return pickup or links.order_of(session, token)
