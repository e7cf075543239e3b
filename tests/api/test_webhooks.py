"""Signed events over HTTP: proved, kept before the thanks, applied once, never lost."""

import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import make_url
from sqlmodel import select

from api.app import create_app
from oms import clock
from oms.capture import writer
from oms.channels import inbox
from oms.channels.models import ChannelMessage, MessageStatus
from oms.channels.reference import signature
from oms.db import transaction
from oms.exceptions import cases
from oms.orders import queries as orders
from oms.orders.models import Order, OrderLine
from oms.settings import settings
from tests.api.asking import Api, error_of, everything
from tests.builders import a_listing
from tests.concurrency import wait_until_blocked
from tests.oms.channels.test_inbox import KEY, an_event
from tests.oms.shop import Shop

HERE = "/v1/webhooks/reference"


@pytest.fixture(params=["in batches", "the ordinary way"])
def client(live_database: str, request: pytest.FixtureRequest) -> Iterator[TestClient]:
    """The application with its writer at work, and without it: senders notice no difference."""
    made = TestClient(create_app(), raise_server_exceptions=False)
    if request.param == "in batches":
        with made:
            yield made
    else:
        yield made


def send(
    client: TestClient,
    event: dict[str, Any] | bytes,
    *,
    message_id: str = "msg_1",
    path: str = HERE,
    **headers: str,
) -> Response:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    signed = signature.sign(body, identifier=message_id, now=clock.now(), keys=[KEY])
    given = {"Content-Type": "application/json"} | signed | headers
    return client.post(path, content=body, headers=given)


def messages() -> list[ChannelMessage]:
    with transaction() as session:
        return list(session.exec(select(ChannelMessage)).all())


def reserved() -> list[tuple[int, int]]:
    with transaction() as session:
        return [(line.reserved, line.backordered) for line in session.exec(select(OrderLine))]


def test_a_signed_event_is_kept_applied_and_acknowledged(client: TestClient, shop: Shop) -> None:
    answer = send(client, an_event())
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["repeated"]) == ("applied", False)
    [message] = messages()
    assert str(message.id) == body["message_id"]
    assert message.body == json.dumps(an_event()).encode()
    assert "webhook-signature" not in message.headers
    assert reserved() == [(2, 0)]


def test_the_same_event_again_has_no_effect(client: TestClient, shop: Shop) -> None:
    first = send(client, an_event()).json()
    for _ in range(2):
        again = send(client, an_event())
        assert (again.status_code, again.json()) == (200, first | {"repeated": True})
    assert reserved() == [(2, 0)]
    assert [message.repeats for message in messages()] == [2]


def test_the_same_event_many_times_at_once_has_one_effect(shop: Shop) -> None:
    with TestClient(create_app()) as client, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(client, an_event()), range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert sorted(answer.json()["repeated"] for answer in answers) == [False, *[True] * 7]
    assert len({answer.json()["message_id"] for answer in answers}) == 1
    assert reserved() == [(2, 0)]
    assert [message.repeats for message in messages()] == [7]


def test_states_of_one_order_at_once_end_in_the_newest(shop: Shop) -> None:
    events = [
        an_event(kind="order.updated", minute=minute, total=f"{minute}.00") for minute in range(8)
    ]
    with TestClient(create_app()) as client, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: send(client, events[n], message_id=f"msg_{n}"), range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    with transaction() as session:
        [order] = session.exec(select(Order)).all()
        assert order.total_minor == 700
    assert reserved() == [(2, 0)]


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"webhook-signature": "v1,AAAA"}, "webhook-signature"),
        ({"webhook-signature": ""}, "webhook-signature"),
        ({"webhook-signature": "v1," + "A" * 4_000}, "webhook-signature"),
        ({"webhook-id": "msg_2"}, "webhook-signature"),
        ({"webhook-timestamp": "1"}, "webhook-timestamp"),
        ({"webhook-timestamp": "soon"}, "webhook-timestamp"),
    ],
)
def test_an_event_that_proves_nothing_is_refused_and_not_kept(
    client: TestClient, shop: Shop, headers: dict[str, str], field: str
) -> None:
    before = everything()
    error = error_of(send(client, an_event(), **headers), 401, "bad_signature")
    assert error["field"] == field
    assert everything() == before


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_and_a_future_event_are_refused(
    client: TestClient, shop: Shop, minutes: int
) -> None:
    body = json.dumps(an_event()).encode()
    when = datetime.now(UTC) + timedelta(minutes=minutes)
    signed = signature.sign(body, identifier="msg_1", now=when, keys=[KEY])
    answer = client.post(HERE, content=body, headers=signed)
    assert error_of(answer, 401, "bad_signature")["field"] == "webhook-timestamp"
    assert messages() == []


