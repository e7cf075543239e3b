"""The range: fifty articles in four variants each, and what each channel calls them."""

import random
from collections.abc import Iterator, Sequence
from typing import Final

from api.demo import sources
from api.demo.sources import Article, Variant
from oms.network.schema import Listing, Product
from oms.values import gtin_check_digit

CHANNELS: Final = ("shopify", "woocommerce", "reference")

# GS1 keeps 200 to 299 for use inside a company, so no real article has such a number.
_GTIN_PREFIX: Final = "200"


def products(chance: random.Random) -> list[Product]:
    """All products, the most wanted first."""
    kinds = sources.variants()
    range_ = [
        (article, variant) for article in sources.articles() for variant in kinds[article.variants]
    ]
    made = [_product(*one, number=number) for number, one in enumerate(range_, start=1)]
    chance.shuffle(made)
    return made


def listings(range_: Sequence[Product]) -> list[Listing]:
    """Every product on every channel; part of them under another SKU than ours."""
    in_order = sorted(range_, key=lambda product: product.sku)
    return [
        Listing(channel=channel, channel_sku=name, sku=product.sku, price_minor=product.price_minor)
        for number, product in enumerate(in_order)
        for channel, name in _names(product.sku, number)
    ]


def _names(sku: str, number: int) -> Iterator[tuple[str, str]]:
    yield "shopify", f"{sku}-US" if number % 3 == 0 else sku
    yield "woocommerce", f"{10_000 + number}" if number % 2 == 0 else sku
    yield "reference", f"R-{sku}" if number % 5 == 0 else sku


def _product(article: Article, variant: Variant, *, number: int) -> Product:
    digits = f"{_GTIN_PREFIX}{number:09d}"
    return Product(
        sku=f"{article.code}-{variant.code}",
        name=f"{article.name}, {variant.name}",
        category=article.category,
        weight_g=article.weight_g * variant.percent // 100,
        length_mm=article.length_mm * variant.percent // 100,
        width_mm=article.width_mm,
        height_mm=article.height_mm,
        price_minor=article.price_minor * variant.percent // 1000 * 10,
        barcodes=(f"{digits}{gtin_check_digit(digits)}",),
    )
