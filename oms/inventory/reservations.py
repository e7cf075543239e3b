"""Hold stock for order lines, move the hold to another location, let it go, or use it up."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, tuple_
from sqlmodel import Session, col, select

from oms import clock
from oms.inventory import movements, states
from oms.inventory.allotments import NOTHING, Allotted
from oms.inventory.availability import LOCK_ORDER
from oms.inventory.models import MovementKind, Reservation, ReservationStatus, StockBalance
from oms.inventory.movements import Cause, Change

_SOLD = frozenset({MovementKind.SHIP, MovementKind.COLLECT})


@dataclass(frozen=True, slots=True)
class Hold:
    """Units wanted for one order line at one location."""

    line_id: UUID
    location_id: UUID
    sku: str
    quantity: int
    fulfilment_id: UUID | None = None


def held(session: Session, order_id: UUID) -> Sequence[Reservation]:
    """What is held for an order now."""
    return session.exec(
        select(Reservation)
        .where(Reservation.order_id == order_id, Reservation.status == ReservationStatus.HELD)
        .order_by(col(Reservation.sku), col(Reservation.location_id))
        .execution_options(populate_existing=True)
    ).all()


def lock_stock(
    session: Session, order_id: UUID, *, besides: Collection[tuple[str, UUID]] = ()
) -> None:
    """Lock the balances behind all that an order holds, and `besides`, in the one lock order.

    Whoever lets go of it in several steps calls this first; otherwise two orders for the same
    articles could wait for each other.
    """
    spots = select(Reservation.sku, Reservation.location_id).where(
        Reservation.order_id == order_id, Reservation.status == ReservationStatus.HELD
    )
    spot = tuple_(col(StockBalance.sku), col(StockBalance.location_id))
    session.execute(
        select(StockBalance.sku)
        .where(or_(spot.in_(spots), spot.in_(besides)) if besides else spot.in_(spots))
        .order_by(*LOCK_ORDER)
        .with_for_update()
    ).all()


def tentative(session: Session, order_id: UUID) -> bool:
    """Whether something is held that no location works on yet."""
    return any(row.fulfilment_id is None for row in held(session, order_id))


def in_work(session: Session, order_id: UUID) -> Mapping[UUID, int]:
    """By line of an order, the units that some location is working on."""
    units: Counter[UUID] = Counter()
    for row in held(session, order_id):
        if row.fulfilment_id is not None:
            units[row.line_id] += row.quantity
    return units


def replace(
    session: Session,
    *,
    order_id: UUID,
    lines: Collection[UUID],
    holds: Sequence[Hold],
    actor: str,
    channel: str | None = None,
) -> None:
    """Make `holds` the reservations of these lines, keeping what is already in the right place.

    What a location is working on stays as it is, beside them. A reservation whose line, location
    and quantity stay is *bound*, not released and taken again, so the stock that was promised is
    the stock that is used. The caller holds the order's lock. `channel` is whose order it is, where
    channels are treated unlike. Raises `InsufficientStock`; then nothing of the transaction may be
    kept.
    """
    old = {
        (row.line_id, row.location_id): row
        for row in held(session, order_id)
        if row.line_id in lines and row.fulfilment_id is None
    }
    fresh: list[Hold] = []
    for hold in holds:
        spot = (hold.line_id, hold.location_id)
        row = old.get(spot)
        if row and row.quantity == hold.quantity:
            row.fulfilment_id = hold.fulfilment_id
            del old[spot]
        else:
            fresh.append(hold)
    changes = [_release(row) for row in old.values()]
    changes += [_take(hold, channel=channel) for hold in fresh]
    made = movements.apply(session, changes, cause=Cause("order", order_id, actor))
    for row in old.values():
        states.close(row, ReservationStatus.RELEASED)
    session.flush()  # the old holds must be closed before the unique index sees the new ones
    session.add_all(
        Reservation(
            order_id=order_id,
            line_id=hold.line_id,
            fulfilment_id=hold.fulfilment_id,
            location_id=hold.location_id,
            sku=hold.sku,
            quantity=hold.quantity,
            allotted=allotted.units,
            allotment_id=allotted.rule_id,
            created_at=clock.now(),
        )
        for hold, allotted in zip(fresh, made[len(old) :], strict=True)
    )
    session.flush()


def release(session: Session, rows: Sequence[Reservation], *, cause: Cause) -> None:
    """Let held stock go; it may be promised to others at once."""
    _let_go(session, rows, kind=MovementKind.RELEASE, cause=cause)


def put_back(session: Session, rows: Sequence[Reservation], *, cause: Cause) -> None:
    """The held goods, never collected, are on the shelf again and may be sold."""
    _let_go(session, rows, kind=MovementKind.PUT_BACK, cause=cause)


def set_aside(rows: Sequence[Reservation]) -> None:
    """Nobody waits for the held goods any more, and they are not for sale before `put_back`."""
    for row in rows:
        states.close(row, ReservationStatus.ASIDE)


def aside(session: Session, fulfilment_id: UUID) -> Sequence[Reservation]:
    """What lies aside of a fulfilment that was called off."""
    return _of_fulfilment(session, fulfilment_id, ReservationStatus.ASIDE)


def reduce(session: Session, row: Reservation, *, by: int, cause: Cause) -> None:
    """Let part of a hold go, or all of it; units of an allotment go back to it first."""
    assert 0 < by <= row.quantity
    if by == row.quantity:
        release(session, [row], cause=cause)
        return
    allotted = Allotted(min(by, row.allotted), row.allotment_id)
    change = Change(row.sku, row.location_id, MovementKind.RELEASE, reserved=-by, allotted=allotted)
    movements.apply(session, [change], cause=cause)
    row.allotted -= allotted.units
    row.quantity -= by


def part(row: Reservation, units: int) -> Reservation:
    """Units of a hold by themselves, to be ended apart from the rest; all of it is the row itself.

    A part is not in the session yet: whoever ends it adds it, for a line has one hold at a time.
    """
    assert 0 < units <= row.quantity
    if units == row.quantity:
        return row
    apart = Reservation(
        order_id=row.order_id,
        line_id=row.line_id,
        fulfilment_id=row.fulfilment_id,
        location_id=row.location_id,
        sku=row.sku,
        quantity=units,
        allotted=min(units, row.allotted),
        allotment_id=row.allotment_id,
        created_at=row.created_at,
    )
    row.allotted -= apart.allotted
    row.quantity -= units
    return apart


def consume(
    session: Session, rows: Sequence[Reservation], *, kind: MovementKind, cause: Cause
) -> None:
    """The held goods have left the house, or are not to be found: shipped, collected, adjusted.

    What was not sold goes back to the allotment that it came out of.
    """
    sold = kind in _SOLD
    movements.apply(
        session,
        [
            Change(
                row.sku,
                row.location_id,
                kind,
                on_hand=-row.quantity,
                reserved=-row.quantity,
                allotted=NOTHING if sold else _allotted(row),
            )
            for row in rows
        ],
        cause=cause,
    )
    for row in rows:
        states.close(row, ReservationStatus.CONSUMED)


def consume_part(
    session: Session,
    row: Reservation,
    *,
    units: int,
    kind: MovementKind,
    fulfilment_id: UUID,
    cause: Cause,
) -> None:
    """Some of the held goods were sold as `fulfilment_id`; the rest stays held as it was.

    Units of an allotment are the first to go.
    """
    assert 0 < units < row.quantity
    assert kind in _SOLD
    change = Change(row.sku, row.location_id, kind, on_hand=-units, reserved=-units)
    movements.apply(session, [change], cause=cause)
    allotted = min(units, row.allotted)
    session.add(
        Reservation(
            order_id=row.order_id,
            line_id=row.line_id,
            fulfilment_id=fulfilment_id,
            location_id=row.location_id,
            sku=row.sku,
            quantity=units,
            allotted=allotted,
            allotment_id=row.allotment_id if allotted else None,
            status=ReservationStatus.CONSUMED,
            created_at=row.created_at,
            closed_at=clock.now(),
        )
    )
    row.allotted -= allotted
    row.quantity -= units


def set_apart(session: Session, rows: Sequence[Reservation], *, cause: Cause) -> None:
    """The held goods are damaged: they stay on hand and are not promised to anybody."""
    movements.apply(
        session,
        [
            Change(
                row.sku,
                row.location_id,
                MovementKind.SET_APART,
                reserved=-row.quantity,
                damaged=row.quantity,
                allotted=_allotted(row),
            )
            for row in rows
        ],
        cause=cause,
    )
    for row in rows:
        states.close(row, ReservationStatus.CONSUMED)


def of_fulfilment(session: Session, fulfilment_id: UUID) -> Sequence[Reservation]:
    """What is held for a fulfilment now."""
    return _of_fulfilment(session, fulfilment_id, ReservationStatus.HELD)


def _of_fulfilment(
    session: Session, fulfilment_id: UUID, status: ReservationStatus
) -> Sequence[Reservation]:
    return session.exec(
        select(Reservation)
        .where(Reservation.fulfilment_id == fulfilment_id, Reservation.status == status)
        .execution_options(populate_existing=True)
    ).all()


def _let_go(
    session: Session, rows: Sequence[Reservation], *, kind: MovementKind, cause: Cause
) -> None:
    movements.apply(session, [_release(row, kind=kind) for row in rows], cause=cause)
    for row in rows:
        states.close(row, ReservationStatus.RELEASED)


def _take(hold: Hold, *, channel: str | None) -> Change:
    return Change(
        hold.sku,
        hold.location_id,
        MovementKind.RESERVE,
        reserved=hold.quantity,
        channel=channel,
    )


def _release(row: Reservation, *, kind: MovementKind = MovementKind.RELEASE) -> Change:
    return Change(row.sku, row.location_id, kind, reserved=-row.quantity, allotted=_allotted(row))


def _allotted(row: Reservation) -> Allotted:
    return Allotted(row.allotted, row.allotment_id)
