"""Open the books: the first count of articles at locations where nobody has counted yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.dialects import postgresql
from sqlmodel import Session, col

from oms import clock
from oms.inventory import folding
from oms.inventory.models import MovementKind, StockBalance, StockMovement
from oms.outbox.appending import append


@dataclass(frozen=True, slots=True)
class Opening:
    """What lies at a location in the beginning, and what of it is kept back. Units."""

    sku: str
    location_id: UUID
    units: int
    safety: int = 0


def open_balances(
    session: Session, openings: Sequence[Opening], *, awaited: Collection[str], actor: str
) -> int:
    """Open a balance, with its count in the ledger, wherever there is none; return how many.

    A balance that is there stays as it is, so that repeating an opening does not undo what was
    sold since. `awaited` names the articles that orders wait for; of those the outbox is told, as
    of any stock that came.
    """
    if not openings:
        return 0
    folding.shared(session)
    opened = session.execute(
        postgresql.insert(StockBalance)
        .on_conflict_do_nothing()
        .returning(col(StockBalance.sku), col(StockBalance.location_id), col(StockBalance.on_hand)),
        [
            {
                "sku": one.sku,
                "location_id": one.location_id,
                "on_hand": one.units,
                "reserved": 0,
                "safety": one.safety,
            }
            for one in _in_lock_order(openings)
        ],
    ).all()
    if opened:
        session.execute(insert(StockMovement), [_counted(*row, actor=actor) for row in opened])
    folding.fold_spots(session, [(sku, location_id) for sku, location_id, _ in opened])
    for sku, location_id, units in opened:
        if sku in awaited and units > 0:
            append(
                session,
                topic="stock.increased",
                subject_type="location",
                subject_id=location_id,
                version=1,
                detail=sku,
            )
    return len(opened)


def set_safety(session: Session, openings: Sequence[Opening]) -> int:
    """Keep back the given units from now on; return for how many balances that is a change.

    Safety stock is a rule, not a count: unlike the units it follows what is stated last.
    """
    if not openings:
        return 0
    wanted = {(one.sku, one.location_id): one.safety for one in openings}
    present = session.execute(
        select(
            col(StockBalance.sku), col(StockBalance.location_id), col(StockBalance.safety)
        ).where(col(StockBalance.location_id).in_({one.location_id for one in openings}))
    )
    differing = sorted(
        (sku, location_id)
        for sku, location_id, safety in present
        if wanted.get((sku, location_id), safety) != safety
    )
    key = tuple_(col(StockBalance.sku), col(StockBalance.location_id))
    if differing:
        session.execute(
            select(col(StockBalance.sku))
            .where(key.in_(differing))
            .order_by(col(StockBalance.sku), col(StockBalance.location_id))
            .with_for_update()
        ).all()
    for sku, location_id in differing:
        session.execute(
            update(StockBalance)
            .where(col(StockBalance.sku) == sku, col(StockBalance.location_id) == location_id)
            .values(safety=wanted[sku, location_id])
            .execution_options(synchronize_session=False)
        )
    return len(differing)


def _in_lock_order(openings: Sequence[Opening]) -> list[Opening]:
    return sorted(openings, key=lambda one: (one.sku, one.location_id))


def _counted(sku: str, location_id: UUID, units: int, *, actor: str) -> dict[str, object]:
    return {
        "sku": sku,
        "location_id": location_id,
        "kind": MovementKind.COUNT,
        "on_hand_delta": units,
        "reserved_delta": 0,
        "cause_type": "opening",
        "actor": actor,
        "at": clock.now(),
    }
