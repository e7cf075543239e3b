"""Card payments over HTTP: taken over once, and looked at when Stripe's push is proved."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from oms.db import transaction
from oms.payments import card_client
from oms.payments.card_models import CardIntent
from oms.settings import settings
from tests.api.asking import Api, error_of, everything
from tests.api.test_payments import order_id  # noqa: F401 - a fixture
from tests.oms.payments.stripe_double import KEY, event

HERE = "/v1/webhooks/payments/stripe"
SECRET, OLDER = "whsec_new", "whsec_old"


@pytest.fixture(autouse=True)
def _configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TRIBUTARY_STRIPE_API_KEY", KEY)
    monkeypatch.setenv("TRIBUTARY_STRIPE_WEBHOOK_SECRETS", json.dumps([SECRET, OLDER]))
    settings.cache_clear()
    card_client.cards.cache_clear()
    yield
    card_client.cards.cache_clear()


def push(client: TestClient, about: dict[str, Any], **how: Any) -> Response:
    body, signature = event("payment_intent.canceled", about, **({"secret": SECRET} | how))
    return client.post(HERE, content=body, headers={"Stripe-Signature": signature})


def row() -> CardIntent:
    with transaction() as session:
        return session.exec(select(CardIntent)).one()


def test_a_payment_is_taken_over_once_and_a_proved_push_has_it_looked_at(
    api: Api,
    client: TestClient,
    order_id: str,  # noqa: F811 - the fixture
) -> None:
    path = f"/v1/orders/{order_id}/card-payments"
    for _ in range(2):
        taken = api.post(path, {"payment_intent": "pi_1"})
        assert taken.status_code == 201, taken.text
    [payment] = taken.json()["payments"]
    assert (payment["provider"], payment["reference"]) == ("stripe", "pi_1")
    assert row().payment_id == UUID(payment["id"])
    with transaction() as session:
        session.get_one(CardIntent, row().payment_id).news = False
    intent = {"id": "pi_1", "object": "payment_intent"}
    assert push(client, intent).json() == {"known": True}
    assert row().news
    refund = {"id": "re_1", "object": "refund", "payment_intent": "pi_1"}
    assert push(client, refund, secret=OLDER).json() == {"known": True}
    assert push(client, intent | {"id": "pi_2"}).json() == {"known": False}
    assert push(client, {"id": "cus_1", "object": "customer"}).json() == {"known": False}
    error_of(api.post(path, {"payment_intent": "ch_1"}), 422, "malformed_request")


def test_a_push_that_is_not_proved_leaves_no_trace(client: TestClient) -> None:
    before = everything()
    intent = {"id": "pi_1", "object": "payment_intent"}
    error_of(push(client, intent, secret="whsec_other"), 401, "bad_signature")
    error_of(push(client, intent, at=time.time() - 400), 401, "bad_signature")
    error_of(client.post(HERE, content=b"{}"), 401, "bad_signature")
    body, signature = event("x", intent, secret=SECRET)
    changed = body.replace("pi_1", "pi_2")
    answer = client.post(HERE, content=changed, headers={"Stripe-Signature": signature})
    error_of(answer, 401, "bad_signature")
    assert everything() == before


def test_a_setting_that_is_missing_is_named(
    api: Api,
    client: TestClient,
    order_id: str,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TRIBUTARY_STRIPE_API_KEY")
    monkeypatch.delenv("TRIBUTARY_STRIPE_WEBHOOK_SECRETS")
    settings.cache_clear()
    card_client.cards.cache_clear()
    taken = api.post(f"/v1/orders/{order_id}/card-payments", {"payment_intent": "pi_1"})
    assert taken.json()["error"]["field"] == "stripe_api_key"
    answer = push(client, {"id": "pi_1", "object": "payment_intent"})
    assert answer.json()["error"]["field"] == "stripe_webhook_secrets"
