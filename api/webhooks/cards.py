"""Take what Stripe pushes: prove it, and have the payment looked at. Nothing else is believed."""

import json
from typing import Any, Final

import stripe
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from api.admission import Admission
from api.schemas.payments import HeardOut
from oms.channels.base import BadSignature, Malformed
from oms.connections import MissingSetting
from oms.db import transaction
from oms.payments import cards
from oms.settings import settings

router = APIRouter(prefix="/v1/webhooks/payments", tags=["webhooks"])

_HEADER: Final = "Stripe-Signature"
_TOLERANCE_S: Final = 300


@router.post("/stripe")
async def receive(request: Request) -> HeardOut:
    """Acknowledge a proven push after the payment is marked to be looked at.

    401 when it does not prove where it comes from or is older than five minutes. It says only that
    something has happened: what has, Stripe is asked, so a push that is repeated, late or out of
    order does no harm.
    """
    body = await request.body()
    header = request.headers.get(_HEADER)
    admission: Admission = request.state.admission
    async with admission.place():
        known = await run_in_threadpool(_take, body, header)
    return HeardOut(known=known)


def _take(body: bytes, header: str | None) -> bool:
    _prove(body, header)
    try:
        intent_id = _intent_of(json.loads(body))
    except (ValueError, TypeError, AttributeError) as error:
        raise Malformed("the body is no event of Stripe", field="body") from error
    with transaction() as session:
        return cards.heard(session, intent_id) if intent_id else False


def _prove(body: bytes, header: str | None) -> None:
    secrets = settings().stripe_webhook_secrets
    if not secrets:
        raise MissingSetting(
            "stripe_webhook_secrets is not set",
            field="stripe_webhook_secrets",
            remedy="set TRIBUTARY_STRIPE_WEBHOOK_SECRETS to the endpoint's signing secret",
        )
    for secret in secrets:
        try:
            text = body.decode()
            stripe.WebhookSignature.verify_header(
                text, header or "", secret.get_secret_value(), _TOLERANCE_S
            )
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        return
    raise BadSignature(
        "the signature is missing, wrong or too old",
        field=_HEADER,
        remedy="check the endpoint's signing secret and the clocks",
    )


def _intent_of(event: dict[str, Any]) -> str:
    """The payment that an event is about; empty if it is about none."""
    about = event["data"]["object"]
    found = about.get("id") if about.get("object") == "payment_intent" else None
    return str(found or about.get("payment_intent") or "")
