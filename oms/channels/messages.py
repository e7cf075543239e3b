"""Read what channels sent."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from oms.channels.models import ChannelMessage


def message(session: Session, message_id: UUID) -> ChannelMessage | None:
    """One message as it came, if it is one."""
    return session.get(ChannelMessage, message_id)


def of_order(session: Session, order_id: UUID) -> Sequence[ChannelMessage]:
    """Every message that spoke of an order, oldest first."""
    return session.exec(
        select(ChannelMessage)
        .where(ChannelMessage.order_id == order_id)
        .order_by(col(ChannelMessage.id))
    ).all()
