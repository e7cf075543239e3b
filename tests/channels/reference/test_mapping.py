"""The reference format becomes our order, exactly or not at all; our facts become its events."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oms.channels.base import Malformed, UnknownStore
from oms.channels.models import WritebackKind
from oms.channels.reference import document, mapping
from oms.orders.models import Delivery, HoldKind
from oms.orders.new_order import NewAddress, NewLine, NewOrder
from tests.channels.builders import NOW, a_channel, a_command, told
from tests.payloads.reading import ABSENT, payload

GUIDE = Path(__file__).parents[3] / "docs/integrations/reference.md"


def order(changes: dict[str, Any] | None = None, **settings: Any) -> NewOrder:
    return a_channel("reference", **settings).to_order(
        payload("reference_order", changes), topic=""
    )


def malformed(changes: dict[str, Any]) -> Malformed:
    with pytest.raises(Malformed) as caught:
        order(changes)
    assert caught.value.remedy
    return caught.value


def test_every_field_is_translated() -> None:
    assert order() == NewOrder(
        channel="reference",
        external_id="WEB-00042",
        display_number="42",
        placed_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        updated_at=datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC),
        currency="USD",
        total_minor=5345,
        lines=(
            NewLine("1", "MUG-BLUE", "Mug, blue", 3, 1250, 225, 375),
            NewLine("2", "LAMP", "LAMP", 1, 1150),
        ),
        customer_name="Ada Example",
        customer_email="ada@example.com",
        customer_phone="+1 555 0100",
        delivery=Delivery.SHIP,
        address=NewAddress(
            name="Ada Example",
            street="12 Sample Street",
            city="Springfield",
            region="IL",
            postcode="62701",
            country="US",
            latitude=39.8017,
            longitude=-89.6437,
        ),
        shipping_minor=595,
        deliver_by=datetime(2026, 3, 6, 0, 0, tzinfo=UTC),
    )


def test_pickup_names_our_location_unless_the_settings_map_it() -> None:
    pickup = {"data.delivery": {"method": "pickup", "store": "S77"}}
    assert order(pickup, locations={}).pickup_store == "S77"
    assert order(pickup, locations={"S77": "S01"}).pickup_store == "S01"
    with pytest.raises(UnknownStore) as caught:
        order(pickup)
    assert caught.value.field == "data.delivery.store"


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({"data.payment": "authorized"}, []),
        ({"data.payment": "pending"}, [HoldKind.PAYMENT]),
        ({"data.payment": "failed"}, [HoldKind.PAYMENT]),
        ({"data.delivery.address": ABSENT}, [HoldKind.ADDRESS]),
        ({"type": "order.cancelled", "data.payment": "failed"}, []),
    ],
)
def test_an_order_waits_for_payment_and_address(
    changes: dict[str, Any], held: list[HoldKind]
) -> None:
    assert [hold.kind for hold in order(changes).holds] == held


def test_the_type_says_that_it_is_cancelled() -> None:
    assert order({"type": "order.cancelled"}).cancelled is True
    assert order({"type": "order.updated"}).cancelled is False


def test_a_test_order_is_refused_unless_the_settings_allow_it() -> None:
    assert malformed({"data.test": True}).field == "data.test"
    assert order({"data.test": True}, allow_test_orders=True) == order()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "order.paid"}, "type"),
        ({"timestamp": ABSENT}, "timestamp"),
        ({"data": []}, "data"),
        ({"data.nmber": "x"}, "data.nmber"),
        ({"data.id": ""}, "data.id"),
        ({"data.placed_at": "2026-03-01T12:00:00"}, "data.placed_at"),
        ({"data.currency": "us"}, "data.currency"),
        ({"data.total": "5,00"}, "data.total"),
        ({"data.total": "5.001"}, "data.total"),
        ({"data.payment": "yes"}, "data.payment"),
        ({"data.customer.name": " "}, "data.customer.name"),
        ({"data.delivery.method": "drone"}, "data.delivery"),
        ({"data.delivery": {"method": "pickup"}}, "data.delivery.store"),
        ({"data.delivery.address.street": ""}, "data.delivery.address.street"),
        ({"data.delivery.address.city": ABSENT}, "data.delivery.address.city"),
        ({"data.delivery.address.country": "usa"}, "data.delivery.address.country"),
        ({"data.lines": []}, "data.lines"),
        ({"data.lines[1].id": "1"}, "data.lines[1].id"),
        ({"data.lines[1].sku": None}, "data.lines[1].sku"),
        ({"data.lines[0].quantity": 0}, "data.lines[0].quantity"),
        ({"data.lines[0].unit_price": "-1"}, "data.lines[0].unit_price"),
        ({"data.lines[0].sku": "a\u0000"}, "data.lines[0].sku"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], field: str) -> None:
    error = malformed(changes)
    assert error.field == field
    assert error.message.startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        (WritebackKind.SHIPPED, "order.shipped"),
        (WritebackKind.READY, "pickup.ready"),
        (WritebackKind.COLLECTED, "pickup.collected"),
        (WritebackKind.CANCELLED, "order.cancelled"),
    ],
)
def test_every_fact_has_its_event(kind: WritebackKind, type_: str) -> None:
    event = json.loads(mapping.to_event(a_command(kind, "WEB-00042", lines=told(_1=2))))
    assert (event["type"], event["timestamp"]) == (type_, "2026-03-01T12:00:00+00:00")
    assert event["data"]["id"] == "WEB-00042"
    assert event["data"]["lines"] == [{"id": "1", "quantity": 2}]
    assert None not in event["data"].values()


def test_an_event_says_until_when_a_pickup_waits() -> None:
    command = a_command(WritebackKind.READY, "W", pick_up_by=NOW)
    event = json.loads(mapping.to_event(command))
    assert event["data"]["pick_up_by"] == "2026-03-01T12:00:00+00:00"


def test_the_guide_shows_an_order_that_is_accepted_and_names_every_field() -> None:
    text = GUIDE.read_text()
    examples = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    channel = a_channel("reference", locations={})
    orders = [each for each in examples if '"placed_at"' in each]
    assert len(orders) == 2
    for example in orders:
        channel.to_order(example.encode(), topic="")
    models = (
        document.Event, document.Order, document.Customer, document.Ship, document.Pickup,
        document.Address, document.Line,
    )  # fmt: skip
    for model in models:
        for field in model.model_fields:
            assert re.search(rf"`[a-z_.\[\]]*{field}`", text), f"the guide lacks {field}"
