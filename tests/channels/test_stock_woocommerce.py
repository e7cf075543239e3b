"""Stock at WooCommerce: one figure an article, set in batches that may fail in part."""

import pytest

from oms.channels.base import ChannelUnavailable
from oms.channels.stock import Figure, Place, StockLevel, Telling
from oms.channels.woocommerce.stock import WooCommerceStock
from tests.channels.builders import NOW
from tests.channels.stocking import a_telling, tell
from tests.sandbox.running import Sandbox

ALL = Place("", frozenset({"S01", "W01"}))


def keeper(shops: Sandbox) -> WooCommerceStock:
    found = shops.channel("woocommerce", timeout_s=5.0).stock
    assert isinstance(found, WooCommerceStock)
    return found


def test_one_figure_stands_for_all_of_our_locations(shops: Sandbox) -> None:
    assert keeper(shops).places({"S01", "W01"}) == [ALL]


def test_an_article_is_set_and_read_back(shops: Sandbox) -> None:
    shops.set_stock("woocommerce", "W-MUG", 9)
    assert keeper(shops).read({"W-MUG"}, [ALL])[("W-MUG", "")].quantity == 9
    assert tell(keeper(shops), [ALL], {("W-MUG", ""): 4}) == {}
    assert shops.stock("woocommerce", "W-MUG") == {"": 4}
    assert keeper(shops).read({"W-MUG"}, [ALL])[("W-MUG", "")].quantity == 4


def test_a_variation_is_set_at_its_product(shops: Sandbox) -> None:
    shops.set_stock("woocommerce", "W-RED", 9, parent=77)
    figure = keeper(shops).read({"W-RED"}, [ALL])[("W-RED", "")]
    assert figure.ref.startswith("77/")
    assert tell(keeper(shops), [ALL], {("W-RED", ""): 2}) == {}
    assert shops.stock("woocommerce", "W-RED") == {"": 2}


def test_an_article_is_found_by_the_number_of_its_product(shops: Sandbox) -> None:
    shops.set_stock("woocommerce", "W-ODD", 5)
    number = keeper(shops).read({"W-ODD"}, [ALL])[("W-ODD", "")].ref
    assert keeper(shops).read({number}, [ALL])[(number, "")].quantity == 5


def test_more_articles_than_a_request_holds_are_all_set(shops: Sandbox) -> None:
    skus = [f"W-{number:03d}" for number in range(230)]
    for sku in skus:
        shops.set_stock("woocommerce", sku, 1)
    assert tell(keeper(shops), [ALL], {(sku, ""): 7 for sku in skus}) == {}
    assert {shops.stock("woocommerce", sku)[""] for sku in (skus[0], skus[120], skus[229])} == {7}


def test_an_error_inside_a_batch_concerns_its_article_only(shops: Sandbox) -> None:
    for sku in ("W-GOOD", "W-GONE"):
        shops.set_stock("woocommerce", sku, 5)
    figures = dict(keeper(shops).read({"W-GOOD", "W-GONE"}, [ALL]))
    figures[("W-GONE", "")] = Figure(5, ref="1")
    refused = keeper(shops).write(a_telling(figures, {("W-GONE", ""): 2, ("W-GOOD", ""): 2}))
    assert {spot: each.again for spot, each in refused.items()} == {("W-GONE", ""): False}
    assert "Invalid ID" in refused[("W-GONE", "")].reason
    assert shops.stock("woocommerce", "W-GOOD") == {"": 2}
    assert shops.stock("woocommerce", "W-GONE") == {"": 5}


def test_a_lost_answer_is_found_by_reading(shops: Sandbox) -> None:
    shops.set_stock("woocommerce", "W-LOST", 5)
    figures = keeper(shops).read({"W-LOST"}, [ALL])
    shops.fault("woocommerce", "timeout_after_success", seconds=1.5, on="stock")
    impatient = shops.channel("woocommerce", timeout_s=0.5).stock
    with pytest.raises(ChannelUnavailable):
        impatient.write(a_telling(figures, {("W-LOST", ""): 3}))
    assert keeper(shops).read({"W-LOST"}, [ALL])[("W-LOST", "")].quantity == 3


def test_a_shop_that_asks_for_patience_says_for_how_long(shops: Sandbox) -> None:
    shops.fault("woocommerce", "throttle", on="stock")
    level = StockLevel(("W-MUG", ""), 1, version=1, now=Figure(2, ref="1"))
    with pytest.raises(ChannelUnavailable) as caught:
        keeper(shops).write(Telling((level,), key="k", as_of=NOW))
    assert caught.value.facts["retry_after_s"] == 2