def test_both_secrets_are_good_while_they_rotate(client: TestClient, shop: Shop) -> None:
    body = b'{"id": 820982911946154508}'
    for number, secret in enumerate(("shopify-secret-new", "shopify-secret-old", "forgotten")):
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        answer = client.post(
            "/v1/webhooks/shopify",
            content=body,
            headers={
                "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
                "X-Shopify-Topic": "orders/create",
                "X-Shopify-Webhook-Id": f"w{number}",
                "X-Shopify-Event-Id": f"e{number}",
                "X-Shopify-Shop-Domain": "shop.example",
            },
        )
        assert answer.status_code == (401 if secret == "forgotten" else 200), answer.text
    assert [message.status for message in messages()] == [MessageStatus.PARKED] * 2


def test_a_channel_that_is_not_configured_is_not_found(client: TestClient, shop: Shop) -> None:
    before = everything()
    answer = send(client, an_event(), path="/v1/webhooks/amazon")
    assert error_of(answer, 404, "not_found")["field"] == "channel"
    assert everything() == before


def test_a_body_beyond_the_limit_is_refused_and_not_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBUTARY_BODY_LIMIT_BYTES", "1000")
    settings.cache_clear()
    client = TestClient(create_app(), raise_server_exceptions=False)
    error = error_of(send(client, b" " * 1_001), 413, "body_too_large")
    assert (error["field"], "1000 bytes" in error["message"]) == ("body", True)
    assert messages() == []
    assert send(client, b" " * 1_000).status_code == 200


@pytest.mark.parametrize("body", [b"{", b"", b"null", b"[" * 20_000, b'{"type": "order.created"}'])
def test_what_cannot_be_read_under_a_good_signature_is_kept_and_acknowledged(
    client: TestClient, shop: Shop, body: bytes
) -> None:
    answer = send(client, body)
    assert (answer.status_code, answer.json()["status"]) == (200, "parked")
    assert [message.body for message in messages()] == [body]
    with transaction() as session:
        [case] = cases.open_cases(session)
        assert (case.kind.value, str(case.cause_id)) == (
            "malformed_order",
            answer.json()["message_id"],
        )


def test_a_malformed_order_is_parked_and_shown_with_its_payload(api: Api) -> None:
    answer = send(api.client, an_event(total="a lot"))
    assert (answer.status_code, answer.json()["status"]) == (200, "parked")
    [case] = api.get("/v1/exceptions").json()
    assert (case["kind"], case["cause_id"]) == ("malformed_order", answer.json()["message_id"])
    assert "data.total" in case["detail"]
    assert case["remedy"]


def test_an_unknown_article_waits_for_its_listing_and_is_then_replayed(api: Api) -> None:
    cup = {"id": "1", "sku": "CUP-1", "quantity": 2, "unit_price": "12.50"}
    parked = send(api.client, an_event(lines=[cup])).json()
    assert parked["status"] == "parked"
    path = f"/v1/messages/{parked['message_id']}/replay"
    still = api.post(path, once=None)
    assert (still.status_code, still.json()["status"]) == (200, "parked")
    with transaction() as session:
        a_listing(session, channel="reference", channel_sku="CUP-1", sku="MUG")
    replayed = api.post(path, once=None)
    assert (replayed.status_code, replayed.json()["status"]) == (200, "applied")
    assert reserved() == [(2, 0)]
    assert api.get("/v1/exceptions").json() == []
    error = error_of(api.post(path, once=None), 409, "conflict")
    assert error["field"] == "message_id"


