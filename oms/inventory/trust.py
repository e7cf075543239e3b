"""How far the books are believed: goods that are not found cost trust, a count restores it.

Each time goods are not found, trust in that article at that location halves, and the third time
it is gone. The share of the free units that is not believed any more is not promised; units that
come in later are believed. A store is asked to count, and whatever it counts is believed.
"""

from math import ceil
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from oms import clock
from oms.audit.recording import record
from oms.inventory import counts_wanted, movements
from oms.inventory.models import StockBalance
from oms.inventory.rule_models import StockTrust
from oms.outbox.appending import append

PERCENT_AFTER: Final = (100, 50, 25, 0)
"""Trust by how often goods were not found since the last count."""


def doubt(session: Session, *, sku: str, location_id: UUID, actor: str) -> int:
    """Goods on the books were not there; return how many units are in doubt from now on.

    The missing units have been taken off the books in the same transaction, so that their
    balance is locked.
    """
    row = session.get(StockTrust, (sku, location_id), populate_existing=True)
    times = (row.times if row else 0) + 1
    percent = PERCENT_AFTER[min(times, len(PERCENT_AFTER) - 1)]
    free = _free(session, sku=sku, location_id=location_id)
    doubted = max(row.doubted if row else 0, ceil(free * (100 - percent) / 100))
    _write(session, sku=sku, location_id=location_id, percent=percent, doubted=doubted, times=times)
    counts_wanted.ask(
        session, sku=sku, location_id=location_id, reason="goods were not found", actor=actor
    )
    record(
        session,
        action="stock.doubted",
        subject_type="location",
        subject_id=location_id,
        actor=actor,
        facts={"sku": sku, "percent": percent, "doubted": doubted},
    )
    return doubted


def restore(session: Session, *, sku: str, location_id: UUID, actor: str) -> None:
    """Somebody has counted: the books are right again. The caller has locked the balance."""
    counts_wanted.settle(session, sku=sku, location_id=location_id, actor=actor)
    row = session.get(StockTrust, (sku, location_id), populate_existing=True)
    if row is None or row.percent == PERCENT_AFTER[0]:
        return
    freed = row.doubted
    _write(session, sku=sku, location_id=location_id, percent=PERCENT_AFTER[0], doubted=0, times=0)
    if freed:
        movements.tell_of_increase(session, sku=sku, location_id=location_id)


def _free(session: Session, *, sku: str, location_id: UUID) -> int:
    found = session.execute(
        select(
            col(StockBalance.on_hand) - col(StockBalance.reserved) - col(StockBalance.damaged)
        ).where(col(StockBalance.sku) == sku, col(StockBalance.location_id) == location_id)
    ).scalar_one()
    return int(found)


def _write(
    session: Session, *, sku: str, location_id: UUID, percent: int, doubted: int, times: int
) -> None:
    """Keep the new state, and fold the difference into what the balance withholds."""
    before = session.get(StockTrust, (sku, location_id))
    difference = doubted - (before.doubted if before else 0)
    if difference:
        append(
            session,
            topic="stock.withheld",
            subject_type="location",
            subject_id=location_id,
            version=1,
            detail=sku,
        )
    values = {"percent": percent, "doubted": doubted, "times": times, "changed_at": clock.now()}
    session.execute(
        insert(StockTrust)
        .values(sku=sku, location_id=location_id, **values)
        .on_conflict_do_update(index_elements=["sku", "location_id"], set_=values)
    )
    session.execute(
        update(StockBalance)
        .where(col(StockBalance.sku) == sku, col(StockBalance.location_id) == location_id)
        .values(withheld=StockBalance.withheld + difference)
        .execution_options(synchronize_session=False)
    )
