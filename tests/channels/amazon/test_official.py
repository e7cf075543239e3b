"""Amazon's official models: examples are read; what we and the stand-in write keeps them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.sandbox import amazon_documents
from api.sandbox.amazon_schema import ORDERS, V0, Models, models
from api.sandbox.orders import Happened, Person, Place, ShopLine, ShopOrder
from oms.channels.amazon import client, mapping, notifications, packages
from oms.channels.base import ToldLine, Window, WritebackCommand
from oms.channels.models import WritebackKind
from oms.orders.models import Delivery
from tests.channels.amazon.official import amazon_orders
from tests.channels.amazon.selling import an_amazon
from tests.channels.builders import NOW, a_command

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20)
LINES = st.lists(st.builds(ToldLine, TEXT, st.integers(1, 10_000)), min_size=1, max_size=5)


def official(shared: Path, name: str) -> Models:
    found = models(shared / "contracts/specs", name)
    assert found is not None
    return found


def test_every_official_order_is_read(shared: Path) -> None:
    orders = amazon_orders(shared / "contracts")
    assert len(orders) >= 8
    adapter = an_amazon(locations={"Test Store #1234": "S01"})
    read = {}
    for document in orders:
        found = mapping.found(document)
        order = adapter.to_order(found.body, topic=found.hint.topic)
        assert order.external_id == document["orderId"]
        by_amazon = document["fulfillment"]["fulfilledBy"] == "AMAZON"
        assert (found.hint.topic == mapping.BY_AMAZON) is by_amazon
        assert bool(order.lines) is not by_amazon
        read[order.external_id] = order
    business = read["202-1234567-8901234"]
    assert (business.total_minor, business.currency, business.shipping_minor) == (
        10397,
        "GBP",
        1000,
    )
    assert [
        (line.quantity, line.unit_price_minor, line.tax_minor, line.sent) for line in business.lines
    ] == [(3, 2999, 400, 3)]
    assert read["114-9876543-1234567"].delivery is Delivery.PICKUP


def test_official_orders_keep_the_official_model(shared: Path) -> None:
    """Else the model is not what Amazon sends, and holding ourselves against it proves nothing."""
    orders = official(shared, ORDERS)
    for document in amazon_orders(shared / "contracts"):
        assert orders.faults("Order", document) == []


def test_our_own_payload_keeps_the_official_model(shared: Path) -> None:
    document = json.loads((Path(__file__).parents[2] / "payloads/amazon_order.json").read_text())
    assert official(shared, ORDERS).faults("Order", document) == []


@settings(max_examples=40)
@given(
    lines=LINES, number=TEXT, carrier=st.one_of(st.none(), TEXT, st.sampled_from(["ups", "USPS"]))
)
def test_every_package_that_can_be_told_keeps_the_official_model(
    lines: list[ToldLine], number: str, carrier: str | None
) -> None:
    folder = Path(__file__).parents[4] / "shared/contracts/specs"
    if not folder.is_dir():
        pytest.skip("../shared with contracts and data is not there")
    command = told(tuple(lines), tracking_number=number, carrier=carrier)
    access = client.access_of("amazon", an_amazon().settings)
    detail = packages.detail(command, access)
    found = models(folder, V0)
    assert found is not None
    assert (
        found.faults("ConfirmShipmentRequest", {"marketplaceId": "A", "packageDetail": detail})
        == []
    )
    assert 0 < int(detail["packageReferenceId"]) < 2**31
    assert detail["carrierCode"] != "Other" or detail["carrierName"]


def test_the_official_confirmation_is_one_that_the_model_takes(shared: Path) -> None:
    examples = json.loads(
        (shared / "contracts/payloads/amazon/v0_confirmShipment.sandbox.json").read_text()
    )
    body = examples[0]["request"]["parameters"]["body"]["value"]
    assert official(shared, V0).faults("ConfirmShipmentRequest", body) == []
    body["packageDetail"].pop("trackingNumber")
    assert official(shared, V0).faults("ConfirmShipmentRequest", body) != []


def test_a_search_asks_only_what_the_model_knows(shared: Path) -> None:
    model = json.loads((shared / "contracts/specs" / ORDERS).read_text())
    operation = model["paths"]["/orders/2026-01-01/orders"]["get"]
    known = {each["name"]: each for each in operation["parameters"]}
    asked: list[str] = []

    class Line:
        channel = "amazon"

    class Recorder(client.Api):
        def call(self, method: str, path: str, limit: Any, **_: Any) -> Any:
            asked.append(path)
            return client.Answer(200, {}, b'{"orders": []}')

    access = client.access_of("amazon", an_amazon().settings)
    api = Recorder(Line(), "", access, None)  # type: ignore[arg-type]
    client.search(api, Window(NOW, NOW), "token")
    names = {part.partition("=")[0] for part in asked[0].partition("?")[2].split("&")}
    assert names <= known.keys()
    assert set(client.INCLUDED) <= set(known["includedData"]["items"]["enum"])
    for limit, rate in (
        (client.SEARCH, operation),
        (client.GET, model["paths"]["/orders/2026-01-01/orders/{orderId}"]["get"]),
    ):
        assert f"| {limit.per_second} | {limit.burst} |" in rate["description"]


def test_the_official_notification_names_its_order(shared: Path) -> None:
    body = (shared / "contracts/payloads/amazon/ORDER_CHANGE.notification.json").read_bytes()
    heard = notifications.read(body)
    assert heard.reference == "903-8868176-2219830"
    assert heard.hint.dedupe_key == "notification|d0e9e693-c3ad-4373-979f-ed4ec98dd746"


@pytest.mark.parametrize("happened", [Happened.CREATED, Happened.UPDATED, Happened.CANCELLED])
def test_the_stand_ins_notifications_keep_the_official_schema(
    shared: Path, happened: Happened
) -> None:
    schema = json.loads(
        (shared / "contracts/specs/amazon-OrderChangeNotification.schema.json").read_text()
    )
    _, body, _ = amazon_documents.message(a_shop_order(), happened)
    jsonschema.Draft7Validator(schema).validate(json.loads(body))


def told(lines: tuple[ToldLine, ...], **changes: Any) -> WritebackCommand:
    return a_command(WritebackKind.SHIPPED, "111-0000001-0000007", lines=lines, **changes)


def a_shop_order() -> ShopOrder:
    now = datetime.now(UTC)
    return ShopOrder(
        channel="amazon",
        id="111-0000001-0000007",
        number="1",
        placed_at=now,
        updated_at=now,
        currency="USD",
        lines=[ShopLine(id="1", sku="MUG", title="Mug", quantity=2, price_minor=1000)],
        customer=Person(),
        address=Place(),
        delivery="ship",
    )
