"""Where the routing benchmarks take stores, customers, postage and baskets from."""

import csv
import gzip
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as parquet

from routing.problem import Tariff

DATA = Path(__file__).parents[2] / "shared" / "data"
GRAMS_PER_POUND = 453.592
MADE_UP_TARIFF = Tariff(
    zone_miles=(50, 150, 300, 600, 1000, 1400, 1800),
    max_weight_g=(113, 227, 340, 453, *range(907, 31752, 454)),
    cents=tuple(
        tuple(450 + 30 * band + zone * (6 + 4 * band) for zone in range(8)) for band in range(72)
    ),
    transit_days=(1, 2, 2, 3, 4, 4, 5, 5),
)

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class World:
    """Where stores and customers are, and what postage costs."""

    stores: Sequence[Place]
    customers: Sequence[Place]
    tariff: Tariff
    said: str


def read_world() -> World:
    """Read stores, customers by population, and postage."""
    with (DATA / "stores_us.csv").open(newline="") as file:
        stores = [(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)]
    with gzip.open(DATA / "zips_us.csv.gz", "rt", newline="") as file:
        zips = [
            ((float(row["lat"]), float(row["lon"])), int(float(row["population"] or 0)))
            for row in csv.DictReader(file)
        ]
    weights = [population for _, population in zips]
    customers = random.Random(0).choices([place for place, _ in zips], weights=weights, k=20_000)
    tariff = _postage(DATA / "rates_usps_ground_advantage_2025.csv")
    return World(stores, customers, tariff, "real: stores, customers by population, USPS postage")


def make_world() -> World:
    """Make up places and postage."""
    dice = random.Random(0)
    places = [(dice.uniform(28, 47), dice.uniform(-121, -72)) for _ in range(25_000)]
    said = "no data folder beside the project: stores, customers and postage are made up"
    return World(places[:5000], places[5000:], MADE_UP_TARIFF, said)


def _postage(path: Path) -> Tariff:
    """Read the price list: ounces first, then pounds; eight zones; oversize is another service."""
    weights: list[int] = []
    cents: list[tuple[int, ...]] = []
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            weight = row["weight_not_over"]
            if weight == "Oversized":
                continue
            ounces = (
                float(weight.removesuffix(" oz")) if weight.endswith("oz") else 16 * float(weight)
            )
            most_g = int(ounces / 16 * GRAMS_PER_POUND)
            if weights and most_g == weights[-1]:
                continue  # 15.999 oz and 1 lb: no whole gram lies between
            weights.append(most_g)
            cents.append(tuple(round(100 * float(row[f"zone{zone}"])) for zone in range(1, 9)))
    return Tariff(
        MADE_UP_TARIFF.zone_miles, tuple(weights), tuple(cents), MADE_UP_TARIFF.transit_days
    )


def baskets(most_lines: int) -> list[dict[str, int]]:
    """Real baskets of a web shop with at most so many articles: units by article.

    Returns and codes that are no goods, such as postage, are left out. Without the data folder
    baskets are made up.
    """
    if not DATA.is_dir():
        dice = random.Random(0)
        return [
            {f"SKU{int(dice.paretovariate(0.7)) % 3000}": dice.choice((1, 1, 2, 6))
             for _ in range(dice.randint(1, most_lines))}
            for _ in range(6_000)
        ]  # fmt: skip
    table = parquet.read_table(
        DATA / "baskets_uci_2009_2010.parquet", columns=["invoice", "stock_code", "quantity"]
    )
    found: dict[str, dict[str, int]] = {}
    for invoice, code, quantity in zip(*table.to_pydict().values(), strict=True):
        if quantity > 0 and code[:5].isdigit():
            basket = found.setdefault(invoice, {})
            basket[code] = basket.get(code, 0) + quantity
    return [basket for basket in found.values() if len(basket) <= most_lines]
