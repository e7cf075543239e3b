"""Standard Webhooks, with the published library as the other side."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from oms.channels.base import BadSignature, RawRequest
from oms.channels.reference import signature
from oms.channels.registry import build
from oms.connections import ChannelSettings
from oms.errors import Invalid
from tests.channels.builders import NOW, WHSEC, WHSEC_OLD, a_channel

KEY = signature.key_from(WHSEC, field="x")
BODY = '{"type":"order.created","data":{"id":"W-1","name":"Gr\u00fc\u00dfe"}}'.encode()


def signed(
    body: bytes = BODY,
    *,
    at: datetime = NOW,
    secret: str = WHSEC,
    **changes: str | None,
) -> RawRequest:
    headers: dict[str, str | None] = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    return RawRequest(
        tuple((name, value) for name, value in headers.items() if value is not None), body
    )


def refused(request: RawRequest) -> BadSignature:
    with pytest.raises(BadSignature) as caught:
        a_channel("reference").verify(request, now=NOW)
    return caught.value


@pytest.mark.parametrize("secret", [WHSEC, WHSEC_OLD])
def test_what_the_library_signs_is_accepted_with_either_key(secret: str) -> None:
    a_channel("reference").verify(signed(secret=secret), now=NOW)


def test_the_standards_own_example_is_accepted() -> None:
    # from the test suite that the standard's reference libraries share
    request = RawRequest(
        (
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ),
        b'{"test": 2432232314}',
    )
    at = datetime.fromtimestamp(1614265330, UTC)
    a_channel("reference").verify(request, now=at)


@given(
    body=st.text(max_size=200),
    identifier=st.text("abcdefghijklmnopqrstuvwxyz0123456789_:-", min_size=1, max_size=60),
)
def test_what_we_sign_the_library_accepts(body: str, identifier: str) -> None:
    now = datetime.now(UTC)
    headers = signature.sign(body.encode(), identifier=identifier, now=now, keys=[b"x" * 32, KEY])
    Webhook(WHSEC).verify(body.encode(), headers, json_parse=False)


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)]
)
def test_five_minutes_to_either_side_are_allowed(seconds: int, accepted: bool) -> None:
    request = signed(at=NOW + timedelta(seconds=seconds))
    if accepted:
        a_channel("reference").verify(request, now=NOW)
    else:
        error = refused(request)
        assert error.field == "webhook-timestamp"
        assert "301 s" in error.message


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_must_come_once_and_not_empty(name: str) -> None:
    whole = signed()
    without = RawRequest(tuple(pair for pair in whole.headers if pair[0] != name), BODY)
    empty = RawRequest((*without.headers, (name, "")), BODY)
    twice = RawRequest((*whole.headers, (name, whole.header(name) or "")), BODY)
    for request in (without, empty, twice):
        assert refused(request).field == name


@pytest.mark.parametrize(
    "value",
    [
        "v1",
        "v1,",
        "v1,,",
        "v1,not base64",
        "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1a,AAAA v1,AAAA",
        "\u00fc,\u00fc",
        " " * 5_000,
    ],
)
def test_a_signature_that_is_none_is_refused_and_not_an_error(value: str) -> None:
    assert refused(signed(webhook_signature=value)).field == "webhook-signature"


def test_one_right_signature_among_others_is_enough() -> None:
    right = signed().header("webhook-signature")
    a_channel("reference").verify(signed(webhook_signature=f"v1a,xyz v1,AAAA {right}"), now=NOW)


@pytest.mark.parametrize("value", ["", "soon", "1.5", "-5", "9" * 40, "\u0663"])
def test_a_timestamp_that_is_none_is_refused(value: str) -> None:
    assert refused(signed(webhook_timestamp=value)).field == "webhook-timestamp"


def test_a_changed_body_id_or_time_is_refused() -> None:
    right = signed()
    refused(RawRequest(right.headers, BODY + b" "))
    refused(signed(webhook_id="msg_2"))
    refused(signed(webhook_timestamp=str(int(NOW.timestamp()) + 1)))


def test_an_id_with_a_full_stop_is_refused_for_it_could_be_read_two_ways() -> None:
    refused(signed(webhook_id="msg.1"))


def test_bytes_that_are_no_text_are_verified_like_any_others() -> None:
    body = b"\xff\xfe"
    headers = signature.sign(body, identifier="m", now=NOW, keys=[KEY])
    a_channel("reference").verify(RawRequest(tuple(headers.items()), body), now=NOW)


@pytest.mark.parametrize("secret", ["hush", "whsec_", "whsec_AAAA", "whsec_!!!", "whsec_\u00fc"])
def test_a_secret_that_is_none_is_refused_at_the_start_and_named(secret: str) -> None:
    settings = ChannelSettings.model_validate(
        {"kind": "reference", "secrets": [WHSEC, secret], "api_url": "http://x"}
    )
    with pytest.raises(Invalid) as caught:
        build("web", settings)
    assert caught.value.field == "channels.web.secrets[1]"
