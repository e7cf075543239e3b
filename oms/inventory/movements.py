"""The only place that changes stock: one guarded statement and one ledger row per change."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from oms import clock
from oms.errors import Conflict
from oms.inventory.models import MovementKind, StockBalance, StockMovement
from oms.outbox.appending import append

_WAKES_WAITING_ORDERS = frozenset(
    {MovementKind.RECEIVE, MovementKind.COUNT, MovementKind.RELEASE, MovementKind.PUT_BACK}
)
"""Kinds after which an order that waits for the article may be filled."""


class InsufficientStock(Conflict):
    """A location holds too little for the change; `facts` names article and location."""

    code = "insufficient_stock"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one article's totals at one location."""

    sku: str
    location_id: UUID
    kind: MovementKind
    on_hand: int = 0
    reserved: int = 0
    key: str | None = None
    """When set, the change is made once however often it is asked for."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What brought the change about: a kind of thing, its id, and who did it."""

    type: str
    id: UUID | None
    actor: str


def apply(session: Session, changes: Sequence[Change], *, cause: Cause) -> None:
    """Make all changes or raise `InsufficientStock` and let the transaction be rolled back.

    Rows are touched in (article, location) order, so that concurrent callers queue and never
    deadlock. Each update carries its own guard; nothing is decided from a value read before.
    """
    for change in sorted(changes, key=lambda change: (change.sku, change.location_id)):
        if not _enter(session, change, cause):
            continue
        if not _update(session, change):
            raise InsufficientStock(
                f"{change.sku}: too little stock at this location for {change.kind.value}",
                field="units",
                remedy="read the availability again; somebody else may have taken it",
                facts={"sku": change.sku, "location_id": str(change.location_id)},
            )
        if change.on_hand - change.reserved > 0 and change.kind in _WAKES_WAITING_ORDERS:
            append(
                session,
                topic="stock.increased",
                subject_type="location",
                subject_id=change.location_id,
                version=1,
                detail=change.sku,
            )


def ensure_balance(session: Session, *, sku: str, location_id: UUID) -> None:
    """Write an empty balance where there is none, so that there is a row to lock or to change."""
    session.execute(
        insert(StockBalance)
        .values(sku=sku, location_id=location_id, on_hand=0, reserved=0, safety=0)
        .on_conflict_do_nothing()
    )


def _enter(session: Session, change: Change, cause: Cause) -> bool:
    """Write the ledger row; False when its key is there already, also from a racing caller."""
    written = session.execute(
        insert(StockMovement)
        .values(
            sku=change.sku,
            location_id=change.location_id,
            kind=change.kind,
            on_hand_delta=change.on_hand,
            reserved_delta=change.reserved,
            cause_type=cause.type,
            cause_id=cause.id,
            idempotency_key=change.key,
            actor=cause.actor,
            at=clock.now(),
        )
        .on_conflict_do_nothing(
            index_elements=["idempotency_key"], index_where=text("idempotency_key IS NOT NULL")
        )
        .returning(col(StockMovement.id))
    )
    return written.first() is not None


def _update(session: Session, change: Change) -> bool:
    """Change the totals if the result is legal; say whether it was."""
    if change.on_hand > 0 and change.reserved == 0:
        ensure_balance(session, sku=change.sku, location_id=change.location_id)
    guards = [
        col(StockBalance.sku) == change.sku,
        col(StockBalance.location_id) == change.location_id,
        col(StockBalance.reserved) + change.reserved >= 0,
        col(StockBalance.reserved) + change.reserved <= col(StockBalance.on_hand) + change.on_hand,
    ]
    if change.kind is MovementKind.RESERVE:
        # A promise leaves the safety stock alone; work on promised stock may not be blocked by it.
        guards.append(
            col(StockBalance.on_hand) - col(StockBalance.reserved) - col(StockBalance.safety)
            >= change.reserved
        )
    done = session.execute(
        update(StockBalance)
        .where(*guards)
        .values(
            on_hand=StockBalance.on_hand + change.on_hand,
            reserved=StockBalance.reserved + change.reserved,
        )
        .returning(col(StockBalance.sku))
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None
