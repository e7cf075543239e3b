"""Whatever comes under a valid signature ends as an order or as `Malformed`, never as a crash."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.channels.base import Malformed
from oms.orders.new_order import NewLine, NewOrder
from tests.channels.builders import a_channel
from tests.payloads.reading import payload

PAYLOADS = {
    "shopify": ("shopify_order", "orders/updated"),
    "woocommerce": ("woocommerce_order", "order.updated"),
    "reference": ("reference_order", "order.updated"),
    "amazon": ("amazon_order", "order"),
}
KINDS = sorted(PAYLOADS)
BIGINT = 2**63
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "1e999",
            "NaN",
            "0x1",
            "\u0000",
            "\ud800",
            "9" * 400,
            "12.50",
            "local_pickup",
        ]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(document: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    found = [way] if way else []
    if isinstance(document, dict):
        for key, value in document.items():
            found += places(value, (*way, key))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            found += places(value, (*way, index))
    return found


def texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for each in value.values() for text in texts(each)]
        case list() | tuple():
            return [text for each in value for text in texts(each)]
        case _:
            return []


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_one_wrong_place_is_an_order_or_malformed(kind: str, data: st.DataObject) -> None:
    name, topic = PAYLOADS[kind]
    document = json.loads(payload(name))
    *way, last = data.draw(st.sampled_from(places(document)))
    parent = document
    for part in way:
        parent = parent[part]
    parent[last] = data.draw(VALUES)
    match outcome(kind, json.dumps(document).encode(), topic=topic):
        case Malformed() as error:
            assert error.field
            assert error.remedy
            assert len(error.message) < 500
            assert storable(error.message)
        case NewOrder() as order:
            assert all(map(storable, texts(asdict(order))))
            assert 0 <= order.total_minor < BIGINT
            assert 0 <= order.shipping_minor < BIGINT
            assert all(map(plausible, order.lines))


def outcome(kind: str, body: bytes, *, topic: str) -> NewOrder | Malformed:
    try:
        return a_channel(kind).to_order(body, topic=topic)
    except Malformed as error:
        return error


def storable(text: str) -> bool:
    return "\x00" not in text and bool(text.encode() or True)


def plausible(line: NewLine) -> bool:
    amounts = (line.unit_price_minor, line.tax_minor, line.discount_minor)
    return 0 < line.quantity <= 100_000 and all(0 <= each < BIGINT for each in amounts)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"5",
        b"true",
        b"{",
        b"{}x",
        b'{"id": NaN}',
        b'{"id": Infinity}',
        b'{"id": 1e999999999999999999999}',
        b'{"id": ' + b"9" * 5_000 + b"}",
        b'{"total": 1e999999999}',
        b'{"id": "\xff"}',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"<html>",
        b"id=1&status=processing",
    ],
)
def test_what_is_no_json_object_is_malformed_and_says_what_to_send(kind: str, body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        a_channel(kind).to_order(body, topic=PAYLOADS[kind][1])
    assert caught.value.remedy


@pytest.mark.parametrize("kind", KINDS)
@given(body=st.binary(max_size=300))
def test_any_bytes_are_malformed(kind: str, body: bytes) -> None:
    with pytest.raises(Malformed):
        a_channel(kind).to_order(body, topic=PAYLOADS[kind][1])
