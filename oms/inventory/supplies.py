"""Goods that are expected: announced, sent, moved between locations, received or given up.

Whoever changes a supply locks it first and its balances afterwards.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict, Invalid, NotFound
from oms.inventory import movements, states
from oms.inventory.models import MovementKind
from oms.inventory.movements import Cause, Change
from oms.inventory.supply_models import Supply, SupplyKind, SupplyStatus


def announce(
    session: Session,
    *,
    document: str,
    sku: str,
    location_id: UUID,
    units: int,
    expected_at: datetime,
    actor: str,
    in_transit: bool = False,
) -> Supply:
    """Expect goods of a document. Announcing them again brings quantity and date up to date.

    Raises `Conflict` when they have come or were given up already, or when less would be
    announced than has been received.
    """
    _require_some(units)
    _queue(session, document)
    known = _by_document(session, document=document, sku=sku, location_id=location_id)
    if known is None:
        known = Supply(
            kind=SupplyKind.PURCHASE,
            document=document,
            sku=sku,
            location_id=location_id,
            announced=units,
            expected_at=expected_at,
            created_at=clock.now(),
            created_by=actor,
        )
        session.add(known)
    _require_open(known)
    if known.kind is not SupplyKind.PURCHASE or units < known.received:
        raise Conflict(
            f"{document} is a {known.kind.value} of which {known.received} have been received",
            field="units" if units < known.received else "document",
            remedy="use the number of another document, or close this one",
        )
    known.announced = units
    known.expected_at = expected_at
    if in_transit and known.status is SupplyStatus.INCOMING:
        states.move_supply(known, SupplyStatus.IN_TRANSIT)
    if units == known.received:
        states.move_supply(known, SupplyStatus.RECEIVED)
    session.flush()
    return known


def transfer_out(
    session: Session,
    *,
    document: str,
    sku: str,
    from_location_id: UUID,
    to_location_id: UUID,
    units: int,
    expected_at: datetime,
    actor: str,
) -> Supply:
    """Send units to another location: they leave this one's books and are in transit to that one.

    A document moves an article once; repeating it raises `Conflict` and changes nothing. Raises
    `InsufficientStock` when so many are not free.
    """
    return _send(
        session,
        document=document,
        sku=sku,
        from_location_id=from_location_id,
        to_location_id=to_location_id,
        change=Change(sku, from_location_id, MovementKind.TRANSFER_OUT, on_hand=-units),
        expected_at=expected_at,
        actor=actor,
    )


def send_held(
    session: Session,
    *,
    document: str,
    sku: str,
    from_location_id: UUID,
    to_location_id: UUID,
    units: int,
    expected_at: datetime,
    actor: str,
) -> Supply:
    """Send units that were held for it, as `transfer_out` sends free ones."""
    change = Change(
        sku, from_location_id, MovementKind.TRANSFER_OUT, on_hand=-units, reserved=-units
    )
    return _send(
        session,
        document=document,
        sku=sku,
        from_location_id=from_location_id,
        to_location_id=to_location_id,
        change=change,
        expected_at=expected_at,
        actor=actor,
    )


def _send(
    session: Session,
    *,
    document: str,
    sku: str,
    from_location_id: UUID,
    to_location_id: UUID,
    change: Change,
    expected_at: datetime,
    actor: str,
) -> Supply:
    units = -change.on_hand
    _require_some(units)
    if from_location_id == to_location_id:
        raise Invalid("goods go to another location", field="to", remedy="name another location")
    _queue(session, document)
    if _by_document(session, document=document, sku=sku, location_id=to_location_id) is not None:
        raise Conflict(
            f"{document} has moved {sku} there already",
            field="document",
            remedy="use a new number for a new transfer",
        )
    supply = Supply(
        kind=SupplyKind.TRANSFER,
        document=document,
        sku=sku,
        location_id=to_location_id,
        from_location_id=from_location_id,
        announced=units,
        expected_at=expected_at,
        created_at=clock.now(),
        created_by=actor,
    )
    states.move_supply(supply, SupplyStatus.IN_TRANSIT)
    session.add(supply)
    session.flush()
    movements.apply(session, [change], cause=Cause("supply", supply.id, actor))
    return supply


def receive(
    session: Session, supply_id: UUID, *, units: int, actor: str, damaged: int = 0
) -> Supply:
    """Book in what came of a supply; `damaged` of the units are set apart at once.

    More than is still expected is refused: it belongs to no document and is received without.
    """
    _require_some(units)
    if not 0 <= damaged <= units:
        raise Invalid(
            "damaged units are among those that came", field="damaged", remedy="count again"
        )
    supply = locked(session, supply_id)
    _require_open(supply)
    if units > outstanding(supply):
        raise Conflict(
            f"{supply.document} has {outstanding(supply)} units of {supply.sku} to come,"
            f" {units} is more",
            field="units",
            remedy="receive what is to come here, and the rest without a document",
            facts={"outstanding": outstanding(supply)},
        )
    kind = MovementKind.TRANSFER_IN if supply.kind is SupplyKind.TRANSFER else MovementKind.RECEIVE
    change = Change(supply.sku, supply.location_id, kind, on_hand=units, damaged=damaged)
    movements.apply(session, [change], cause=Cause("supply", supply.id, actor))
    supply.received += units
    if outstanding(supply) == 0:
        states.move_supply(supply, SupplyStatus.RECEIVED)
    session.flush()
    return supply


def close(session: Session, supply_id: UUID, *, actor: str) -> Supply:
    """Expect nothing more of a supply: cancelled, lost, or delivered short."""
    supply = locked(session, supply_id)
    states.move_supply(supply, SupplyStatus.CLOSED)
    record(
        session,
        action="supply.closed",
        subject_type="supply",
        subject_id=supply.id,
        actor=actor,
        facts={"document": supply.document, "sku": supply.sku, "lacking": outstanding(supply)},
    )
    session.flush()
    return supply


def outstanding(supply: Supply) -> int:
    """Units that are still to come."""
    return supply.announced - supply.received


def locked(session: Session, supply_id: UUID) -> Supply:
    """The supply, locked until the transaction ends and read after the lock."""
    row = session.get(Supply, supply_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(
            f"there is no supply {supply_id}",
            field="supply_id",
            remedy="list what is expected and use the id that is shown there",
        )
    return row


def expected(
    session: Session,
    *,
    skus: Collection[str] | None = None,
    location_id: UUID | None = None,
    limit: int | None = None,
) -> Sequence[Supply]:
    """What is still to come, the earliest first."""
    query = (
        select(Supply)
        .where(col(Supply.status).in_(states.OPEN_SUPPLY))
        .order_by(col(Supply.expected_at), col(Supply.id))
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    if skus is not None:
        query = query.where(col(Supply.sku).in_(set(skus)))
    if location_id is not None:
        query = query.where(Supply.location_id == location_id)
    return session.exec(query).all()


def _queue(session: Session, document: str) -> None:
    """Let one transaction at a time work with a document, also before it exists."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"supply:{document}"},
    )


def _by_document(session: Session, *, document: str, sku: str, location_id: UUID) -> Supply | None:
    return session.exec(
        select(Supply)
        .where(Supply.document == document, Supply.sku == sku, Supply.location_id == location_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _require_open(supply: Supply) -> None:
    if supply.status not in states.OPEN_SUPPLY:
        raise Conflict(
            f"{supply.sku} of {supply.document} is {supply.status.value}; nothing of it is to come",
            field="document",
            remedy="receive it without a document, or announce it under another one",
            facts={"status": supply.status.value},
        )


def _require_some(units: int) -> None:
    if units <= 0:
        raise Invalid("units must be positive", field="units", remedy="give how many units")
