"""Identifiers that sort by the time they were made, so that indexes grow at one end."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from uuid_utils import compat, uuid7

_BELOW_TIME: Final = 80
"""Bits of an id that follow its time."""


def new_id() -> UUID:
    """A fresh UUID version 7 (RFC 9562)."""
    return compat.uuid7()


def new_id_text() -> str:
    """The same as text, for rows that are written by the thousand: three times as fast."""
    return str(uuid7())


def first_id_at(moment: datetime) -> UUID:
    """What no id made at that moment or later lies below: the time in milliseconds leads."""
    return UUID(int=int(moment.timestamp() * 1000) << _BELOW_TIME)


def time_of(identifier: UUID) -> datetime:
    """When an id was made, to the millisecond."""
    return datetime.fromtimestamp((identifier.int >> _BELOW_TIME) / 1000, UTC)
