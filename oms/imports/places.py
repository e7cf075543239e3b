"""Rows of locations and of stock."""

from datetime import time
from typing import Any

from sqlmodel import Session, col, select

from oms.fulfilments import boxes
from oms.imports.batches import Batch, Outcome, unknown
from oms.imports.faults import Fault
from oms.inventory import counting_many
from oms.inventory.counting_many import Counted
from oms.inventory.movements import Cause
from oms.locations import entering
from oms.locations.models import Location, OpeningHours


def enter_locations(session: Session, batch: Batch) -> Outcome:
    """Add locations or change what differs; hours that are given replace those that were."""
    outcome = Outcome()
    open_already = _with_hours(session, [cells["code"] for _, cells in batch.cells()])
    rows: list[dict[str, Any]] = []
    for line, cells in batch.cells():
        hours_kept = "hours" in batch.absent() and cells["code"] in open_already
        if cells["can_pickup"] and not cells["hours"] and not hours_kept:
            outcome.faults.append(
                Fault(
                    line,
                    "hours",
                    "",
                    "is empty, and a location that hands over pickups needs opening hours",
                    "give hours such as mon-fri 09:00-20:00, or say false in can_pickup",
                )
            )
        else:
            rows.append(cells)
    done = entering.enter_locations(
        session,
        [{name: value for name, value in cells.items() if name != "hours"} for cells in rows],
        keep=[name for name in batch.absent() if name != "hours"],
    )
    outcome.added, outcome.changed = done.added, done.changed
    outcome.unchanged = len(rows) - done.added - done.changed
    if "hours" in batch.columns:
        _set_hours(session, rows)
    return outcome


def count_stock(session: Session, batch: Batch) -> Outcome:
    """Set units to what was counted, through the ledger; no count goes below what is reserved."""
    outcome = Outcome()
    place, article, units = (batch.columns.index(one) for one in ("location", "sku", "units"))
    kept = batch.columns.index("safety") if "safety" in batch.columns else None
    ids = entering.ids(session, {row.values[place] for row in batch.rows})
    counted, said = [], {}
    for line, values in batch.rows:
        location_id = ids.get(values[place])
        if location_id is None:
            outcome.faults.append(unknown(line, "location", values[place], "location"))
            continue
        said[line] = values
        counted.append(
            Counted(
                line,
                values[article],
                location_id,
                values[units],
                None if kept is None else values[kept],
            )
        )
    tally = counting_many.count_many(
        session, counted, cause=Cause("import", batch.import_id, batch.actor)
    )
    for line in tally.unknown:
        outcome.faults.append(unknown(line, "sku", said[line][article], "product"))
    for line, reserved in tally.promised:
        outcome.faults.append(
            Fault(
                line,
                "units",
                str(said[line][units]),
                f"is less than the {reserved} units that are reserved for orders there",
                "count again, or give the orders back that cannot be filled",
            )
        )
    outcome.added, outcome.changed, outcome.unchanged = tally.opened, tally.changed, tally.unchanged
    return outcome


def enter_boxes(session: Session, batch: Batch) -> Outcome:
    """Add boxes to the lists of locations, or change what differs."""
    outcome = Outcome()
    ids = entering.ids(session, {cells["location"] for _, cells in batch.cells()})
    rows: list[dict[str, Any]] = []
    for line, cells in batch.cells():
        place = ids.get(cells["location"])
        if place is None:
            outcome.faults.append(unknown(line, "location", cells["location"], "location"))
        elif cells["max_weight_g"] <= cells["tare_g"]:
            outcome.faults.append(
                Fault(
                    line,
                    "max_weight_g",
                    str(cells["max_weight_g"]),
                    f"is not more than the empty box weighs, {cells['tare_g']} g",
                    "give what the closed box may weigh, itself included",
                )
            )
        else:
            box = {name: value for name, value in cells.items() if name != "location"}
            rows.append({"location_id": place, **box})
    done = boxes.enter_boxes(session, rows, keep=batch.absent())
    outcome.added, outcome.changed = done.added, done.changed
    outcome.unchanged = len(rows) - done.added - done.changed
    return outcome


def _with_hours(session: Session, codes: list[str]) -> set[str]:
    return set(
        session.exec(
            select(Location.code)
            .join(OpeningHours, col(OpeningHours.location_id) == Location.id)
            .where(col(Location.code).in_(codes))
        )
    )


def _set_hours(session: Session, rows: list[dict[str, Any]]) -> None:
    ids = entering.ids(session, {cells["code"] for cells in rows})
    entering.set_hours(
        session,
        ids.values(),
        [
            {
                "location_id": ids[cells["code"]],
                "weekday": weekday,
                "opens": time.fromisoformat(opens),
                "closes": time.fromisoformat(closes),
            }
            for cells in rows
            for weekday, opens, closes in cells["hours"]
        ],
    )
