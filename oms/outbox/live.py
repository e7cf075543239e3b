"""Say on the spot that something in a store has changed, for the pages that are open there."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

LIVE = "oms_live"
"""The LISTEN channel of the web processes; the payload is a location's id."""


def announce(session: Session, *, location_id: UUID) -> None:
    """Tell open pages to read again. Sent at commit; PostgreSQL folds repeats into one."""
    session.execute(
        text("SELECT pg_notify(:channel, :payload)"),
        {"channel": LIVE, "payload": str(location_id)},
    )
