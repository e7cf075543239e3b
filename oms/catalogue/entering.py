"""Enter many articles at once, with their barcodes and their listings on the channels.

What is entered again and is the same changes nothing. What is left out stays. A barcode or a
listing that belonged to another article belongs to the one named now.
"""

from collections.abc import Sequence

from sqlmodel import Session

from oms import clock
from oms.catalogue.models import Barcode, Listing, Product
from oms.upserting import Row, Upserted, upsert


def enter_products(session: Session, products: Sequence[Row]) -> Upserted:
    """Enter products, given by the columns of `Product` but `created_at`."""
    return upsert(
        session,
        Product,
        [{**row, "created_at": clock.now()} for row in products],
        key=("sku",),
        keep=("created_at",),
    )


def enter_barcodes(session: Session, barcodes: Sequence[Row]) -> Upserted:
    """Enter barcodes, given by the columns of `Barcode`; their products are there."""
    return upsert(session, Barcode, barcodes, key=("code",))


def enter_listings(session: Session, listings: Sequence[Row]) -> Upserted:
    """Enter listings, given by the columns of `Listing`; their products are there."""
    return upsert(session, Listing, listings, key=("channel", "channel_sku"))
