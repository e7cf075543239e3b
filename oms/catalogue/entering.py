"""Enter many articles at once, with their barcodes and their listings on the channels.

What is entered again and is the same changes nothing. What is left out stays. A barcode or a
listing that belonged to another article belongs to the one named now.
"""

from collections.abc import Collection, Sequence

from sqlmodel import Session

from oms import clock
from oms.catalogue.models import Barcode, Listing, Product
from oms.upserting import Row, Upserted, upsert


def enter_products(
    session: Session, products: Sequence[Row], *, keep: Collection[str] = ()
) -> Upserted:
    """Enter products, given by the columns of `Product` but `created_at`.

    The columns in `keep` are set for products that are new and never changed.
    """
    return upsert(
        session,
        Product,
        [{**row, "created_at": clock.now()} for row in products],
        key=("sku",),
        keep=("created_at", *keep),
    )


def enter_barcodes(session: Session, barcodes: Sequence[Row]) -> Upserted:
    """Enter barcodes, given by the columns of `Barcode`; their products are there."""
    return upsert(session, Barcode, barcodes, key=("code",))


def enter_listings(
    session: Session, listings: Sequence[Row], *, keep: Collection[str] = ()
) -> Upserted:
    """Enter listings, given by the columns of `Listing`; their products are there.

    The columns in `keep` are set for listings that are new and never changed.
    """
    return upsert(session, Listing, listings, key=("channel", "channel_sku"), keep=keep)
