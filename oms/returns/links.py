"""The customer's unguessable link to the returns of one order."""

import secrets
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, select

from oms import clock
from oms.errors import NotFound
from oms.orders.models import Order
from oms.returns.models import ReturnLink
from oms.settings import settings

_TOKEN_BYTES = 24
"""192 random bits, as for a pickup's link."""


def link(session: Session, order_id: UUID) -> str:
    """The address of an order's return page; made when it is asked for the first time."""
    if session.get(Order, order_id) is None:
        raise NotFound(
            f"there is no order {order_id}",
            field="order_id",
            remedy="use the order_id that placing the order answered with",
        )
    session.execute(
        insert(ReturnLink)
        .values(
            order_id=order_id,
            token=secrets.token_urlsafe(_TOKEN_BYTES),
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
    )
    token = session.exec(select(ReturnLink.token).where(ReturnLink.order_id == order_id)).one()
    return f"{settings().public_url}/return/{token}"


def order_of(session: Session, token: str) -> UUID | None:
    """The order that a link's token is of."""
    return session.exec(select(ReturnLink.order_id).where(ReturnLink.token == token)).first()
