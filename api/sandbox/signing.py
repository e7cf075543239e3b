"""Sign a webhook as its kind of shop does."""

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime
from typing import Final

from standardwebhooks import Webhook as StandardWebhook

_SIGNATURE: Final = {
    "shopify": "X-Shopify-Hmac-Sha256",
    "woocommerce": "X-WC-Webhook-Signature",
}


def signature(
    kind: str, *, secret: str, identifier: str, body: bytes, now: datetime
) -> dict[str, str]:
    """The headers that prove the origin; `identifier` is the same at each delivery of a message."""
    if kind == "reference":
        return {
            "webhook-id": identifier,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": StandardWebhook(secret).sign(
                msg_id=identifier, timestamp=now, data=body.decode()
            ),
        }
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {_SIGNATURE[kind]: b64encode(digest).decode()}
