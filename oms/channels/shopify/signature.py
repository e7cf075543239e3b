"""Shopify's webhook headers: proof of origin, and what the message is about.

Two families of headers are in use: `X-Shopify-*` of the classic webhooks and `Shopify-*` of
the newer events, which name a resource and an action instead of a topic
(https://shopify.dev/docs/apps/build/webhooks).
"""

from typing import Final

from oms.channels.base import Hint, RawRequest
from oms.channels.hints import body_digest, clean, kept, key_of, moment_or_none, peek
from oms.channels.signing import require_signature

_SIGNATURES: Final = ("x-shopify-hmac-sha256", "shopify-hmac-sha256")
_KEPT: Final = tuple(
    f"{family}shopify-{name}"
    for family in ("x-", "")
    for name in (
        "topic", "shop-domain", "api-version", "event-id", "webhook-id", "triggered-at",
        "test", "handle", "action", "resource-id",
    )
)  # fmt: skip
_ACTIONS: Final = {"create": "create", "update": "updated", "delete": "cancelled"}


def verify(request: RawRequest, *, secrets: list[bytes]) -> None:
    """Raise `BadSignature` unless one of the secrets signed these bytes."""
    require_signature(request, names=_SIGNATURES, secrets=secrets)


def hint(request: RawRequest) -> Hint:
    """What the message is about.

    One action of a merchant may raise several messages with one event id, so the topic and
    the order are part of the key.
    """
    document = peek(request.body)
    reference = clean(str(document.get("id", "")), most=120)
    topic = _topic(request)
    event = _header(request, "event-id") or _header(request, "webhook-id")
    return Hint(
        dedupe_key=key_of(
            _header(request, "shop-domain"), topic, event or body_digest(request.body), reference
        ),
        topic=topic,
        reference=reference,
        occurred_at=moment_or_none(_header(request, "triggered-at") or document.get("updated_at")),
        kept_headers=kept(request, _KEPT),
    )


def _topic(request: RawRequest) -> str:
    topic = _header(request, "topic").lower()
    action = _ACTIONS.get(_header(request, "action").lower())
    return clean(f"{topic}s/{action}" if topic == "order" and action else topic, most=80)


def _header(request: RawRequest, name: str) -> str:
    return request.header(f"x-shopify-{name}") or request.header(f"shopify-{name}") or ""
