"""WooCommerce's webhook headers: proof of origin, and what the message is about."""

import re
from typing import Final

from oms.channels.base import Hint, RawRequest
from oms.channels.documents import utc_moment
from oms.channels.hints import body_digest, clean, kept, key_of, peek
from oms.channels.signing import require_signature

SIGNATURE: Final = "x-wc-webhook-signature"
PING_TOPIC: Final = "ping"
_PING: Final = re.compile(rb"webhook_id=[0-9]{1,20}")
_KEPT: Final = (
    "x-wc-webhook-topic", "x-wc-webhook-source", "x-wc-webhook-resource", "x-wc-webhook-event",
    "x-wc-webhook-id", "x-wc-webhook-delivery-id",
)  # fmt: skip


def verify(request: RawRequest, *, secrets: list[bytes]) -> None:
    """Raise `BadSignature` unless one of the secrets signed these bytes.

    When a webhook is created, WooCommerce posts an unsigned `webhook_id=7` and wants a 200.
    Such a ping proves nothing and carries nothing; it is let in to be ignored.
    """
    if not is_ping(request):
        require_signature(request, names=(SIGNATURE,), secrets=secrets)


def is_ping(request: RawRequest) -> bool:
    """Whether this is the unsigned trial message of a new webhook."""
    unsigned = all(name != SIGNATURE for name, _ in request.headers)
    return unsigned and _PING.fullmatch(request.body) is not None


def hint(request: RawRequest) -> Hint:
    """What the message is about.

    The delivery id differs at each delivery, so the order's state is the key: its time of
    change, and the content, because two changes may fall into one second. All pings have one
    key, so that strangers cannot fill the message table with them.
    """
    if is_ping(request):
        return Hint(PING_TOPIC, PING_TOPIC, "", None, {})
    document = peek(request.body)
    reference = clean(str(document.get("id", "")), most=120)
    topic = clean((request.header("x-wc-webhook-topic") or "").lower(), most=80)
    modified = document.get("date_modified_gmt")
    try:
        occurred_at = utc_moment(modified)
    except ValueError:
        occurred_at = None
    return Hint(
        dedupe_key=key_of(
            request.header("x-wc-webhook-source") or "",
            topic,
            reference,
            str(modified or ""),
            body_digest(request.body),
        ),
        topic=topic,
        reference=reference,
        occurred_at=occurred_at,
        kept_headers=kept(request, _KEPT),
    )
