"""Letting a channel give money back: once, whatever happens on the way."""

import pytest

from api.sandbox.orders import ShopOrder
from oms.channels.base import ChannelRefused, ChannelUnavailable, WritebackCommand
from oms.channels.models import WritebackKind
from tests.channels.builders import a_command, told
from tests.sandbox.running import Sandbox

SHOPS = ("shopify", "woocommerce", "reference")


def a_refund(order: ShopOrder, amount_minor: int, number: int = 1) -> WritebackCommand:
    return a_command(
        WritebackKind.REFUNDED,
        order.id,
        key=f"refunded:0195f0c2-0000-7000-8000-00000000000{number}",
        lines=told(**{f"_{order.lines[0].id}": 1}),
        amount_minor=amount_minor,
        shipping_minor=100,
        currency=order.currency,
        reason="sent back",
    )


def given_back(shops: Sandbox, order: ShopOrder) -> list[int]:
    return [each.amount_minor for each in shops.order(order).received]


@pytest.mark.parametrize("code", SHOPS)
def test_money_goes_back_once_also_when_the_answer_is_lost(shops: Sandbox, code: str) -> None:
    order = shops.place(code)
    command = a_refund(order, 700)
    shops.fault(code, "timeout_after_success", seconds=0.8)
    with pytest.raises(ChannelUnavailable):
        shops.channel(code).tell(command)
    answer = shops.channel(code).tell(command)
    assert answer.repeated
    assert answer.reference
    assert given_back(shops, order) == [700]
    assert shops.channel(code).tell(a_refund(order, 300, number=2)).repeated is False
    assert given_back(shops, order) == [700, 300]


@pytest.mark.parametrize("code", SHOPS)
def test_more_than_was_paid_is_refused(shops: Sandbox, code: str) -> None:
    order = shops.place(code)
    error = ChannelUnavailable if code == "woocommerce" else ChannelRefused  # it answers 500
    with pytest.raises(error):
        shops.channel(code).tell(a_refund(order, order.total_minor() + 1))
    assert given_back(shops, order) == []


def test_a_shop_that_has_not_captured_says_how_much_is_lacking(shops: Sandbox) -> None:
    order = shops.place("shopify", paid=False)
    with pytest.raises(ChannelRefused, match=r"captured 7\.00 USD less") as caught:
        shops.channel("shopify").tell(a_refund(order, 700))
    assert caught.value.remedy
