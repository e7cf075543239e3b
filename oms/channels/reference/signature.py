"""Standard Webhooks 1.0 (https://www.standardwebhooks.com), both ways, with symmetric keys.

A message is signed as `id.timestamp.body`; the header lists one signature per valid key, so
that keys can change without a gap.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from oms.channels.base import BadSignature, Hint, RawRequest
from oms.channels.hints import clean, kept, key_of, moment_or_none, peek
from oms.channels.signing import decoded, signature, signed_by_any
from oms.errors import Invalid

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE_S: Final = 300
_PREFIX: Final = "whsec_"
_SHORTEST_KEY_BYTES, _LONGEST_KEY_BYTES = 24, 64
_MOST_SIGNATURES: Final = 20
_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_KEPT: Final = (ID, TIMESTAMP)


def key_from(secret: str, *, field: str) -> bytes:
    """The key in a secret written `whsec_` and base64. Raises `Invalid` naming `field`."""
    encoded = secret.removeprefix(_PREFIX)
    try:
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or not _SHORTEST_KEY_BYTES <= len(key) <= _LONGEST_KEY_BYTES:
        raise Invalid(
            f"{field} is no Standard Webhooks secret",
            field=field,
            remedy=f"write {_PREFIX} and the base64 of {_SHORTEST_KEY_BYTES} to"
            f" {_LONGEST_KEY_BYTES} random bytes",
        )
    return key


def verify(request: RawRequest, *, keys: Sequence[bytes], now: datetime) -> None:
    """Raise `BadSignature` unless one of the keys signed these bytes within five minutes."""
    identifier = _once(request, ID)
    timestamp = _once(request, TIMESTAMP)
    given = _once(request, SIGNATURE)
    if not _SECONDS.fullmatch(timestamp):
        raise BadSignature(
            f"{TIMESTAMP} is {timestamp!r}, not seconds since 1970"[:200],
            field=TIMESTAMP,
            remedy="sign the message as Standard Webhooks describes",
        )
    age_s = int(now.timestamp()) - int(timestamp)
    if abs(age_s) > TOLERANCE_S:
        raise BadSignature(
            f"the message was signed {abs(age_s)} s {'ago' if age_s > 0 else 'ahead of us'};"
            f" at most {TOLERANCE_S} s are allowed",
            field=TIMESTAMP,
            remedy="sign anew at each attempt, and set the sender's clock",
        )
    content = _content(identifier, timestamp, request.body)
    for part in given.split(" ")[:_MOST_SIGNATURES]:
        version, _, value = part.partition(",")
        raw = decoded(value) if version == "v1" else None
        if raw is not None and signed_by_any(keys, content, raw):
            return
    raise BadSignature(
        f"no signature in {SIGNATURE} fits the body",
        field=SIGNATURE,
        remedy="compare the channel's webhook secret in the settings with the sender's",
    )


def sign(body: bytes, *, identifier: str, now: datetime, keys: Sequence[bytes]) -> dict[str, str]:
    """The headers of a message to send: one signature per key."""
    timestamp = str(int(now.timestamp()))
    content = _content(identifier, timestamp, body)
    return {
        ID: identifier,
        TIMESTAMP: timestamp,
        SIGNATURE: " ".join(f"v1,{signature(key, content)}" for key in keys),
    }


def hint(request: RawRequest) -> Hint:
    """What the message is about; `webhook-id` is the same at each delivery."""
    document = peek(request.body)
    data = document.get("data")
    reference = data.get("id", "") if isinstance(data, dict) else ""
    timestamp = request.header(TIMESTAMP) or ""
    signed_at = (
        datetime.fromtimestamp(int(timestamp), UTC) if _SECONDS.fullmatch(timestamp) else None
    )
    return Hint(
        dedupe_key=key_of(request.header(ID) or ""),
        topic=clean(str(document.get("type", "")), most=80),
        reference=clean(str(reference), most=120),
        occurred_at=moment_or_none(document.get("timestamp")) or signed_at,
        kept_headers=kept(request, _KEPT),
    )


def _content(identifier: str, timestamp: str, body: bytes) -> bytes:
    return f"{identifier}.{timestamp}.".encode() + body


def _once(request: RawRequest, name: str) -> str:
    """The header's value; an id with a full stop could be read as another id and time."""
    value = request.header(name)
    if not value or (name == ID and "." in value):
        raise BadSignature(
            f"the header {name} is missing, empty, repeated or holds a full stop",
            field=name,
            remedy="sign the message as Standard Webhooks describes",
        )
    return value
