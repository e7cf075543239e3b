"""The only place that changes stock: one guarded statement and one ledger row per change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.errors import Conflict
from oms.inventory import allotments, folding
from oms.inventory.allotments import NOTHING, Allotted
from oms.inventory.availability import SELLABLE
from oms.inventory.models import MovementKind, StockBalance, StockMovement, StockMovementKey
from oms.outbox.appending import append

_WAKES_WAITING_ORDERS = frozenset(
    {
        MovementKind.RECEIVE,
        MovementKind.TRANSFER_IN,
        MovementKind.RETURN,
        MovementKind.COUNT,
        MovementKind.ADJUST,
        MovementKind.RESTORE,
        MovementKind.RELEASE,
        MovementKind.PUT_BACK,
    }
)
"""Kinds after which an order that waits for the article may be filled."""


class InsufficientStock(Conflict):
    """A location holds too little for the change; `facts` names article and location."""

    code = "insufficient_stock"


class Quarantined(Conflict):
    """The units set apart came back from customers; `facts` say how many wait for a decision."""

    code = "quarantined"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one article's totals at one location."""

    sku: str
    location_id: UUID
    kind: MovementKind
    on_hand: int = 0
    reserved: int = 0
    damaged: int = 0
    quarantined: int = 0
    """How many of the units in `damaged` enter or leave quarantine; see `StockBalance`."""
    key: str | None = None
    """When set, the change is made once however often it is asked for."""
    channel: str | None = None
    """Of a promise: for whom, where channels are treated unlike."""
    allotted: Allotted = NOTHING
    """Of units let go: what of them goes back to a channel's allotment."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """What brought the change about: a kind of thing, its id, and who did it."""

    type: str
    id: UUID | None
    actor: str


def apply(session: Session, changes: Sequence[Change], *, cause: Cause) -> list[Allotted]:
    """Make all changes or raise `InsufficientStock` and let the transaction be rolled back.

    Rows are touched in (article, location) order, so that concurrent callers queue and never
    deadlock. Each update carries its own guard; nothing is decided from a value read before.
    Returns for each change, in the order given, what a promise took out of an allotment.
    """
    taken = [NOTHING] * len(changes)
    order = sorted(range(len(changes)), key=lambda n: (changes[n].sku, changes[n].location_id))
    for number in order:
        change = changes[number]
        if not _enter(session, change, cause):
            continue
        made = _update(session, change)
        if made is None:
            _refuse(session, change)
        taken[number] = made
        freed = change.on_hand - change.reserved - change.damaged
        if freed > 0 and change.kind in _WAKES_WAITING_ORDERS:
            tell_of_increase(session, sku=change.sku, location_id=change.location_id)
    return taken


def _refuse(session: Session, change: Change) -> NoReturn:
    """Say why a change was not made."""
    row = session.get(StockBalance, (change.sku, change.location_id), populate_existing=True)
    left = row.damaged + change.damaged if row else 0
    if row is not None and change.damaged < 0 <= left < row.quarantined + change.quarantined:
        raise Quarantined(
            f"{change.sku}: {row.quarantined} of the {row.damaged} units set apart here came back"
            " from customers and wait for a decision",
            field="units",
            remedy="decide at their return what becomes of them",
            facts={"set_apart": row.damaged, "quarantined": row.quarantined},
        )
    raise InsufficientStock(
        f"{change.sku}: too little stock at this location for {change.kind.value}",
        field="units",
        remedy="read the availability again; somebody else may have taken it",
        facts={"sku": change.sku, "location_id": str(change.location_id)},
    )


def tell_of_increase(session: Session, *, sku: str, location_id: UUID) -> None:
    """Let orders that wait for the article be looked at again."""
    append(
        session,
        topic="stock.increased",
        subject_type="location",
        subject_id=location_id,
        version=1,
        detail=sku,
    )


def ensure_balance(session: Session, *, sku: str, location_id: UUID) -> None:
    """Write an empty balance where there is none, so that there is a row to lock or to change.

    A new balance obeys the rules from its first moment.
    """
    there = select(col(StockBalance.sku)).where(
        StockBalance.sku == sku, StockBalance.location_id == location_id
    )
    if session.exec(there).first() is not None:
        return
    folding.shared(session)
    session.execute(
        insert(StockBalance)
        .values(sku=sku, location_id=location_id, on_hand=0, reserved=0, safety=0)
        .on_conflict_do_nothing()
    )
    folding.fold_spots(session, [(sku, location_id)])


def _enter(session: Session, change: Change, cause: Cause) -> bool:
    """Write the ledger row; False when its key is there already, also from a racing caller."""
    now = clock.now()
    if change.key is not None:
        fresh = session.execute(
            insert(StockMovementKey)
            .values(key=change.key, at=now)
            .on_conflict_do_nothing()
            .returning(col(StockMovementKey.key))
        )
        if fresh.first() is None:
            return False
    session.execute(
        insert(StockMovement).values(
            sku=change.sku,
            location_id=change.location_id,
            kind=change.kind,
            on_hand_delta=change.on_hand,
            reserved_delta=change.reserved,
            damaged_delta=change.damaged,
            cause_type=cause.type,
            cause_id=cause.id,
            idempotency_key=change.key,
            reason=change.reason,
            actor=cause.actor,
            at=now,
        )
    )
    return True


def _update(session: Session, change: Change) -> Allotted | None:
    """Change the totals if the result is legal; None if it was not."""
    if change.kind is MovementKind.RESERVE:
        return _reserve(session, change)
    if change.on_hand > 0 and change.reserved == 0:
        ensure_balance(session, sku=change.sku, location_id=change.location_id)
    if change.allotted.units:
        allotments.give_back(
            session, change.allotted, sku=change.sku, location_id=change.location_id
        )
    reserved = col(StockBalance.reserved) + change.reserved
    damaged = col(StockBalance.damaged) + change.damaged
    quarantined = col(StockBalance.quarantined) + change.quarantined
    done = session.execute(
        update(StockBalance)
        .where(
            col(StockBalance.sku) == change.sku,
            col(StockBalance.location_id) == change.location_id,
            reserved >= 0,
            quarantined >= 0,
            damaged >= quarantined,
            reserved + damaged <= col(StockBalance.on_hand) + change.on_hand,
        )
        .values(
            on_hand=StockBalance.on_hand + change.on_hand,
            reserved=reserved,
            damaged=damaged,
            quarantined=quarantined,
        )
        .returning(col(StockBalance.sku))
        .execution_options(synchronize_session=False)
    )
    return NOTHING if done.first() is not None else None


def _reserve(session: Session, change: Change) -> Allotted | None:
    """Promise units: in one statement where channels are alike, else under the row's lock.

    A promise leaves alone what is kept back; work on promised stock may not be blocked by it.
    """
    done = session.execute(
        update(StockBalance)
        .where(
            col(StockBalance.sku) == change.sku,
            col(StockBalance.location_id) == change.location_id,
            ~col(StockBalance.by_channel),
            change.reserved <= SELLABLE,
        )
        .values(reserved=StockBalance.reserved + change.reserved)
        .returning(col(StockBalance.sku))
        .execution_options(synchronize_session=False)
    )
    if done.first() is not None:
        return NOTHING
    return allotments.take(
        session,
        sku=change.sku,
        location_id=change.location_id,
        channel=change.channel,
        units=change.reserved,
    )
