"""Rows of products, listings and prices."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from oms.catalogue import entering, pricing
from oms.catalogue.models import Listing, Product
from oms.imports.batches import Batch, Outcome, unknown
from oms.inventory import folding


def enter_products(session: Session, batch: Batch) -> Outcome:
    """Add products or change what differs. A barcode belongs to the row that named it last."""
    rows = [cells for _, cells in batch.cells()]
    codes = {code: cells["sku"] for cells in rows for code in cells["barcodes"]}
    done = entering.enter_products(
        session,
        [{name: value for name, value in cells.items() if name != "barcodes"} for cells in rows],
        keep=[name for name in batch.absent() if name != "barcodes"],
    )
    entering.enter_barcodes(session, [{"code": code, "sku": sku} for code, sku in codes.items()])
    if done.changed:  # of another category now, perhaps, and so of other stock rules
        folding.fold_articles(session, [cells["sku"] for cells in rows])
    return Outcome(done.added, done.changed, len(rows) - done.added - done.changed)


def enter_listings(session: Session, batch: Batch) -> Outcome:
    """Add listings or change what differs; each names a product that exists."""
    known = _known(session, (cells["sku"] for _, cells in batch.cells()))
    outcome = Outcome()
    rows = []
    for line, cells in batch.cells():
        if cells["sku"] in known:
            rows.append(cells)
        else:
            outcome.faults.append(unknown(line, "sku", cells["sku"], "product"))
    done = entering.enter_listings(session, rows, keep=batch.absent())
    outcome.added, outcome.changed = done.added, done.changed
    outcome.unchanged = len(rows) - done.added - done.changed
    return outcome


def enter_prices(session: Session, batch: Batch) -> Outcome:
    """Change prices, of a product or of its listings on one channel."""
    outcome = Outcome()
    products, listings = {}, {}
    rows = list(batch.cells())
    known = _known(session, (cells["sku"] for _, cells in rows))
    listed = set(
        session.exec(
            select(Listing.sku, Listing.channel).where(
                col(Listing.sku).in_({cells["sku"] for _, cells in rows if cells["channel"]})
            )
        ).all()
    )
    for line, cells in rows:
        sku, channel = cells["sku"], cells["channel"]
        if sku not in known:
            outcome.faults.append(unknown(line, "sku", sku, "product"))
        elif not channel:
            products[sku] = (cells["price_minor"], cells["currency"])
        elif (sku, channel) in listed:
            listings[sku, channel] = (cells["price_minor"], cells["currency"])
        else:
            outcome.faults.append(unknown(line, "channel", f"{sku} on {channel}", "listing"))
    outcome.changed = pricing.set_product_prices(session, products)
    outcome.changed += pricing.set_listing_prices(session, listings)
    outcome.unchanged = len(products) + len(listings) - outcome.changed
    return outcome


def _known(session: Session, skus: Iterable[str]) -> set[str]:
    return set(session.exec(select(Product.sku).where(col(Product.sku).in_(set(skus)))))
