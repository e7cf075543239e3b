"""Writing back to WooCommerce: every fact once, and two parcels at once lose nothing."""

import threading

import pytest

from api.sandbox.orders import ShopOrder
from oms.channels.base import ChannelRefused, ChannelUnavailable, ToldLine
from oms.channels.models import WritebackKind
from oms.channels.woocommerce import client, facts
from tests.channels.builders import a_command
from tests.sandbox.running import Sandbox

SHIPPED, READY = WritebackKind.SHIPPED, WritebackKind.READY
COLLECTED, CANCELLED = WritebackKind.COLLECTED, WritebackKind.CANCELLED
NOTE = (
    "Shipped from Riverside with UPS: 2 items, tracking number 1Z999AA10123456784:"
    " https://example.com/track/1Z999AA10123456784"
)


def meta(order: ShopOrder, key: str) -> object:
    return next((each["value"] for each in order.meta if each["key"] == key), None)


def test_a_parcel_is_told_by_tracking_status_and_one_note(shops: Sandbox) -> None:
    order = shops.place("woocommerce")
    command = a_command(SHIPPED, order.id, lines=(ToldLine(order.lines[0].id, 2),))
    answer = shops.channel("woocommerce").tell(command)
    now = shops.order(order)
    assert answer.reference == f"_tributary_told_{command.key}"
    assert answer.repeated is False
    assert meta(now, "_wc_shipment_tracking_items") == [
        {
            "tracking_provider": "",
            "custom_tracking_provider": "UPS",
            "custom_tracking_link": "https://example.com/track/1Z999AA10123456784",
            "tracking_number": "1Z999AA10123456784",
            "date_shipped": "1772366400",
            "tracking_id": "1Z999AA10123456784",
        }
    ]
    assert now.status == "completed"
    assert now.mails == ["Your order is completed", NOTE]


def test_telling_a_parcel_again_writes_nothing(shops: Sandbox) -> None:
    order = shops.place("woocommerce")
    command = a_command(SHIPPED, order.id, lines=(ToldLine(order.lines[0].id, 2),))
    shops.channel("woocommerce").tell(command)
    before = shops.order(order)
    assert shops.channel("woocommerce").tell(command).repeated is True
    assert shops.order(order) == before


@pytest.mark.parametrize("lost", [1, 2])
def test_a_lost_answer_at_either_write_leaves_one_record_and_one_note(
    shops: Sandbox, lost: int
) -> None:
    order = shops.place("woocommerce")
    command = a_command(SHIPPED, order.id, lines=(ToldLine(order.lines[0].id, 2),))
    shops.fault("woocommerce", "timeout_after_success", seconds=0.8)
    with pytest.raises(ChannelUnavailable):
        shops.channel("woocommerce").tell(command)
    if lost == 2:
        shops.fault("woocommerce", "timeout_after_success", seconds=0.8)
        with pytest.raises(ChannelUnavailable):
            shops.channel("woocommerce").tell(command)
    assert shops.channel("woocommerce").tell(command).repeated is (lost == 2)
    now = shops.order(order)
    assert [each.kind for each in now.received] == ["shipped", "completed", "note"]
    assert now.mails == ["Your order is completed", NOTE]


def test_an_order_is_completed_only_when_every_line_has_left(shops: Sandbox) -> None:
    order = shops.place(
        "woocommerce", lines=[{"sku": "MUG", "quantity": 2}, {"sku": "LAMP", "quantity": 1}]
    )
    mug, lamp = order.lines
    tell = shops.channel("woocommerce").tell
    tell(
        a_command(
            SHIPPED, order.id, key="shipped:1", lines=(ToldLine(mug.id, 1),), tracking_number="T1"
        )
    )
    tell(
        a_command(
            SHIPPED,
            order.id,
            key="shipped:2",
            lines=(ToldLine(mug.id, 1),),
            tracking_number="T2",
            tracking_url=None,
        )
    )
    assert shops.order(order).status == "open"
    tell(
        a_command(
            SHIPPED, order.id, key="shipped:3", lines=(ToldLine(lamp.id, 1),), tracking_number="T3"
        )
    )
    now = shops.order(order)
    assert now.status == "completed"
    assert [each.tracking_number for each in now.received if each.kind == "shipped"] == [
        "T1",
        "T2",
        "T3",
    ]


