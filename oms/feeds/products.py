"""What we sell, one entry an offer: for search engines, price comparisons and shops of others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session, col, select

from oms import money
from oms.catalogue import queries as catalogue
from oms.catalogue.models import Listing, Product
from oms.publishing.levels import level

COLUMNS: Final = (
    "id", "sku", "title", "category", "gtin", "price", "currency", "availability", "quantity",
    "weight_g", "length_mm", "width_mm", "height_mm",
)  # fmt: skip
_GTIN_LENGTHS: Final = frozenset({8, 12, 13, 14})


@dataclass(frozen=True, slots=True)
class Offer:
    """An article under the id and at the price of a channel, or under our own."""

    id: str
    product: Product
    price_minor: int
    currency: str


def page(session: Session, *, after: str, limit: int) -> list[str]:
    """The SKUs that follow, in order."""
    return list(
        session.exec(
            select(Product.sku).where(Product.sku > after).order_by(Product.sku).limit(limit)
        ).all()
    )


def offers(session: Session, skus: Sequence[str], *, channel: str | None) -> list[Offer]:
    """The offers of these articles, in order: all of them, or those that a channel lists."""
    products = catalogue.products(session, skus)
    if channel is None:
        return [
            Offer(sku, products[sku], products[sku].price_minor, products[sku].currency)
            for sku in sorted(products)
        ]
    listings = session.exec(
        select(Listing)
        .where(Listing.channel == channel, col(Listing.published), col(Listing.sku).in_(skus))
        .order_by(Listing.sku, Listing.channel_sku)
    ).all()
    return [
        Offer(row.channel_sku, products[row.sku], row.price_minor, row.currency) for row in listings
    ]


def entries(
    session: Session, skus: Sequence[str], *, channel: str | None
) -> list[Mapping[str, Any]]:
    """The entries of these articles; prices are plain decimals, quantities those of all places."""
    units: dict[str, int] = {}
    for (sku, _), count in level(session, channel=channel, skus=skus).items():
        units[sku] = units.get(sku, 0) + count
    codes = catalogue.barcodes(session, skus)
    return [
        {
            "id": offer.id,
            "sku": offer.product.sku,
            "title": offer.product.name,
            "category": offer.product.category,
            "gtin": _gtin(codes.get(offer.product.sku, ())),
            "price": money.to_decimal(offer.price_minor, currency=offer.currency),
            "currency": offer.currency,
            "availability": "in_stock" if units.get(offer.product.sku) else "out_of_stock",
            "quantity": units.get(offer.product.sku, 0),
            "weight_g": offer.product.weight_g,
            "length_mm": offer.product.length_mm,
            "width_mm": offer.product.width_mm,
            "height_mm": offer.product.height_mm,
        }
        for offer in offers(session, skus, channel=channel)
    ]


def _gtin(codes: Sequence[str]) -> str:
    """The first barcode that has a GTIN's form."""
    return next((code for code in codes if code.isdecimal() and len(code) in _GTIN_LENGTHS), "")
