"""The demo's network is large enough, sound, and can serve every article."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from api.demo.locations import NEWCOMERS_STORE
from api.demo.network import network
from api.demo.products import CHANNELS
from carriers.simulated.rates import MAX_LENGTH_AND_GIRTH_MM, MAX_LENGTH_MM
from oms.network.reading import read
from oms.network.schema import NetworkFile
from oms.network.schema import Stock as StockRow
from oms.values import gtin_check_digit
from routing.parse import parse_tariff
from routing.problem import Line, Location, Order, Problem, Stock
from routing.quick import quick_plan


@pytest.fixture(scope="module")
def whole() -> NetworkFile:
    return network()


def test_there_are_stores_warehouses_products_and_channels_enough(whole: NetworkFile) -> None:
    kinds = Counter(place.kind for place in whole.locations)
    assert kinds == {"store": 14, "warehouse": 2}
    assert len(whole.products) == 200
    assert Counter(one.channel for one in whole.listings) == dict.fromkeys(CHANNELS, 200)
    assert whole.locations[0].code == NEWCOMERS_STORE
    assert whole.locations[0].can_pickup


def test_it_is_a_sound_network_file(whole: NetworkFile) -> None:
    assert read(whole.model_dump(mode="json")) == whole


def test_the_same_seed_makes_the_same_network(whole: NetworkFile) -> None:
    assert network() == whole
    assert network(seed=1) != whole


def test_barcodes_are_right_gtins_for_inside_a_company(whole: NetworkFile) -> None:
    codes = [code for product in whole.products for code in product.barcodes]
    assert len(set(codes)) == 200
    for code in codes:
        assert code.isdigit()
        assert len(code) == 13
        assert 200 <= int(code[:3]) <= 299
        assert int(code[-1]) == gtin_check_digit(code[:-1])


def test_channels_call_part_of_the_range_by_other_names(whole: NetworkFile) -> None:
    differing = Counter(one.channel for one in whole.listings if one.channel_sku != one.sku)
    assert differing == {"shopify": 67, "woocommerce": 100, "reference": 40}


def test_stores_keep_shop_hours_and_are_closed_at_christmas(whole: NetworkFile) -> None:
    for place in whole.locations:
        days = [day for span in place.hours for day in span.days]
        assert len(days) == (7 if place.kind == "store" else 6)
        assert "2026-12-25" in [closed.day.isoformat() for closed in place.closed_days]


def test_warehouses_are_deep_stores_shallow_with_gaps_and_some_articles_scarce(
    whole: NetworkFile,
) -> None:
    kind = {place.code: place.kind for place in whole.locations}
    deep = [one.units for one in whole.stock if kind[one.location] == "warehouse"]
    shallow = [one.units for one in whole.stock if kind[one.location] == "store"]
    assert min(deep) > max(shallow)
    holders = sorted(Counter(one.sku for one in whole.stock).values())
    assert holders[:3] == [2, 2, 2]
    assert holders[3] >= 8
    for place in whole.locations:
        held = {one.sku for one in whole.stock if one.location == place.code}
        assert 0.9 <= len(held) / 200 < 1.0


def test_every_article_can_be_routed_to_a_customer_in_the_middle(whole: NetworkFile) -> None:
    problem = Problem(
        currency=whole.currency,
        tariff=parse_tariff(whole.tariff.sheet if whole.tariff else {}),
        locations=tuple(
            Location(
                id=place.code,
                kind=place.kind,
                lat=place.latitude,
                lon=place.longitude,
                parcel_cents=place.parcel_cost_minor,
                line_cents=place.line_cost_minor,
                pickup_cents=place.pickup_cost_minor,
                handling_days=place.handling_days,
                capacity_parcels=place.capacity_parcels,
            )
            for place in whole.locations
        ),
        stock=tuple(Stock(one.location, one.sku, one.units - one.safety) for one in whole.stock),
        orders=tuple(
            Order(
                id=product.sku,
                lat=41.26,  # Omaha
                lon=-95.93,
                promise_days=5,
                max_parcels=3,
                lines=(Line("1", product.sku, 1, product.weight_g, 3_000),),
            )
            for product in whole.products
        ),
    )
    plans = [quick_plan(problem, product.sku) for product in whole.products]
    assert [plan.unfilled for plan in plans] == [()] * 200
    assert len({plan.parcels[0].location for plan in plans}) > 1


def test_the_carrier_takes_three_of_any_article_in_a_box(whole: NetworkFile) -> None:
    for product in whole.products:
        sides = sorted([product.length_mm, product.width_mm, 3 * product.height_mm])
        assert sides[2] <= MAX_LENGTH_MM, product.sku
        assert sides[2] + 2 * (sides[0] + sides[1]) <= MAX_LENGTH_AND_GIRTH_MM, product.sku
        assert 3 * product.weight_g <= 30_000


def test_without_usable_data_beside_the_project_the_own_files_are_enough(
    tmp_path: Path, whole: NetworkFile
) -> None:
    assert network(shared=tmp_path) == whole


def test_real_data_makes_it_larger_and_keeps_the_own_locations(
    shared: Path, whole: NetworkFile
) -> None:
    larger = network(shared=shared / "data")
    assert len(larger.locations) == 62
    assert len({place.name for place in larger.locations}) == 62
    assert larger.locations[:16] == whole.locations
    assert larger.products == whole.products
    assert len(larger.postcodes) == 33_187
    assert _without_scarce(larger.stock, at=NEWCOMERS_STORE) == _without_scarce(
        whole.stock, at=NEWCOMERS_STORE
    )
    assert larger.tariff is not None
    sheet = parse_tariff(larger.tariff.sheet)
    assert (sheet.max_weight_g[0], sheet.cents[0][0]) == (113, 450)
    assert (sheet.max_weight_g[-1], sheet.cents[-1][-1]) == (31_751, 17_298)
    assert read(larger) == larger


def _without_scarce(stock: Sequence[StockRow], *, at: str) -> list[StockRow]:
    """A location's stock but for what only two stores have left."""
    holders = Counter(one.sku for one in stock)
    return [one for one in stock if one.location == at and holders[one.sku] > 2]