def test_two_parcels_told_at_once_are_both_there_and_complete_the_order(shops: Sandbox) -> None:
    order = shops.place("woocommerce", lines=[{"sku": "MUG"}, {"sku": "LAMP"}])
    commands = [
        a_command(
            SHIPPED,
            order.id,
            key=f"shipped:{index}",
            lines=(ToldLine(line.id, 1),),
            tracking_number=f"T{index}",
        )
        for index, line in enumerate(order.lines)
    ]
    both = [
        threading.Thread(target=shops.channel("woocommerce").tell, args=[each]) for each in commands
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    now = shops.order(order)
    listed = meta(now, "_wc_shipment_tracking_items")
    assert isinstance(listed, list)
    assert {item["tracking_number"] for item in listed} == {"T0", "T1"}
    assert now.status == "completed"
    assert sum(each.kind == "note" for each in now.received) == 2


def test_a_tracking_list_that_another_write_overtook_is_repaired() -> None:
    first = a_command(SHIPPED, "1", key="a", lines=(ToldLine("5", 1),), tracking_number="T1")
    second = a_command(SHIPPED, "1", key="b", lines=(ToldLine("6", 1),), tracking_number="T2")
    order = {
        "status": "processing",
        "line_items": [{"id": 5, "quantity": 1}, {"id": 6, "quantity": 1}],
        "meta_data": [
            {"key": facts.told_key(first), "value": facts.record(first)},
            {"key": facts.told_key(second), "value": facts.record(second)},
            {"key": facts.TRACKING, "value": [{"tracking_number": "T1"}]},
        ],
    }
    changes = facts.wanted(order, second)
    (entry,) = changes["meta_data"]
    assert [item["tracking_number"] for item in entry["value"]] == ["T1", "T2"]
    assert changes["status"] == "completed"


def test_what_the_shop_or_its_plugins_list_already_stays() -> None:
    command = a_command(SHIPPED, "1", lines=(ToldLine("5", 1),), tracking_number="T2")
    theirs = {"tracking_number": "T0", "tracking_provider": "usps"}
    order = {"meta_data": [{"key": facts.TRACKING, "value": {"1": theirs}}], "line_items": []}
    (_, entry) = facts.wanted(order, command)["meta_data"]
    assert entry["value"][0] == theirs
    assert entry["value"][1]["tracking_number"] == "T2"


def test_a_pickup_is_ready_and_collected_once(shops: Sandbox) -> None:
    order = shops.place("woocommerce", delivery="pickup", store="S01")
    line = (ToldLine(order.lines[0].id, 2),)
    tell = shops.channel("woocommerce").tell
    ready, collected = (
        a_command(READY, order.id, lines=line),
        a_command(COLLECTED, order.id, lines=line),
    )
    assert [tell(ready).repeated, tell(ready).repeated] == [False, True]
    assert shops.order(order).status == "open"
    assert [tell(collected).repeated, tell(collected).repeated] == [False, True]
    now = shops.order(order)
    assert now.status == "completed"
    assert now.mails == [
        "Ready to be picked up at Riverside: 2 items.",
        "Your order is completed",
    ]


def test_a_cancellation_is_told_once_and_never_over_a_completed_order(shops: Sandbox) -> None:
    order = shops.place("woocommerce")
    tell = shops.channel("woocommerce").tell
    assert [tell(a_command(CANCELLED, order.id)).repeated for _ in range(2)] == [False, True]
    assert shops.order(order).status == "cancelled"
    sent = shops.place("woocommerce")
    tell(a_command(SHIPPED, sent.id, lines=(ToldLine(sent.lines[0].id, 2),)))
    with pytest.raises(ChannelRefused, match="completed"):
        tell(a_command(CANCELLED, sent.id))


def test_a_cancellation_that_came_from_the_shop_is_not_told_back(shops: Sandbox) -> None:
    order = shops.place("woocommerce")
    shops.http.delete(f"/control/orders/woocommerce/{order.id}").raise_for_status()
    before = shops.order(order)
    assert shops.channel("woocommerce").tell(a_command(CANCELLED, order.id)).repeated is True
    assert shops.order(order) == before


def test_goods_that_left_before_a_cancellation_do_not_complete_the_order(shops: Sandbox) -> None:
    order = shops.place("woocommerce")
    shops.http.delete(f"/control/orders/woocommerce/{order.id}").raise_for_status()
    command = a_command(SHIPPED, order.id, lines=(ToldLine(order.lines[0].id, 2),))
    shops.channel("woocommerce").tell(command)
    now = shops.order(order)
    assert now.status == "cancelled"
    assert [each.kind for each in now.received] == ["shipped", "note"]


def test_faults_are_told_apart(shops: Sandbox) -> None:
    order = shops.place("woocommerce")
    command = a_command(SHIPPED, order.id, lines=(ToldLine(order.lines[0].id, 2),))
    shops.fault("woocommerce", "throttle")
    with pytest.raises(ChannelUnavailable) as caught:
        shops.channel("woocommerce").tell(command)
    assert caught.value.facts == {"retry_after_s": 2}
    shops.fault("woocommerce", "fail")
    with pytest.raises(ChannelUnavailable, match="answered 500"):
        shops.channel("woocommerce").tell(command)
    shops.fault("woocommerce", "refuse")
    with pytest.raises(ChannelRefused, match="told to refuse"):
        shops.channel("woocommerce").tell(command)
    with pytest.raises(ChannelRefused) as wrong_key:
        shops.channel("woocommerce", consumer_secret="cs_wrong").tell(command)
    assert wrong_key.value.field == "channels.woocommerce.consumer_key"
    with pytest.raises(ChannelRefused, match="has no orders/4711"):
        shops.channel("woocommerce").tell(a_command(SHIPPED, "4711"))
    assert shops.order(order).received == []


def test_an_id_cannot_lead_elsewhere(shops: Sandbox) -> None:
    with pytest.raises(ChannelRefused):
        shops.channel("woocommerce").tell(a_command(CANCELLED, "../../../control/orders"))
    assert client._path("../x?y=1") == "/orders/..%2Fx%3Fy%3D1"
