"""Tell somebody's webhook what a customer is told, signed by Standard Webhooks 1.0.

`webhook-id` is the sending's own at every attempt, by which the receiver knows a repetition; that
is why an attempt without an answer may be made again. No name, address or telephone is in it: the
receiver asks our API by the order's number if it needs to know.
"""

import json
from datetime import UTC
from typing import Final

from standardwebhooks import Webhook

from oms import clock
from oms.notifications.media import Letter, Misconfigured, NotTaken, OutcomeUnknown
from oms.notifications.posting import post
from oms.settings import settings

_TIMEOUT_S: Final = 8.0
_HAS_IT, _GONE = 409, 410
_AGAIN_LATER: Final = frozenset({408, 425, 429})


def body(letter: Letter) -> bytes:
    """The event as JSON."""
    return json.dumps(
        {
            "type": f"notice.{letter.kind}",
            "timestamp": letter.created_at,
            "data": {
                "id": letter.id,
                "cause": letter.cause,
                "channel": letter.channel,
                "order_reference": letter.order_reference,
                "order_number": letter.order_number,
                "language": letter.language,
                "subject": letter.subject,
                "text": letter.body,
            },
        },
        ensure_ascii=False,
    ).encode()


def send(letter: Letter) -> str:
    """Post it; the sending's id. 409 says that the receiver has it already, 410 wants no more."""
    chosen = settings().notice_webhooks.get(letter.target)
    where = f"notice_webhooks.{letter.target}"
    if chosen is None:
        raise Misconfigured(f"{where} is not set any more", field=where, remedy="set it again")
    content = body(letter)
    now = clock.now().astimezone(UTC)
    try:
        signatures = [
            Webhook(secret.get_secret_value()).sign(letter.id, now, content.decode())
            for secret in chosen.secrets
        ]
    except (RuntimeError, ValueError) as error:
        raise Misconfigured(
            f"{where}.secrets holds no Standard Webhooks secret",
            field=f"{where}.secrets",
            remedy="write whsec_ and the base64 of 24 to 64 random bytes",
        ) from error
    headers = {
        "Content-Type": "application/json",
        "webhook-id": letter.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    try:
        answer = post(
            chosen.url,
            who=where,
            field=f"{where}.url",
            content=content,
            headers=headers,
            timeout_s=_TIMEOUT_S,
        )
    except OutcomeUnknown as error:
        raise NotTaken(error.message) from error  # the receiver knows a repetition by its id
    if 200 <= answer.status < 300 or answer.status == _HAS_IT:
        return letter.id
    if answer.status >= 500 or answer.status in _AGAIN_LATER:
        raise answer.again_later(where)
    wants = "wants no more messages" if answer.status == _GONE else "refuses"
    raise Misconfigured(
        f"{where} {wants} ({answer.status})",
        field=f"{where}.url",
        remedy="mend the address or the secret at both ends, then send it again",
    )
