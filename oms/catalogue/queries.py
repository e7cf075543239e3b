"""Find products by what a channel or a scanner calls them."""

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, select

from oms.catalogue.models import Barcode, Listing, Product


def skus_of_channel(
    session: Session, *, channel: str, channel_skus: Collection[str]
) -> Mapping[str, str]:
    """Our SKU for each of the channel's; what is not listed is left out.

    An article without a listing on the channel may still be ordered under its own SKU, as
    tills and phone orders do.
    """
    listed = dict(
        session.exec(
            select(Listing.channel_sku, Listing.sku).where(
                Listing.channel == channel, col(Listing.channel_sku).in_(channel_skus)
            )
        ).all()
    )
    rest = set(channel_skus) - set(listed)
    own = session.exec(select(Product.sku).where(col(Product.sku).in_(rest))).all() if rest else ()
    return listed | {sku: sku for sku in own}


def products(session: Session, skus: Collection[str]) -> Mapping[str, Product]:
    """The products of these SKUs."""
    rows = session.exec(select(Product).where(col(Product.sku).in_(set(skus)))).all()
    return {product.sku: product for product in rows}


def known(session: Session, skus: Collection[str]) -> frozenset[str]:
    """Those of these SKUs that are in the catalogue."""
    return frozenset(session.exec(select(Product.sku).where(col(Product.sku).in_(set(skus)))))


def barcodes(session: Session, skus: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Every barcode of each SKU, in order."""
    rows = session.exec(
        select(Barcode).where(col(Barcode.sku).in_(set(skus))).order_by(Barcode.code)
    ).all()
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        found[row.sku] = (*found.get(row.sku, ()), row.code)
    return found
