"""The shops' own published examples are read as their documentation means them."""

import json
from pathlib import Path

import pytest

from oms.channels.base import Malformed
from oms.orders.new_order import NewLine
from tests.channels.builders import a_channel

BLACK = "Ship Your Idea \u2013 Color: Black, Size: M Test"


def shopify(shared: Path, name: str) -> bytes:
    """A webhook's body is the resource without the wrapper of the REST answer."""
    answer = json.loads((shared / "contracts/payloads/shopify" / name).read_text())
    return json.dumps(answer["order"]).encode()


def test_shopifys_full_order(shared: Path) -> None:
    order = a_channel("shopify").to_order(shopify(shared, "order_full.json"), topic="orders/create")
    assert (order.external_id, order.display_number) == ("450789469", "#1001")
    assert (order.total_minor, order.currency) == (19965, "USD")
    assert order.lines == (
        NewLine("518995019", "IPOD2008RED", "IPod Nano - 8gb - red", 1, 19900, 398, 333),
    )
    assert order.address is not None
    assert (order.address.city, order.address.region) == ("Louisville", "KY")
    assert order.holds == ()


def test_shopifys_example_cut_by_a_fields_filter_names_what_it_lacks(shared: Path) -> None:
    with pytest.raises(Malformed) as caught:
        a_channel("shopify").to_order(
            shopify(shared, "order_minimal_new.json"), topic="orders/create"
        )
    assert caught.value.message == "created_at: Field required (and 2 more)"


@pytest.mark.parametrize(
    ("name", "sent"), [("order_created.json", False), ("order_updated.json", True)]
)
def test_woocommerces_orders(shared: Path, name: str, sent: bool) -> None:
    """The updated one is completed, so its units have been sent."""
    body = (shared / "contracts/payloads/woocommerce" / name).read_bytes()
    order = a_channel("woocommerce").to_order(body, topic="order.created")
    assert (order.external_id, order.total_minor) == ("727", 2935)
    assert order.lines == (
        NewLine("315", "93", "Woo Single #1", 2, 300, 45, sent=2 * sent),
        NewLine("316", "Bar3", BLACK, 1, 1200, 90, sent=1 * sent),
    )
    assert order.holds == ()
