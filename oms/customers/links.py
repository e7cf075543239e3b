"""The customer's link to one order: made once, known to nobody who was not given it."""

import secrets
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.customers.models import CustomerLink
from oms.settings import settings

_RANDOM_BYTES = 24


def token_of(session: Session, order_id: UUID) -> str:
    """The order's token, made if it has none: 192 random bits."""
    session.execute(
        insert(CustomerLink)
        .values(
            order_id=order_id,
            token=secrets.token_urlsafe(_RANDOM_BYTES),
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["order_id"])
    )
    return session.exec(select(CustomerLink.token).where(CustomerLink.order_id == order_id)).one()


def address_of(token: str) -> str:
    """Where a browser finds the order."""
    return f"{settings().public_url}/order/{token}"


def order_of(session: Session, token: str) -> UUID | None:
    """The order that a token belongs to."""
    return session.exec(
        select(col(CustomerLink.order_id)).where(CustomerLink.token == token)
    ).first()
