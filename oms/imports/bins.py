"""Rows of bins: where articles lie inside their locations."""

from typing import Any

from sqlmodel import Session

from oms.catalogue import queries as catalogue
from oms.imports.batches import Batch, Outcome, unknown
from oms.inventory import bins
from oms.locations import entering


def enter_bins(session: Session, batch: Batch) -> Outcome:
    """Add bins, change their rank, or forget those that the file says are gone."""
    outcome = Outcome()
    rows = list(batch.cells())
    places = entering.ids(session, {cells["location"] for _, cells in rows})
    known = catalogue.known(session, [cells["sku"] for _, cells in rows])
    kept: list[tuple[Any, ...]] = []
    gone: list[tuple[Any, ...]] = []
    for line, cells in rows:
        if cells["location"] not in places:
            outcome.faults.append(unknown(line, "location", cells["location"], "location"))
        elif cells["sku"] not in known:
            outcome.faults.append(unknown(line, "sku", cells["sku"], "product"))
        else:
            spot = (places[cells["location"]], cells["sku"])
            place = (cells["zone"], cells["aisle"], cells["bin"])
            (gone if cells["gone"] else kept).append((*spot, *place, cells["rank"]))
    names = ("location_id", "sku", "zone", "aisle", "bin", "rank")
    done = bins.enter(session, [dict(zip(names, row, strict=True)) for row in kept])
    forgotten = bins.forget(session, [row[:5] for row in gone])
    outcome.added, outcome.changed = done.added, done.changed + forgotten
    outcome.unchanged = len(kept) + len(gone) - outcome.added - outcome.changed
    return outcome
