"""Shopify's and WooCommerce's signatures: the very bytes, and nothing that only looks like it."""

import hashlib
import hmac
import json

import pytest

from oms.channels.base import BadSignature, Channel, RawRequest
from tests.channels.builders import NOW, a_channel, a_request, base64_hmac

BODY = '{"id": 1, "name": "Gr\u00fc\u00dfe \u2013 \U0001f381"}'.encode()
HEADERS = {
    "shopify": ["x-shopify-hmac-sha256", "shopify-hmac-sha256"],
    "woocommerce": ["x-wc-webhook-signature"],
}
CASES = [(kind, header) for kind, headers in HEADERS.items() for header in headers]


def signed(header: str, signature: str, body: bytes = BODY) -> RawRequest:
    return RawRequest(((header, signature),), body)


def refused(channel: Channel, request: RawRequest) -> BadSignature:
    with pytest.raises(BadSignature) as caught:
        channel.verify(request, now=NOW)
    return caught.value


@pytest.mark.parametrize(("kind", "header"), CASES)
@pytest.mark.parametrize("secret", ["new secret", "old secret"])
def test_either_secret_signs_the_exact_bytes(kind: str, header: str, secret: str) -> None:
    a_channel(kind).verify(signed(header, base64_hmac(secret, BODY)), now=NOW)


@pytest.mark.parametrize(("kind", "header"), CASES)
def test_a_body_written_anew_is_refused(kind: str, header: str) -> None:
    again = json.dumps(json.loads(BODY)).encode()
    request = signed(header, base64_hmac("new secret", BODY), again)
    assert refused(a_channel(kind), request).field == header


@pytest.mark.parametrize(("kind", "header"), CASES)
@pytest.mark.parametrize(
    "signature",
    [
        "",
        " ",
        hmac.new(b"new secret", BODY, hashlib.sha256).hexdigest(),
        base64_hmac("new secret", BODY)[:-4],
        base64_hmac("new secret", BODY) + "AAAA",
        base64_hmac("new secret", BODY) + "\n",
        base64_hmac("third secret", BODY),
        base64_hmac("", BODY),
        "\u00fc" * 44,
        "=" * 44,
        "A" * 100_000,
    ],
    ids=["empty", "space", "hex", "short", "long", "newline", "other secret", "no secret",
         "not ascii", "padding", "huge"],
)  # fmt: skip
def test_what_is_no_signature_of_ours_is_refused(kind: str, header: str, signature: str) -> None:
    assert refused(a_channel(kind), signed(header, signature)).field == header


@pytest.mark.parametrize("kind", ["shopify", "woocommerce"])
def test_a_missing_signature_is_refused_and_named(kind: str) -> None:
    error = refused(a_channel(kind), a_request(BODY, Content_Type="application/json"))
    assert error.field == HEADERS[kind][0]
    assert error.remedy


@pytest.mark.parametrize(("kind", "header"), CASES)
def test_a_repeated_signature_is_refused_even_if_both_are_right(kind: str, header: str) -> None:
    right = (header, base64_hmac("new secret", BODY))
    error = refused(a_channel(kind), RawRequest((right, right), BODY))
    assert "more than once" in error.message


def test_if_both_families_sign_both_must_be_right() -> None:
    right = base64_hmac("new secret", BODY)
    old, new = HEADERS["shopify"]
    channel = a_channel("shopify")
    channel.verify(RawRequest(((old, right), (new, right)), BODY), now=NOW)
    wrong = base64_hmac("third secret", BODY)
    assert refused(channel, RawRequest(((old, right), (new, wrong)), BODY)).field == new


def test_shopifys_signature_is_what_openssl_computes() -> None:
    # printf '{"id":1}' | openssl dgst -sha256 -hmac hush -binary | base64
    channel = a_channel("shopify", secrets=["hush"])
    signature = "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="
    channel.verify(a_request(b'{"id":1}', X_Shopify_Hmac_Sha256=signature), now=NOW)


def test_woocommerces_ping_is_let_in_and_ignored() -> None:
    channel = a_channel("woocommerce")
    ping = a_request(b"webhook_id=7", Content_Type="application/x-www-form-urlencoded")
    channel.verify(ping, now=NOW)
    hint = channel.hint(ping)
    assert (hint.topic, hint.dedupe_key, hint.reference) == ("ping", "ping", "")
    assert channel.wants(hint.topic) is False


@pytest.mark.parametrize(
    "request_",
    [
        a_request(b"webhook_id=7&id=1"),
        a_request(b"webhook_id=x"),
        a_request(b"webhook_id=7", X_WC_Webhook_Signature="AAAA"),
        a_request(b""),
    ],
)
def test_what_only_resembles_a_ping_needs_a_signature(request_: RawRequest) -> None:
    refused(a_channel("woocommerce"), request_)
