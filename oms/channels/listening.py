"""Take a notification of a channel's queue in: it names an order, which is asked for at once.

The notification and the order are kept in one transaction, and only then is it taken off the queue.
Whatever goes wrong before leaves it there, to come again.
"""

from uuid import UUID

from sqlmodel import Session

from oms.channels import inbox, polling
from oms.channels.amazon.notifications import Heard, unreadable
from oms.channels.base import Channel, Found, Malformed
from oms.channels.models import ChannelMessageKey


def known(session: Session, adapter: Channel, heard: Heard) -> bool:
    """Whether this very notification was kept before; queues deliver some twice."""
    key = (adapter.code, heard.hint.dedupe_key)
    return session.get(ChannelMessageKey, key) is not None


def keep(
    session: Session, adapter: Channel, heard: Heard, body: bytes, found: Found | None
) -> UUID | None:
    """Keep a notification as it came, and the order that it led to; the message to be applied."""
    receipt = inbox.keep(session, adapter.code, hint=heard.hint, body=body)
    if not receipt.repeated:
        inbox.apply_stored(session, receipt.message_id)
    return polling.keep(session, adapter, found) if found is not None else None


def park(session: Session, adapter: Channel, body: bytes, error: Malformed) -> None:
    """Keep what cannot be read, with a case for a person; it must not hold up the others."""
    receipt = inbox.keep(session, adapter.code, hint=unreadable(body, error), body=body)
    if not receipt.repeated:
        message = inbox.locked(session, receipt.message_id)
        inbox.park(session, message, error, speaks_of="notification")
