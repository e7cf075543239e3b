"""Asking shops for their orders: page by page, nothing left out while orders move between pages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from api.sandbox.orders import ShopOrder
from oms import clock
from oms.channels.amazon.polling import AmazonPoller
from oms.channels.base import ChannelRefused, ChannelUnavailable, Poller, Window
from oms.channels.woocommerce.polling import WooCommercePoller
from tests.channels.amazon.selling import an_amazon
from tests.channels.builders import a_channel
from tests.payloads.reading import payload
from tests.sandbox.running import Sandbox


def placed(shops: Sandbox, channel: str, count: int) -> list[ShopOrder]:
    return [shops.place(channel, minutes_ago=30) for _ in range(count)]


def window(minutes: float = 60) -> Window:
    now = clock.now()
    return Window(now - timedelta(minutes=minutes), now - timedelta(minutes=3))


def test_a_full_second_of_orders_is_paged_through(shops: Sandbox) -> None:
    """All five were changed in one second, which is the finest that WooCommerce tells."""
    orders = placed(shops, "woocommerce", 5)
    poller = shops.channel("woocommerce").poller
    assert isinstance(poller, WooCommercePoller)
    found = everything(replace(poller, size=2), window())
    assert {order.id for order in orders} <= set(found)


def test_an_order_that_moves_to_the_end_pulls_no_other_out_of_sight(shops: Sandbox) -> None:
    before = [shops.place("woocommerce", minutes_ago=30 - n) for n in range(4)]
    poller = shops.channel("woocommerce").poller
    assert isinstance(poller, WooCommercePoller)
    poller = replace(poller, size=2)
    asked = window(31)
    first = poller.page(asked, "")
    moved = first.found[0].hint.reference
    shops.http.patch(f"/control/orders/woocommerce/{moved}", json={"send": False})
    rest = everything(poller, asked, token=first.token)
    seen = {each.hint.reference for each in first.found} | set(rest)
    assert {order.id for order in before} <= seen


def test_amazon_gives_pages_by_token_and_its_own_orders_too(seller: Sandbox) -> None:
    orders = placed(seller, "amazon", 4)
    theirs = seller.place("amazon", minutes_ago=30, by_marketplace=True)
    found = everything(an_amazon(seller.url).poller, window())
    assert {order.id for order in (*orders, theirs)} <= set(found)
    assert found[theirs.id] == "order.fulfilled_by_amazon"
    assert found[orders[0].id] == "order"


def test_a_token_that_amazon_does_not_know_is_refused(seller: Sandbox) -> None:
    poller: AmazonPoller = an_amazon(seller.url).poller
    with pytest.raises(ChannelRefused):
        poller.page(window(), "no number")


def test_a_shop_that_is_throttled_says_when_to_come_back(shops: Sandbox, seller: Sandbox) -> None:
    for where, code in ((shops, "woocommerce"), (shops, "reference"), (seller, "amazon")):
        where.fault(code, "throttle")
        adapter = an_amazon(seller.url) if code == "amazon" else where.channel(code)
        assert adapter.poller is not None
        with pytest.raises(ChannelUnavailable) as caught:
            adapter.poller.page(window(), "")
        assert caught.value.facts["retry_after_s"] > 0


def test_a_receiver_that_does_not_know_the_question_names_the_setting(shops: Sandbox) -> None:
    adapter = shops.channel("reference", api_url=f"{shops.url}/nobody/webhooks")
    assert adapter.poller is not None
    with pytest.raises(ChannelRefused) as caught:
        adapter.poller.page(window(), "")
    assert caught.value.field == "channels.reference.poll"


@pytest.mark.parametrize(("status", "sent"), [("processing", 0), ("completed", 3)])
def test_what_a_site_has_as_completed_has_been_sent(status: str, sent: int) -> None:
    """Asking brings orders that were finished before we were connected; they are not ours."""
    body = payload("woocommerce_order", {"status": status})
    order = a_channel("woocommerce").to_order(body, topic="order.updated")
    assert order.lines[0].sent == sent


def everything(poller: Poller, asked: Window, *, token: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for _ in range(50):
        page = poller.page(asked, token)
        found |= {each.hint.reference: each.hint.topic for each in page.found}
        token = page.token
        if not token:
            return found
    raise AssertionError("it never ends")
