"""Ask Stripe and tell it, by its own library; nothing is decided here.

Every command carries an idempotency key, so repeating it after a lost answer charges nobody twice.
The shapes are those of the API's PaymentIntent and Refund objects (docs.stripe.com/api).
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import stripe

from oms.connections import MissingSetting
from oms.errors import Invalid, OmsError
from oms.payments.cards import Found
from oms.settings import settings

_TIMEOUT_S: Final = 20
_LOOPBACK: Final = frozenset(("127.0.0.1", "::1", "localhost"))
_WRONG_STATE: Final = "payment_intent_unexpected_state"


class CardRefused(OmsError):
    """The provider understood and will not do it; asking again changes nothing."""

    code = "card_refused"


class CardUnavailable(OmsError):
    """The provider could not answer now."""

    code = "card_unavailable"


@dataclass(frozen=True, slots=True)
class Given:
    """A refund as the provider tells it."""

    id: str
    state: str


class Cards:
    """Our account at Stripe."""

    def __init__(self, api_key: str, *, url: str | None = None) -> None:
        self._stripe = stripe.StripeClient(
            api_key,
            http_client=stripe.RequestsClient(timeout=_TIMEOUT_S),
            base_addresses={"api": url} if url else {},
            max_network_retries=0,  # the workflow retries
        )

    def find(self, intent_id: str) -> Found:
        """A payment as it is now."""
        with _errors():
            expand: list[str] = ["latest_charge"]
            return _found(
                self._stripe.v1.payment_intents.retrieve(intent_id, params={"expand": expand})
            )

    def capture(self, intent_id: str, amount_minor: int) -> Found:
        """Capture so much, once; the provider lets go of the rest."""
        try:
            with _errors():
                return _found(
                    self._stripe.v1.payment_intents.capture(
                        intent_id,
                        params={"amount_to_capture": amount_minor},
                        options={"idempotency_key": f"capture:{intent_id}:{amount_minor}"},
                    )
                )
        except CardRefused as error:
            found = self.find(intent_id) if error.facts.get("code") == _WRONG_STATE else None
            if found is None or found.received_minor != amount_minor:
                raise
            return found  # captured before; the answer was lost, and its key forgotten

    def cancel(self, intent_id: str) -> Found:
        """Let go of an authorisation."""
        try:
            with _errors():
                return _found(
                    self._stripe.v1.payment_intents.cancel(
                        intent_id, options={"idempotency_key": f"cancel:{intent_id}"}
                    )
                )
        except CardRefused as error:
            found = self.find(intent_id) if error.facts.get("code") == _WRONG_STATE else None
            if found is None or found.state != "canceled":
                raise
            return found

    def renew(self, intent_id: str, amount_minor: int) -> Found:
        """Authorise so much anew on the card of an earlier payment, while the customer is away."""
        with _errors():
            before = self._stripe.v1.payment_intents.retrieve(intent_id)
            if not before.customer or not before.payment_method:
                raise CardRefused(
                    f"{intent_id} was made without setup_future_usage=off_session, so its card"
                    " cannot be charged again",
                    field="payment_intent",
                    remedy="ask the customer to pay the rest",
                )
            made = self._stripe.v1.payment_intents.create(
                params={
                    "amount": amount_minor,
                    "currency": before.currency,
                    "customer": _id(before.customer),
                    "payment_method": _id(before.payment_method),
                    "capture_method": "manual",
                    "confirm": True,
                    "off_session": True,
                    "expand": ["latest_charge"],
                    "metadata": {"renews": intent_id},
                },
                options={"idempotency_key": f"renew:{intent_id}:{amount_minor}"},
            )
            return _found(made)

    def refund(self, intent_id: str, amount_minor: int, *, key: str) -> Given:
        """Give so much back, once per key."""
        with _errors():
            made = self._stripe.v1.refunds.create(
                params={"payment_intent": intent_id, "amount": amount_minor},
                options={"idempotency_key": f"refund:{key}"},
            )
            return Given(made.id, made.status or "")

    def refunded(self, refund_id: str) -> Given:
        """How far a refund is."""
        with _errors():
            made = self._stripe.v1.refunds.retrieve(refund_id)
            return Given(made.id, made.status or "")


@lru_cache(maxsize=1)
def cards() -> Cards:
    """The account of this installation. Raises `MissingSetting` naming the setting."""
    key = settings().stripe_api_key
    if key is None:
        raise MissingSetting(
            "stripe_api_key is not set",
            field="stripe_api_key",
            remedy="set TRIBUTARY_STRIPE_API_KEY to the secret key of the Stripe account",
        )
    url = settings().stripe_api_url
    parts = urlsplit(url or "")
    if url and parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise Invalid(
            f"stripe_api_url {url!r} must begin with https://",
            field="stripe_api_url",
            remedy="leave it out: Stripe's own address is known",
        )
    return Cards(key.get_secret_value(), url=url)


def _found(intent: stripe.PaymentIntent) -> Found:
    return Found(
        intent_id=intent.id,
        state=intent.status,
        currency=intent.currency.upper(),
        capturable_minor=intent.amount_capturable,
        received_minor=intent.amount_received,
        expires_at=_capture_before(intent),
    )


def _capture_before(intent: stripe.PaymentIntent) -> datetime | None:
    charge: Any = intent.latest_charge
    details = getattr(charge, "payment_method_details", None)
    before = getattr(getattr(details, "card", None), "capture_before", None)
    return datetime.fromtimestamp(before, UTC) if before else None


def _id(reference: Any) -> str:
    """The id of an object that may have been expanded."""
    return reference if isinstance(reference, str) else str(reference.id)


@contextmanager
def _errors() -> Generator[None]:
    """Say of Stripe's refusal whether it is worth another try."""
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise CardRefused(
            f"Stripe does not accept our key: {error.user_message or error}",
            field="stripe_api_key",
            remedy="set TRIBUTARY_STRIPE_API_KEY to a key that may capture and refund payments",
        ) from error
    except (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError) as error:
        raise CardRefused(
            f"Stripe: {error.user_message or error}",
            field=getattr(error, "param", None),
            remedy="look at the payment in Stripe's dashboard",
            facts={"code": error.code or ""},
        ) from error
    except stripe.StripeError as error:
        raise CardUnavailable(f"Stripe could not answer: {error}") from error
