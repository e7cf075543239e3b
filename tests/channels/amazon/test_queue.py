"""The queue: signed as AWS's own library signs; messages come back until they are taken off."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from oms.channels.amazon import notifications, queue
from oms.channels.amazon.signature import Credentials, signed
from oms.channels.base import ChannelRefused, ChannelUnavailable, Malformed
from oms.connections import QueueSettings
from tests.sandbox.running import Sandbox

# Signatures are what botocore 1.44.8 makes of the same; the first is AWS's `post-vanilla`.
AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
BY = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service")


def a_queue(seller: Sandbox, **changes: object) -> QueueSettings:
    values: dict[str, object] = {
        "url": f"{seller.url}/000000000000/amazon",
        "region": "us-east-1",
        "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": "cs_sandbox",
    }
    return QueueSettings.model_validate(values | changes)


@pytest.mark.parametrize(
    ("headers", "names", "signature"),
    [
        (
            {},
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            {"My-Header1": "value1"},
            "host;my-header1;x-amz-date",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ),
    ],
)
def test_a_request_is_signed_as_awss_own_library_signs_it(
    headers: dict[str, str], names: str, signature: str
) -> None:
    made = signed("https://example.amazonaws.com/", b"", headers, by=BY, now=AT)
    assert made["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
        f" SignedHeaders={names}, Signature={signature}"
    )


def test_body_region_and_session_token_are_signed() -> None:
    by = Credentials(
        BY.access_key_id, BY.secret_access_key, "eu-west-1", "sqs", session_token="session/token=="
    )
    url = "https://sqs.eu-west-1.amazonaws.com/"
    body = b'{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/123456789012/orders"}'
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "AmazonSQS.ReceiveMessage",
    }
    assert signed(url, body, headers, by=by, now=AT)["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/sqs/aws4_request,"
        " SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,"
        " Signature=a78d5df0d1ca4ee72c4a221c38e1fb86d668eb4dcb64833ed9d59061e6e9850a"
    )


def test_a_message_is_hidden_while_it_is_in_hand_and_gone_once_it_is_taken_off(
    seller: Sandbox,
) -> None:
    order = seller.place("amazon")
    wanted = a_queue(seller)
    mine = [
        message
        for message in queue.receive("amazon", wanted, wait_s=0)
        if notifications.read(message.body).reference == order.id
    ]
    assert len(mine) == 1
    assert queue.receive("amazon", wanted, wait_s=0) == []
    queue.take_off("amazon", wanted, mine[0].receipt)
    [webhook] = seller.http.get(f"/control/webhooks?order_id={order.id}").json()
    assert webhook["status"] == "delivered"


def test_a_wrong_key_or_queue_names_the_setting(seller: Sandbox) -> None:
    for changes, setting in (
        ({"secret_access_key": SecretStr("wrong one")}, "secret_access_key"),
        ({"url": f"{seller.url}/000000000000/nobody"}, "url"),
    ):
        with pytest.raises(ChannelRefused) as caught:
            queue.receive("amazon", a_queue(seller, **changes), wait_s=0)
        assert caught.value.field == f"channels.amazon.selling_partner.queue.{setting}"
        assert "wrong one" not in caught.value.message


def test_a_queue_that_is_away_is_asked_again(seller: Sandbox) -> None:
    away = a_queue(seller, url="http://127.0.0.1:9/000000000000/amazon")
    with pytest.raises(ChannelUnavailable):
        queue.receive("amazon", away, wait_s=0)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"NotificationType": "ORDER_CHANGE"}', b"\xff"])
def test_what_cannot_be_read_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        notifications.read(body)


def test_another_notification_leads_to_nothing() -> None:
    heard = notifications.read(b'{"NotificationType": "PRICING_HEALTH"}')
    assert (heard.reference, heard.hint.topic) == ("", "PRICING_HEALTH")
