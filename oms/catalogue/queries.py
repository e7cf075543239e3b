"""Find products by what a channel or a scanner calls them."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlmodel import Session, col, select

from oms.catalogue import scanning
from oms.catalogue.models import Barcode, Product
from oms.db import read_rows

_OF_CHANNEL: Final = """
SELECT wanted.sku, coalesce(listing.sku, product.sku)
FROM unnest(%b::text[]) AS wanted(sku)
LEFT JOIN listings AS listing ON listing.channel = %b::text AND listing.channel_sku = wanted.sku
LEFT JOIN products AS product ON product.sku = wanted.sku
WHERE coalesce(listing.sku, product.sku) IS NOT NULL
"""


def skus_of_channel(
    session: Session, *, channel: str, channel_skus: Collection[str]
) -> Mapping[str, str]:
    """Our SKU for each of the channel's; what is not listed is left out.

    An article without a listing on the channel may still be ordered under its own SKU, as
    tills and phone orders do.
    """
    rows = read_rows(session, _OF_CHANNEL, [list(set(channel_skus)), channel])
    return dict(rows)


def products(session: Session, skus: Collection[str]) -> Mapping[str, Product]:
    """The products of these SKUs."""
    rows = session.exec(select(Product).where(col(Product.sku).in_(set(skus)))).all()
    return {product.sku: product for product in rows}


def known(session: Session, skus: Collection[str]) -> frozenset[str]:
    """Those of these SKUs that are in the catalogue."""
    return frozenset(session.exec(select(Product.sku).where(col(Product.sku).in_(set(skus)))))


def skus_of_barcode(session: Session, codes: Collection[str]) -> list[str]:
    """The articles that bear one of these codes."""
    found = select(Barcode.sku).where(col(Barcode.code).in_(set(codes))).order_by(Barcode.sku)
    return list(session.exec(found))


def sku_of(session: Session, shown: str) -> str | None:
    """The article that a scanned barcode, or a typed SKU, stands for."""
    text = shown.strip()
    by_code = select(Barcode.sku).where(col(Barcode.code).in_(scanning.forms(text)))
    found = session.exec(by_code.order_by(col(Barcode.sku)).limit(1)).first()
    return found or session.exec(select(Product.sku).where(Product.sku == text)).first()


def barcodes(session: Session, skus: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Every barcode of each SKU, in order."""
    rows = session.exec(
        select(Barcode).where(col(Barcode.sku).in_(set(skus))).order_by(Barcode.code)
    ).all()
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        found[row.sku] = (*found.get(row.sku, ()), row.code)
    return found
