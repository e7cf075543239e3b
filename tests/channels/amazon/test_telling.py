"""Writing back to Amazon: every package once, corrected under its number, the rest by hand."""

import pytest

from api.sandbox.orders import ShopOrder
from oms.channels.amazon import packages
from oms.channels.base import (
    Accepted,
    ChannelRefused,
    ChannelUnavailable,
    ToldLine,
    WritebackCommand,
)
from oms.channels.models import WritebackKind
from tests.channels.amazon.selling import an_amazon, with_access
from tests.channels.builders import a_command
from tests.sandbox.running import Sandbox

SHIPPED, READY = WritebackKind.SHIPPED, WritebackKind.READY
COLLECTED, CANCELLED = WritebackKind.COLLECTED, WritebackKind.CANCELLED


def parcel(order: ShopOrder, *units: int, **changes: object) -> WritebackCommand:
    lines = tuple(
        ToldLine(line.id, count) for line, count in zip(order.lines, units, strict=False) if count
    )
    return a_command(SHIPPED, order.id, lines=lines, **changes)


def test_a_package_is_confirmed_with_its_lines_and_number(seller: Sandbox) -> None:
    order = seller.place("amazon")
    command = parcel(order, 2)
    answer = an_amazon(seller.url).tell(command)
    assert answer == Accepted(packages.reference_of(command))
    now = seller.order(order)
    assert [(each.id, each.lines, each.tracking_number, each.carrier) for each in now.received] == [
        (answer.reference, {order.lines[0].id: 2}, "1Z999AA10123456784", "UPS")
    ]
    assert now.status == "completed"


def test_a_lost_answer_leaves_one_package_and_one_mail(seller: Sandbox) -> None:
    order = seller.place("amazon")
    seller.fault("amazon", "timeout_after_success", seconds=1.3)
    with pytest.raises(ChannelUnavailable):
        an_amazon(seller.url).tell(parcel(order, 2))
    assert an_amazon(seller.url).tell(parcel(order, 2)).repeated is True
    assert len(seller.order(order).mails) == len(seller.order(order).received) == 1


def test_split_parcels_and_two_lines_of_one_sku_are_told_by_line_id(seller: Sandbox) -> None:
    lines = [{"sku": "MUG", "quantity": 2}, {"sku": "MUG", "quantity": 3}]
    order = seller.place("amazon", lines=lines)
    first, second = order.lines
    an_amazon(seller.url).tell(parcel(order, 2, 1, tracking_number="A1"))
    an_amazon(seller.url).tell(parcel(order, 0, 2, tracking_number="A2", key="shipped:2"))
    now = seller.order(order)
    assert [each.lines for each in now.received] == [{first.id: 2, second.id: 1}, {second.id: 2}]
    assert [line.sent for line in now.lines] == [2, 3]


def test_another_number_for_the_same_parcel_edits_its_package(seller: Sandbox) -> None:
    order = seller.place("amazon")
    an_amazon(seller.url).tell(parcel(order, 2, tracking_number="WRONG"))
    an_amazon(seller.url).tell(parcel(order, 2, tracking_number="RIGHT"))
    now = seller.order(order)
    assert [each.tracking_number for each in now.received] == ["RIGHT"]
    assert now.mails == ["Your package is on its way: WRONG"]


def test_a_carrier_that_amazon_does_not_know_goes_by_its_name(seller: Sandbox) -> None:
    order = seller.place("amazon")
    an_amazon(seller.url).tell(parcel(order, 2, carrier="Own van"))
    assert seller.order(order).received[0].carrier == "Own van"
    order = seller.place("amazon")
    named = with_access(an_amazon(seller.url), carriers={"own van": "ShippingExpress"})
    named.tell(parcel(order, 2, carrier="Own van"))
    assert seller.order(order).received[0].carrier == "ShippingExpress"


def test_without_a_tracking_number_a_person_is_asked(seller: Sandbox) -> None:
    order = seller.place("amazon")
    with pytest.raises(ChannelRefused) as caught:
        an_amazon(seller.url).tell(parcel(order, 2, tracking_number=None))
    assert "tracking number" in (caught.value.remedy or "")
    assert seller.order(order).received == []


def test_what_amazon_fulfils_or_has_cancelled_is_never_confirmed(seller: Sandbox) -> None:
    theirs = seller.place("amazon", by_marketplace=True)
    cancelled = seller.place("amazon")
    seller.http.delete(f"/control/orders/amazon/{cancelled.id}")
    for order in (theirs, cancelled):
        with pytest.raises(ChannelRefused):
            an_amazon(seller.url).tell(parcel(order, 2))
        assert seller.order(order).received == []


def test_a_pickup_is_told_from_ready_to_collected(seller: Sandbox) -> None:
    order = seller.place("amazon", delivery="pickup", store="S01")
    line = (ToldLine(order.lines[0].id, 2),)
    an_amazon(seller.url).tell(a_command(READY, order.id, lines=line))
    assert seller.order(order).status == "ready"
    collected = a_command(COLLECTED, order.id, lines=line)
    an_amazon(seller.url).tell(collected)
    assert an_amazon(seller.url).tell(collected).repeated is True
    assert [each.kind for each in seller.order(order).received] == ["ready", "collected"]


def test_a_cancellation_needs_seller_central_unless_it_is_there(seller: Sandbox) -> None:
    order = seller.place("amazon")
    command = a_command(CANCELLED, order.id)
    with pytest.raises(ChannelRefused, match="takes no 'cancelled'") as caught:
        an_amazon(seller.url).tell(command)
    assert "Seller Central" in (caught.value.remedy or "")
    seller.http.delete(f"/control/orders/amazon/{order.id}")
    assert an_amazon(seller.url).tell(command) == Accepted(order.id, repeated=True)


def test_an_order_of_another_seller_is_refused_for_good(seller: Sandbox) -> None:
    with pytest.raises(ChannelRefused) as caught:
        an_amazon(seller.url).tell(a_command(SHIPPED, "111-9999999-9999999"))
    assert caught.value.facts == {"missing": True}
