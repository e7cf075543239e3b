"""Writing back to Shopify: every fact once, whatever happens on the way."""

import pytest

from api.sandbox.orders import ShopOrder
from oms.channels.base import Accepted, ChannelRefused, ChannelUnavailable, ToldLine
from oms.channels.models import WritebackKind
from tests.channels.builders import a_command
from tests.sandbox.running import Sandbox

SHIPPED, READY = WritebackKind.SHIPPED, WritebackKind.READY
COLLECTED, CANCELLED = WritebackKind.COLLECTED, WritebackKind.CANCELLED


def lines(order: ShopOrder, *units: int) -> tuple[ToldLine, ...]:
    return tuple(
        ToldLine(line.id, count) for line, count in zip(order.lines, units, strict=True) if count
    )


def test_a_parcel_is_told_with_its_tracking_and_the_buyer_hears_once(shops: Sandbox) -> None:
    order = shops.place("shopify")
    answer = shops.channel("shopify").tell(a_command(SHIPPED, order.id, lines=lines(order, 2)))
    now = shops.order(order)
    assert [(each.kind, each.lines, each.carrier) for each in now.received] == [
        ("shipped", {order.lines[0].id: 2}, "UPS")
    ]
    assert now.received[0].tracking_number == "1Z999AA10123456784"
    assert now.received[0].tracking_url == "https://example.com/track/1Z999AA10123456784"
    assert now.status == "completed"
    assert now.mails == ["On its way: 1Z999AA10123456784"]
    assert answer == Accepted(reference=now.received[0].id)


def test_telling_a_parcel_again_writes_nothing(shops: Sandbox) -> None:
    order = shops.place("shopify")
    command = a_command(SHIPPED, order.id, lines=lines(order, 2))
    first = shops.channel("shopify").tell(command)
    assert shops.channel("shopify").tell(command) == Accepted(first.reference, repeated=True)
    assert len(shops.order(order).received) == 1


def test_a_parcel_told_before_the_answer_was_lost_is_found_and_not_told_twice(
    shops: Sandbox,
) -> None:
    order = shops.place("shopify", lines=[{"sku": "MUG", "quantity": 5}])
    command = a_command(SHIPPED, order.id, lines=lines(order, 2))
    shops.fault("shopify", "timeout_after_success", seconds=0.8)
    with pytest.raises(ChannelUnavailable, match="ReadTimeout"):
        shops.channel("shopify").tell(command)
    answer = shops.channel("shopify").tell(command)
    now = shops.order(order)
    assert answer.repeated
    assert [each.lines for each in now.received] == [{order.lines[0].id: 2}]
    assert len(now.mails) == 1


@pytest.mark.parametrize("mode", ["fail", "slow"])
def test_a_shop_in_trouble_is_asked_again_later(shops: Sandbox, mode: str) -> None:
    order = shops.place("shopify")
    command = a_command(SHIPPED, order.id, lines=lines(order, 2))
    shops.fault("shopify", mode, seconds=0.8)
    with pytest.raises(ChannelUnavailable):
        shops.channel("shopify").tell(command)
    assert shops.channel("shopify").tell(command).repeated is False
    assert len(shops.order(order).received) == 1


def test_a_throttled_query_waits_until_the_bucket_holds_its_cost(shops: Sandbox) -> None:
    order = shops.place("shopify")
    shops.fault("shopify", "throttle")
    with pytest.raises(ChannelUnavailable) as caught:
        shops.channel("shopify").tell(a_command(SHIPPED, order.id, lines=lines(order, 2)))
    assert caught.value.facts == {"retry_after_s": 2}  # (30 points wanted - 10 there) / 10 a second


def test_a_refusal_is_final_and_says_what_the_shop_said(shops: Sandbox) -> None:
    order = shops.place("shopify")
    shops.fault("shopify", "refuse")
    with pytest.raises(ChannelRefused, match="The sandbox was told to refuse") as caught:
        shops.channel("shopify").tell(a_command(SHIPPED, order.id, lines=lines(order, 2)))
    assert caught.value.remedy
    assert shops.order(order).received == []


def test_a_wrong_token_names_the_setting(shops: Sandbox) -> None:
    order = shops.place("shopify")
    with pytest.raises(ChannelRefused, match="Invalid API key") as caught:
        shops.channel("shopify", access_token="wrong").tell(a_command(SHIPPED, order.id))
    assert caught.value.field == "channels.shopify.access_token"


def test_an_order_that_the_shop_does_not_have_is_refused(shops: Sandbox) -> None:
    with pytest.raises(ChannelRefused, match="has no order 77"):
        shops.channel("shopify").tell(a_command(SHIPPED, "77", lines=(ToldLine("1", 1),)))


def test_more_units_than_are_open_are_refused_and_nothing_is_written(shops: Sandbox) -> None:
    order = shops.place("shopify")
    with pytest.raises(ChannelRefused, match="1 of line") as caught:
        shops.channel("shopify").tell(a_command(SHIPPED, order.id, lines=lines(order, 3)))
    assert caught.value.facts == {"lacking": {order.lines[0].id: 1}}
    assert shops.order(order).received == []


def test_two_lines_with_one_sku_are_told_by_line(shops: Sandbox) -> None:
    order = shops.place("shopify", lines=[{"sku": "MUG"}, {"sku": "MUG", "quantity": 3}])
    first, second = order.lines
    tell = shops.channel("shopify").tell
    tell(a_command(SHIPPED, order.id, lines=(ToldLine(second.id, 2),), tracking_number="T1"))
    tell(
        a_command(
            SHIPPED,
            order.id,
            lines=(ToldLine(first.id, 1), ToldLine(second.id, 1)),
            tracking_number="T2",
        )
    )
    now = shops.order(order)
    assert [each.lines for each in now.received] == [
        {second.id: 2},
        {first.id: 1, second.id: 1},
    ]
    assert now.status == "completed"


