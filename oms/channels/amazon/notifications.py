"""ORDER_CHANGE out of the queue: a hint which order to ask for, told apart by its own id."""

from dataclasses import dataclass
from typing import Final

from oms.channels.amazon.document import Notification
from oms.channels.base import Hint, Malformed
from oms.channels.documents import read_object, validate
from oms.channels.hints import body_digest, key_of

ORDER_CHANGE: Final = "ORDER_CHANGE"
_REMEDY: Final = (
    "subscribe the queue to ORDER_CHANGE only, payload version 1.0; the order itself is found by"
    " polling"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one message of the queue says: the hint to keep it under, the order to ask for.

    `reference` is empty for a notification of something else, which is kept and leads to nothing.
    """

    hint: Hint
    reference: str


def read(body: bytes) -> Heard:
    """Read a message. Raises `Malformed`."""
    document = read_object(body)
    if document.get("NotificationType") != ORDER_CHANGE:
        kind = str(document.get("NotificationType", "unknown"))[:60]
        key = key_of("notification", body_digest(body))
        return Heard(Hint(key, kind, "", None, {}), "")
    notification = validate(Notification, document, remedy=_REMEDY)
    hint = Hint(
        dedupe_key=key_of("notification", notification.metadata.id),
        topic=ORDER_CHANGE,
        reference=notification.payload.change.order_id,
        occurred_at=notification.event_at,
        kept_headers={},
    )
    return Heard(hint, hint.reference)


def unreadable(body: bytes, error: Malformed) -> Hint:
    """Under what a message is kept that cannot be read."""
    return Hint(
        key_of("notification", body_digest(body)), "", "", None, {"fault": error.message[:200]}
    )
