"""Stock at Shopify: by location, under a key, from the figure that was read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.sandbox.stock import ONLINE
from oms.channels.base import ChannelRefused, ChannelUnavailable
from oms.channels.shopify.stock import ShopifyStock
from oms.channels.stock import Figure, Place
from tests.channels.conftest import SCHEMA
from tests.channels.stocking import a_telling, tell
from tests.sandbox.running import Sandbox, sandbox

BOOK = Path(__file__).parents[1] / "sandbox/book.json"
ONLINE_ID, RIVERSIDE_ID = "gid://shopify/Location/100", "gid://shopify/Location/101"
ONLINE_PLACE = Place(ONLINE_ID, frozenset({"S02", "W01"}))
RIVERSIDE = Place(RIVERSIDE_ID, frozenset({"S01"}))
PLACES = [ONLINE_PLACE, RIVERSIDE]


@pytest.fixture(scope="module")
def stocked() -> Iterator[Sandbox]:
    """A Shopify shop with stores, held against the official schema where that is at hand."""
    with sandbox(book=BOOK, schema=SCHEMA if SCHEMA.exists() else None) as running:
        yield running


def keeper(stocked: Sandbox, **settings: object) -> ShopifyStock:
    mapped = {"stock_locations": {"Riverside": "S01", ONLINE: "*"}} | settings
    found = stocked.channel("shopify", timeout_s=5.0, **mapped).stock
    assert isinstance(found, ShopifyStock)
    return found


def test_places_are_found_by_name_and_all_others_share_the_rest(stocked: Sandbox) -> None:
    found = keeper(stocked).places({"S01", "S02", "W01"})
    assert sorted(found, key=lambda place: place.id) == PLACES


def test_a_location_of_ours_counts_at_one_place_only(stocked: Sandbox) -> None:
    mapped = {"Riverside": "S01", "100": "S01", ONLINE: "S01"}
    found = keeper(stocked, stock_locations=mapped).places({"S01", "S02"})
    assert found == [Place(ONLINE_ID, frozenset({"S01"}))]


def test_without_stock_locations_those_for_pickup_serve(stocked: Sandbox) -> None:
    found = keeper(stocked, stock_locations={}, locations={"Riverside": "S01"})
    assert found.places({"S01", "S02"}) == [RIVERSIDE]


def test_a_shop_that_is_not_connected_names_the_setting(stocked: Sandbox) -> None:
    with pytest.raises(ChannelRefused) as caught:
        keeper(stocked, stock_locations={"Elsewhere": "S01"}).places({"S01"})
    assert caught.value.field == "channels.shopify.stock_locations"
    assert ONLINE in caught.value.facts["theirs"]


def test_an_article_begins_at_a_location_and_is_then_set_there(stocked: Sandbox) -> None:
    spot = ("NEW", RIVERSIDE_ID)
    stocked.set_stock("shopify", "NEW", 1, place=ONLINE_ID)
    figures = keeper(stocked).read({"NEW"}, PLACES)
    assert figures[spot].quantity is None
    assert figures[spot].absent
    assert figures[("NEW", ONLINE_ID)].quantity == 1
    assert tell(keeper(stocked), PLACES, {spot: 4, ("NEW", ONLINE_ID): 0}) == {}
    assert stocked.stock("shopify", "NEW") == {ONLINE_ID: 0, RIVERSIDE_ID: 4}
    assert tell(keeper(stocked), PLACES, {spot: 3}, key="second") == {}
    assert stocked.stock("shopify", "NEW")[RIVERSIDE_ID] == 3


def test_a_figure_that_moved_meanwhile_is_not_overwritten(stocked: Sandbox) -> None:
    spot = ("STALE", RIVERSIDE_ID)
    stocked.set_stock("shopify", "STALE", 5, place=RIVERSIDE_ID)
    figures = keeper(stocked).read({"STALE"}, PLACES)
    stocked.set_stock("shopify", "STALE", 4, place=RIVERSIDE_ID)  # somebody bought one
    refused = keeper(stocked).write(a_telling(figures, {spot: 7}))
    assert refused[spot].again
    assert "CHANGE_FROM_QUANTITY_STALE" in refused[spot].reason
    assert stocked.stock("shopify", "STALE") == {RIVERSIDE_ID: 4}


def test_what_is_refused_holds_up_no_other(stocked: Sandbox) -> None:
    for sku in ("GOOD", "GONE", "FINE"):
        stocked.set_stock("shopify", sku, 5, place=RIVERSIDE_ID)
    wanted = {(sku, RIVERSIDE_ID): 6 for sku in ("GOOD", "GONE", "FINE")}
    figures = dict(keeper(stocked).read({"GOOD", "GONE", "FINE"}, PLACES))
    figures[("GONE", RIVERSIDE_ID)] = Figure(5, ref="gid://shopify/InventoryItem/99999999999")
    refused = keeper(stocked).write(a_telling(figures, wanted))
    assert {spot: (one.again, one.reason.split()[0]) for spot, one in refused.items()} == {
        ("GONE", RIVERSIDE_ID): (False, "INVALID_INVENTORY_ITEM")
    }
    assert stocked.stock("shopify", "GOOD") == {RIVERSIDE_ID: 6}
    assert stocked.stock("shopify", "FINE") == {RIVERSIDE_ID: 6}
    assert stocked.stock("shopify", "GONE") == {RIVERSIDE_ID: 5}


def test_a_lost_answer_is_repeated_under_the_same_key_and_counts_once(stocked: Sandbox) -> None:
    spot = ("LOST", RIVERSIDE_ID)
    stocked.set_stock("shopify", "LOST", 5, place=RIVERSIDE_ID)
    figures = keeper(stocked).read({"LOST"}, PLACES)
    telling = a_telling(figures, {spot: 3}, key="lost")
    stocked.fault("shopify", "timeout_after_success", seconds=1.5, on="stock")
    impatient = stocked.channel("shopify", timeout_s=0.5).stock
    with pytest.raises(ChannelUnavailable):
        impatient.write(telling)
    assert stocked.stock("shopify", "LOST") == {RIVERSIDE_ID: 3}
    stocked.set_stock("shopify", "LOST", 2, place=RIVERSIDE_ID)  # one was sold since
    assert keeper(stocked).write(telling) == {}  # the shop knows the key and does nothing
    assert stocked.stock("shopify", "LOST") == {RIVERSIDE_ID: 2}


def test_the_same_key_for_something_else_is_to_be_tried_anew(stocked: Sandbox) -> None:
    spot = ("KEYED", RIVERSIDE_ID)
    stocked.set_stock("shopify", "KEYED", 5, place=RIVERSIDE_ID)
    assert tell(keeper(stocked), PLACES, {spot: 3}, key="one") == {}
    refused = tell(keeper(stocked), PLACES, {spot: 9}, key="one")
    assert refused[spot].again
    assert stocked.stock("shopify", "KEYED") == {RIVERSIDE_ID: 3}


def test_an_article_is_found_by_the_number_of_its_variant(stocked: Sandbox) -> None:
    stocked.set_stock("shopify", "ODD", 5, place=RIVERSIDE_ID)
    reference = keeper(stocked).read({"ODD"}, PLACES)[("ODD", RIVERSIDE_ID)].ref
    number = reference.rpartition("/")[2]
    found = keeper(stocked).read({number}, PLACES)
    assert found[(number, RIVERSIDE_ID)].quantity == 5


def test_an_article_that_the_shop_lacks_is_left_out(stocked: Sandbox) -> None:
    assert keeper(stocked).read({'NO "SUCH" \\ THING', "4711"}, PLACES) == {}


@pytest.mark.parametrize("mode", ["fail", "throttle"])
def test_a_shop_that_cannot_now_is_unavailable(stocked: Sandbox, mode: str) -> None:
    stocked.fault("shopify", mode, on="stock")
    with pytest.raises(ChannelUnavailable) as caught:
        keeper(stocked).places({"S01"})
    if mode == "throttle":
        assert caught.value.facts["retry_after_s"] == 2


def test_without_a_key_the_shop_refuses_the_write(stocked: Sandbox) -> None:
    answer = stocked.http.post(
        "/shopify/admin/api/2026-07/graphql.json",
        headers={"X-Shopify-Access-Token": "sandbox-token"},
        json={
            "query": "mutation M($input: InventorySetQuantitiesInput!) {"
            " inventorySetQuantities(input: $input) { userErrors { code } } }",
            "variables": {"input": {"name": "available", "reason": "correction", "quantities": []}},
        },
    )
    [error] = answer.json()["errors"]
    assert "@idempotent" in error["message"]
