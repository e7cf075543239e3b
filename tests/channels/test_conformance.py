"""What every channel must do, asked of each of them; and that whoever does not is found out."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from api.sandbox.doubles import sandbox_double
from oms.channels.conformance.checks import CHECKS, Check
from oms.channels.conformance.subject import Example, NotAsked, Subject
from tests.channels.amazon.official import amazon_orders

KINDS = ("shopify", "woocommerce", "reference", "amazon")
CONTRACTS = Path(__file__).parents[3] / "shared/contracts"


def examples(kind: str) -> list[Example]:
    """Official examples, read in place; none where the folder is absent."""
    folder = CONTRACTS / "payloads"
    if not folder.is_dir():
        return []
    match kind:
        case "shopify":
            names = {"shopify/order_full.json": "orders/create"}
        case "woocommerce":
            names = {
                "woocommerce/order_created.json": "order.created",
                "woocommerce/order_updated.json": "order.updated",
            }
        case "amazon":
            return [
                Example(order["orderId"], "order", json.dumps(order).encode())
                for order in amazon_orders(CONTRACTS)
                if "IN_STORE_PICK_UP" not in order.get("programs", ())
            ]
        case _:
            return []
    return [
        Example(name, topic, _body(json.loads((folder / name).read_bytes())))
        for name, topic in names.items()
    ]


def _body(document: Any) -> bytes:
    return json.dumps(document.get("order", document)).encode()


@pytest.fixture(scope="module")
def subjects() -> Iterator[dict[str, Subject]]:
    """Every built-in channel, each against a sandbox of its own."""
    specs = CONTRACTS / "specs"
    doubles = {
        kind: sandbox_double(
            kind,
            kind,
            examples=examples(kind),
            channel_schemas=specs if specs.is_dir() else None,
        )
        for kind in KINDS
    }
    entered = {kind: double.__enter__() for kind, double in doubles.items()}
    yield entered
    for double in doubles.values():
        double.__exit__(None, None, None)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_conforms(subjects: dict[str, Subject], kind: str, check: Check) -> None:
    with pytest.raises(NotAsked) if (kind, check.__name__) in NOT_ASKED else nullcontext():
        check(subjects[kind])


NOT_ASKED = {
    *((kind, "a_fact_that_is_turned_down_later_is_not_accepted") for kind in KINDS),
    *((kind, "refuses_whoever_knocks_if_it_never_does") for kind in KINDS[:3]),
    *((kind, "refuses_for_good_what_it_cannot_tell") for kind in KINDS[:3]),
    ("shopify", "is_asked_for_what_it_did_not_tell"),
    *((kind, "reads_the_official_examples") for kind in KINDS if not examples(kind)),
    ("amazon", "takes_only_what_is_signed"),
    ("amazon", "knows_its_messages_apart"),
    ("amazon", "sets_stock_and_reads_it_back"),
}