def refuse_connections(url: str, *, refuse: bool) -> None:
    """Cut the database off, or let it be reached again."""
    name = make_url(url).database
    with psycopg.connect(os.environ["TEST_DATABASE_SERVER"], autocommit=True) as admin:
        allowed = "false" if refuse else "true"
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {allowed}')
        if refuse:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [name],
            )


def test_without_a_database_nothing_is_acknowledged(api: Api, live_database: str) -> None:
    assert send(api.client, an_event()).status_code == 200
    refuse_connections(live_database, refuse=True)
    try:
        for _ in range(2):
            answer = send(api.client, an_event("5002"), message_id="msg_2")
            error = error_of(answer, 503, "unavailable")
            assert "nothing was changed" in error["message"]
            assert answer.headers["Retry-After"] == "2"
            error_of(api.get("/v1/exceptions"), 503, "unavailable")
    finally:
        refuse_connections(live_database, refuse=False)
    assert send(api.client, an_event("5002"), message_id="msg_2").json()["status"] == "applied"
    assert len(messages()) == 2


_CUT = """SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'"""


def cut_whoever_waits(url: str, asked: Future[Any]) -> None:
    """End the connection that waits for a lock; once more if what was cut is tried again."""
    wait_until_blocked(url, 1)
    with psycopg.connect(url, autocommit=True) as admin:
        for _ in range(2):
            while not asked.done() and not admin.execute(_CUT).rowcount:
                time.sleep(0.01)


def test_what_fails_after_it_was_kept_is_acknowledged_and_applied_later(
    client: TestClient, shop: Shop, live_database: str
) -> None:
    with psycopg.connect(live_database) as blocker, ThreadPoolExecutor(1) as pool:
        blocker.execute("LOCK TABLE order_lines IN ACCESS EXCLUSIVE MODE")
        asked = pool.submit(send, client, an_event())
        cut_whoever_waits(live_database, asked)
        answer = asked.result()
        blocker.rollback()
    assert (answer.status_code, answer.json()["status"]) == (200, "received")
    assert reserved() == []
    again = send(client, an_event()).json()
    assert (again["status"], again["repeated"]) == ("received", True)
    with clock.at(clock.now() + timedelta(seconds=6)):
        with transaction() as session:
            found = inbox.unsettled(session, older_than_s=5)
        assert str(found) == answer.json()["message_id"]
        with transaction() as session:
            assert found is not None
            assert inbox.apply_stored(session, found) is MessageStatus.APPLIED
    assert reserved() == [(2, 0)]


def test_what_fails_before_it_was_kept_is_not_acknowledged(
    client: TestClient, shop: Shop, live_database: str
) -> None:
    with psycopg.connect(live_database) as blocker, ThreadPoolExecutor(1) as pool:
        blocker.execute("LOCK TABLE channel_messages IN ACCESS EXCLUSIVE MODE")
        asked = pool.submit(send, client, an_event())
        cut_whoever_waits(live_database, asked)
        error_of(asked.result(), 503, "unavailable")
        blocker.rollback()
    assert messages() == []
    assert send(client, an_event()).json() == {
        "message_id": str(messages()[0].id),
        "status": "applied",
        "repeated": False,
    }


def test_an_order_of_each_state_before_its_creation_is_right_in_the_end(
    client: TestClient, shop: Shop
) -> None:
    gone = an_event(kind="order.cancelled", minute=9)
    assert send(client, gone, message_id="msg_3").json()["status"] == "applied"
    assert send(client, an_event(), message_id="msg_1").json()["status"] == "superseded"
    late = an_event(kind="order.updated", minute=5)
    assert send(client, late, message_id="msg_2").json()["status"] == "superseded"
    with transaction() as session:
        order = orders.by_reference(session, channel="reference", external_id="5001")
        assert order is not None
        assert order.status.value == "cancelled"
    assert reserved() == [(0, 0)]


def test_when_too_much_waits_the_sender_is_told_when_to_come_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TestClient(create_app()) as client:
        with monkeypatch.context() as full:
            full.setattr(writer, "MOST_WAITING", 0)
            refused = send(client, an_event())
        assert error_of(refused, 503, "busy")["remedy"].startswith("send the same request again")
        assert refused.headers["retry-after"] == "2"
        assert messages() == []
        assert send(client, an_event()).json()["status"] == "applied"
    assert reserved() == [(2, 0)]
