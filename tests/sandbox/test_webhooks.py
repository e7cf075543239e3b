"""What the sandbox sends is what the real shops send: our adapters prove and read it."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.sandbox.orders import ShopOrder
from oms.channels.base import Channel
from oms.channels.registry import build
from oms.connections import ChannelSettings
from oms.orders.models import Delivery, HoldKind
from tests.sandbox.running import SECRETS, Desk, Sandbox, desk, sandbox, wait_until

KINDS = sorted(SECRETS)


def adapters() -> dict[str, Channel]:
    return {
        kind: build(
            kind,
            ChannelSettings.model_validate(
                {
                    "kind": kind,
                    "secrets": [SECRETS[kind]],
                    "api_url": "http://127.0.0.1:9",
                    "locations": {"Riverside": "S01"},
                }
            ),
        )
        for kind in KINDS
    }


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Sandbox, Desk]]:
    """A sandbox whose webhooks a desk takes in."""
    with desk(adapters()) as (url, standing), sandbox(desk_url=url) as shops:
        yield shops, standing


@pytest.fixture
def shops(both: tuple[Sandbox, Desk]) -> Sandbox:
    return both[0]


@pytest.fixture
def listening(both: tuple[Sandbox, Desk]) -> Desk:
    """The desk with its memory wiped."""
    standing = both[1]
    standing.hints.clear()
    standing.orders.clear()
    standing.errors.clear()
    return standing


def heard(listening: Desk, count: int) -> None:
    wait_until(lambda: len(listening.orders) + len(listening.errors) >= count)
    assert listening.errors == []


def url_of(order: ShopOrder) -> str:
    return f"/control/orders/{order.channel}/{order.id}"


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_to_be_sent_arrives_signed_and_whole(
    shops: Sandbox, listening: Desk, kind: str
) -> None:
    lines = [
        {
            "sku": "MUG",
            "quantity": 2,
            "title": "Mug & saucer, gr\u00fcn",
            "price_minor": 1250,
        },
        {"sku": "LAMP", "price_minor": 999},
    ]
    order = shops.place(kind, lines=lines)
    heard(listening, 1)
    (new,) = listening.orders
    assert (new.external_id, new.display_number) == (order.id, order.number)
    assert [(each.external_id, each.channel_sku, each.quantity) for each in new.lines] == [
        (order.lines[0].id, "MUG", 2),
        (order.lines[1].id, "LAMP", 1),
    ]
    assert [(each.title, each.unit_price_minor) for each in new.lines] == [
        ("Mug & saucer, gr\u00fcn", 1250),
        ("LAMP", 999),
    ]
    assert (new.total_minor, new.shipping_minor, new.currency) == (4094, 595, "USD")
    assert new.delivery is Delivery.SHIP
    assert new.address is not None
    assert (new.address.name, new.address.street) == ("Ada Example", "12 Sample Street")
    assert (new.customer_name, new.customer_email) == ("Ada Example", "ada@example.com")
    assert new.holds == ()
    assert listening.hints[0].reference == order.id


@pytest.mark.parametrize("kind", KINDS)
def test_a_pickup_order_names_the_store_in_the_channels_own_way(
    shops: Sandbox, listening: Desk, kind: str
) -> None:
    shops.place(kind, delivery="pickup", store="Riverside")
    heard(listening, 1)
    (new,) = listening.orders
    assert (new.delivery, new.pickup_store) == (Delivery.PICKUP, "S01")
    assert (new.address, new.holds) == (None, ())


@pytest.mark.parametrize("kind", KINDS)
def test_changes_and_cancellation_follow_with_newer_states(
    shops: Sandbox, listening: Desk, kind: str
) -> None:
    order = shops.place(kind, paid=False, lines=[{"sku": "MUG", "quantity": 3}, {"sku": "LAMP"}])
    heard(listening, 1)
    mug, lamp = order.lines
    change = {"paid": True, "lines": {mug.id: 1, lamp.id: 0}}
    shops.http.patch(url_of(order), json=change).raise_for_status()
    heard(listening, 2)
    shops.http.delete(url_of(order)).raise_for_status()
    heard(listening, 3)
    first, second, third = listening.orders
    assert [hold.kind for hold in first.holds] == [HoldKind.PAYMENT]
    assert second.holds == ()
    assert [(each.external_id, each.quantity) for each in second.lines] == [(mug.id, 1)]
    assert third.cancelled is True
    assert first.updated_at <= second.updated_at <= third.updated_at
    assert len({hint.dedupe_key for hint in listening.hints}) == 3


def test_a_deleted_woocommerce_order_is_told_by_its_id_alone(
    shops: Sandbox, listening: Desk
) -> None:
    order = shops.place("woocommerce")
    heard(listening, 1)
    shops.http.delete(url_of(order), params={"deleted": True}).raise_for_status()
    heard(listening, 2)
    assert (listening.orders[1].external_id, listening.orders[1].cancelled) == (order.id, True)


@pytest.mark.parametrize("kind", KINDS)
def test_copies_of_one_message_have_one_key(shops: Sandbox, listening: Desk, kind: str) -> None:
    shops.place(kind, copies=3)
    heard(listening, 3)
    assert len({hint.dedupe_key for hint in listening.hints}) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_that_is_not_taken_comes_again_unchanged(
    shops: Sandbox, listening: Desk, kind: str
) -> None:
    listening.refusals = 2
    order = shops.place(kind)
    heard(listening, 1)
    wait_until(lambda: sent(shops, order)[0]["status"] == "delivered")
    assert sent(shops, order)[0]["attempts"] == 3
    assert sent(shops, order)[0]["answer"].startswith("200")


def test_messages_held_back_arrive_in_the_order_that_a_test_wants(
    shops: Sandbox, listening: Desk
) -> None:
    order = shops.place("shopify", send=False)
    shops.http.delete(url_of(order), params={"send": False}).raise_for_status()
    created, cancelled = sent(shops, order)
    assert [created["status"], cancelled["status"]] == ["held", "held"]
    for number, webhook in enumerate((cancelled, created, created), start=1):
        wait_until(lambda: all(each["status"] != "pending" for each in sent(shops, order)))
        shops.http.post(f"/control/webhooks/{webhook['id']}/send").raise_for_status()
        heard(listening, number)
    assert [each.cancelled for each in listening.orders] == [True, False, False]
    assert len({hint.dedupe_key for hint in listening.hints}) == 2


def test_a_writeback_makes_the_shop_tell_of_its_own_change(shops: Sandbox, listening: Desk) -> None:
    order = shops.place("woocommerce")
    heard(listening, 1)
    answer = shops.http.put(
        f"/woocommerce/wp-json/wc/v3/orders/{order.id}",
        json={"status": "completed"},
        auth=("ck_sandbox", "cs_sandbox"),
    )
    assert answer.json()["status"] == "completed"
    heard(listening, 2)
    assert [line.quantity for line in listening.orders[1].lines] == [2]


def sent(shops: Sandbox, order: ShopOrder) -> list[dict[str, Any]]:
    asked = {"channel": order.channel, "order_id": order.id}
    found: list[dict[str, Any]] = shops.http.get("/control/webhooks", params=asked).json()
    return found