def test_a_parcel_over_many_locations_of_the_shop_is_one_fulfilment_each(shops: Sandbox) -> None:
    order = shops.place("split", lines=[{"sku": f"A{index}"} for index in range(30)])
    told = tuple(ToldLine(line.id, 1) for line in order.lines)
    answer = shops.channel("split", "shopify").tell(a_command(SHIPPED, order.id, lines=told))
    now = shops.order(order)
    assert [each.lines for each in now.received] == [{line.id: 1} for line in order.lines]
    assert {each.tracking_number for each in now.received} == {"1Z999AA10123456784"}
    assert answer.reference == ",".join(each.id for each in now.received)


def test_a_parcel_told_to_half_of_the_locations_is_completed(shops: Sandbox) -> None:
    order = shops.place("split", lines=[{"sku": "A"}, {"sku": "B"}])
    command = a_command(SHIPPED, order.id, lines=lines(order, 1, 1))
    shops.fault("split", "timeout_after_success", seconds=0.8)
    with pytest.raises(ChannelUnavailable):
        shops.channel("split", "shopify").tell(command)
    assert len(shops.order(order).received) == 1
    assert shops.channel("split", "shopify").tell(command).repeated is False
    assert [each.lines for each in shops.order(order).received] == [
        {order.lines[0].id: 1},
        {order.lines[1].id: 1},
    ]
    assert shops.channel("split", "shopify").tell(command).repeated is True


def test_a_parcel_with_more_lines_than_a_page_holds_is_found_whole(shops: Sandbox) -> None:
    order = shops.place("shopify", lines=[{"sku": f"A{index}"} for index in range(120)])
    told = tuple(ToldLine(line.id, 1) for line in order.lines)
    command = a_command(SHIPPED, order.id, lines=told)
    assert shops.channel("shopify").tell(command).repeated is False
    assert shops.channel("shopify").tell(command).repeated is True
    assert len(shops.order(order).received) == 1


def test_a_parcel_without_a_number_is_told_once(shops: Sandbox) -> None:
    order = shops.place("shopify")
    command = a_command(
        SHIPPED, order.id, lines=lines(order, 2), tracking_number=None, tracking_url=None
    )
    assert shops.channel("shopify").tell(command).repeated is False
    assert shops.channel("shopify").tell(command).repeated is True
    assert [each.tracking_number for each in shops.order(order).received] == [""]


def test_a_pickup_is_ready_once_and_collected_once(shops: Sandbox) -> None:
    order = shops.place("shopify", delivery="pickup", store="S01")
    tell = shops.channel("shopify").tell
    ready = a_command(READY, order.id, lines=lines(order, 2))
    assert tell(ready).repeated is False
    assert tell(ready).repeated is True
    assert shops.order(order).status == "ready"
    collected = a_command(COLLECTED, order.id, lines=lines(order, 2))
    assert tell(collected).repeated is False
    assert tell(collected).repeated is True
    assert tell(ready).repeated is True
    now = shops.order(order)
    assert [each.kind for each in now.received] == ["ready", "collected"]
    assert now.status == "completed"
    assert now.mails == ["Ready for pickup"]


def test_ready_told_before_the_answer_was_lost_sends_one_mail(shops: Sandbox) -> None:
    order = shops.place("shopify", delivery="pickup", store="S01")
    ready = a_command(READY, order.id, lines=lines(order, 2))
    shops.fault("shopify", "timeout_after_success", seconds=0.8)
    with pytest.raises(ChannelUnavailable):
        shops.channel("shopify").tell(ready)
    assert shops.channel("shopify").tell(ready).repeated is True
    assert shops.order(order).mails == ["Ready for pickup"]


def test_ready_is_refused_for_an_order_that_is_sent(shops: Sandbox) -> None:
    order = shops.place("shopify")
    with pytest.raises(ChannelRefused, match="no open pickup"):
        shops.channel("shopify").tell(a_command(READY, order.id, lines=lines(order, 2)))


def test_a_cancellation_is_told_once(shops: Sandbox) -> None:
    order = shops.place("shopify")
    command = a_command(CANCELLED, order.id)
    shops.fault("shopify", "timeout_after_success", seconds=0.8)
    with pytest.raises(ChannelUnavailable):
        shops.channel("shopify").tell(command)
    assert shops.channel("shopify").tell(command) == Accepted(order.id, repeated=True)
    now = shops.order(order)
    assert now.status == "cancelled"
    assert now.mails == ["Your order has been cancelled"]


def test_a_cancellation_of_what_has_left_is_refused(shops: Sandbox) -> None:
    order = shops.place("shopify")
    tell = shops.channel("shopify").tell
    tell(a_command(SHIPPED, order.id, lines=lines(order, 2)))
    with pytest.raises(ChannelRefused, match="closed or fulfilled"):
        tell(a_command(CANCELLED, order.id))
    assert shops.order(order).status == "completed"


def test_a_shop_that_nobody_answers_for_is_unavailable() -> None:
    unreachable = Sandbox("http://127.0.0.1:9", None)  # type: ignore[arg-type]
    with pytest.raises(ChannelUnavailable, match="ConnectError"):
        unreachable.channel("shopify").tell(a_command(CANCELLED, "1"))


@pytest.mark.parametrize("token", ["t\u00f6ken", "token\n"])
def test_a_token_that_fits_no_header_names_the_setting(shops: Sandbox, token: str) -> None:
    with pytest.raises(ChannelRefused) as caught:
        shops.channel("shopify", access_token=token).tell(a_command(CANCELLED, "1"))
    assert caught.value.field == "channels.shopify.access_token"
