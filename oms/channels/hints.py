"""Keys and headers of a message, cut to what the message table can hold."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from oms.channels.base import Malformed, RawRequest
from oms.channels.documents import moment, read_object

_LONGEST_KEY: Final = 300
_LONGEST_HEADER: Final = 500


def key_of(*parts: str) -> str:
    """One key for the parts, told apart even if a part holds the separator."""
    key = "|".join(part.replace("%", "%25").replace("|", "%7C") for part in parts)
    if len(key) <= _LONGEST_KEY and key.isprintable():
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def clean(text: str, *, most: int) -> str:
    """Text that PostgreSQL can hold, at most so long."""
    return "".join(char for char in text if char.isprintable())[:most]


def kept(request: RawRequest, names: Iterable[str]) -> dict[str, str]:
    """Those of the named headers that came, once each."""
    values = {name: request.header(name) for name in names}
    return {name: clean(value, most=_LONGEST_HEADER) for name, value in values.items() if value}


def body_digest(body: bytes) -> str:
    """What tells one body from another."""
    return hashlib.sha256(body).hexdigest()[:32]


def peek(body: bytes) -> dict[str, object]:
    """The body's JSON object, or an empty one if there is none to read."""
    try:
        return read_object(body)
    except Malformed:
        return {}


def moment_or_none(value: object) -> datetime | None:
    """A moment with its zone, or None for anything else."""
    try:
        return moment(value)
    except ValueError:
        return None
