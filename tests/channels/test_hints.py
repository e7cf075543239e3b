"""What a message is about, read from whatever came."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.channels.base import Hint, RawRequest
from oms.channels.hints import key_of
from tests.channels.builders import a_channel, a_request

SHOPIFY = {
    "X_Shopify_Topic": "orders/create",
    "X_Shopify_Shop_Domain": "a.myshopify.com",
    "X_Shopify_Event_Id": "e1",
    "X_Shopify_Webhook_Id": "w1",
    "X_Shopify_Triggered_At": "2026-03-01T12:00:00.5Z",
    "X_Shopify_Hmac_Sha256": "secret",
}


def shopify(body: bytes = b'{"id": 9007199254740993}', **changes: str) -> Hint:
    return a_channel("shopify").hint(a_request(body, **SHOPIFY | changes))


def test_shopifys_headers_say_what_it_is_about() -> None:
    assert shopify() == Hint(
        dedupe_key="a.myshopify.com|orders/create|e1|9007199254740993",
        topic="orders/create",
        reference="9007199254740993",
        occurred_at=datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC),
        kept_headers={
            "x-shopify-topic": "orders/create",
            "x-shopify-shop-domain": "a.myshopify.com",
            "x-shopify-event-id": "e1",
            "x-shopify-webhook-id": "w1",
            "x-shopify-triggered-at": "2026-03-01T12:00:00.5Z",
        },
    )


def test_the_newer_headers_say_the_same() -> None:
    newer = {name.removeprefix("X_"): value for name, value in SHOPIFY.items()}
    hint = a_channel("shopify").hint(a_request(b'{"id": 9007199254740993}', **newer))
    assert hint.dedupe_key == shopify().dedupe_key
    assert hint.topic == "orders/create"
    assert "shopify-hmac-sha256" not in hint.kept_headers
    event = newer | {"Shopify_Topic": "Order", "Shopify_Action": "update"}
    assert a_channel("shopify").hint(a_request(b"{}", **event)).topic == "orders/updated"


def test_one_event_id_for_two_shops_topics_or_orders_is_not_one_message() -> None:
    keys = {
        shopify().dedupe_key,
        shopify(X_Shopify_Shop_Domain="b.myshopify.com").dedupe_key,
        shopify(X_Shopify_Topic="orders/updated").dedupe_key,
        shopify(b'{"id": 2}').dedupe_key,
    }
    assert len(keys) == 4


def test_without_an_event_id_the_webhook_id_and_then_the_body_tell_messages_apart() -> None:
    assert "|w1|" in shopify(X_Shopify_Event_Id="").dedupe_key

    def nameless(body: bytes) -> Hint:
        return shopify(body, X_Shopify_Event_Id="", X_Shopify_Webhook_Id="")

    first, same = nameless(b'{"id": 1}'), nameless(b'{"id": 1}')
    other = nameless(b'{"id": 1, "note": "x"}')
    assert first.dedupe_key == same.dedupe_key != other.dedupe_key


def test_woocommerces_key_is_the_orders_state_and_not_the_delivery() -> None:
    def hint(body: bytes, delivery: str, source: str = "https://a.example/") -> Hint:
        return a_channel("woocommerce").hint(
            a_request(
                body,
                X_WC_Webhook_Topic="order.updated",
                X_WC_Webhook_Source=source,
                X_WC_Webhook_Delivery_ID=delivery,
            )
        )

    body = b'{"id": 727, "date_modified_gmt": "2026-03-01T12:00:00"}'
    first = hint(body, "d1")
    assert first.topic == "order.updated"
    assert first.reference == "727"
    assert first.occurred_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert hint(body, "d2").dedupe_key == first.dedupe_key
    assert hint(body, "d1", "https://b.example/").dedupe_key != first.dedupe_key
    same_second = b'{"id": 727, "date_modified_gmt": "2026-03-01T12:00:00", "status": "x"}'
    assert hint(same_second, "d1").dedupe_key != first.dedupe_key


def test_the_reference_channels_key_is_its_webhook_id() -> None:
    body = b'{"type":"order.updated","timestamp":"2026-03-01T12:00:00+01:00","data":{"id":"007"}}'
    hint = a_channel("reference").hint(
        a_request(body, Webhook_Id="msg_1", Webhook_Timestamp="1772366400")
    )
    assert (hint.dedupe_key, hint.topic, hint.reference) == ("msg_1", "order.updated", "007")
    assert hint.occurred_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert hint.kept_headers == {"webhook-id": "msg_1", "webhook-timestamp": "1772366400"}


def test_a_separator_inside_a_part_does_not_make_two_keys_one() -> None:
    assert key_of("a|b", "c") != key_of("a", "b|c")
    assert key_of("a%7Cb", "c") != key_of("a|b", "c")


@pytest.mark.parametrize("kind", ["shopify", "woocommerce", "reference"])
@given(
    body=st.one_of(
        st.binary(max_size=60),
        st.sampled_from(
            [
                b"[]",
                b"null",
                b'{"id": {"a": []}, "type": [1], "data": 5}',
                b'{"id": "\\u0000\\ud800", "type": "\\u0000", "data": {"id": "\\ud800"}}',
                b"[" * 100_000,
                b'{"id": ' + b"9" * 5_000 + b"}",
                b'{"id": NaN}',
            ]
        ),
    ),
    header=st.text(max_size=400),
)
def test_a_hint_never_fails_and_fits_its_table(kind: str, body: bytes, header: str) -> None:
    names = [name.replace("_", "-").lower() for name in SHOPIFY]
    names += ["shopify-action", "x-wc-webhook-topic", "x-wc-webhook-source"]
    names += ["webhook-id", "webhook-timestamp"]
    hint = a_channel(kind).hint(RawRequest(tuple((name, header) for name in names), body))
    assert len(hint.dedupe_key) <= 300
    assert len(hint.topic) <= 80
    assert len(hint.reference) <= 120
    kept = "".join((hint.dedupe_key, hint.topic, hint.reference, *hint.kept_headers.values()))
    assert "\x00" not in kept
    kept.encode()
