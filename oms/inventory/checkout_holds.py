"""Keep stock for a basket until a moment: extend it, let it go, or hand it to the order.

Everything that ends a hold locks its row first, so one of them wins and the others find it ended;
then its balances, in the one lock order. The units of a hold are reserved while its row is open.
A hold whose time is over keeps its units until somebody needs them or the sweep comes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import literal
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict, NotFound
from oms.inventory import availability, movements, states
from oms.inventory.allotments import Allotted
from oms.inventory.checkout_models import CheckoutHold, CheckoutHoldLine, CheckoutHoldStatus
from oms.inventory.models import MovementKind
from oms.inventory.movements import Cause, Change


class HoldEnded(Conflict):
    """The checkout hold does not keep anything any more, or will not for longer."""

    code = "hold_ended"


@dataclass(frozen=True, slots=True)
class Kept:
    """Units of one article to be kept at one location."""

    sku: str
    location_id: UUID
    quantity: int


def open_hold(
    session: Session,
    wanted: Sequence[Kept],
    *,
    channel: str,
    expires_at: datetime,
    last_expiry: datetime,
    actor: str,
) -> CheckoutHold:
    """Keep all of this, or raise `InsufficientStock`; then nothing may be kept."""
    hold = CheckoutHold(
        channel=channel,
        expires_at=expires_at,
        last_expiry=last_expiry,
        created_at=clock.now(),
        created_by=actor,
    )
    session.add(hold)
    session.flush()
    taken = movements.apply(
        session,
        [
            Change(
                one.sku,
                one.location_id,
                MovementKind.RESERVE,
                reserved=one.quantity,
                channel=channel,
            )
            for one in wanted
        ],
        cause=_cause(hold, actor),
    )
    session.add_all(
        CheckoutHoldLine(
            hold_id=hold.id,
            position=position,
            sku=one.sku,
            location_id=one.location_id,
            quantity=one.quantity,
            allotted=allotted.units,
            allotment_id=allotted.rule_id,
        )
        for position, (one, allotted) in enumerate(zip(wanted, taken, strict=True), start=1)
    )
    _record(session, hold, action="checkout_hold.opened", actor=actor)
    session.flush()
    return hold


def extend(session: Session, hold_id: UUID, *, until: datetime, actor: str) -> CheckoutHold:
    """Keep the units longer. Raises `HoldEnded` when the hold has ended or may last no longer."""
    hold = locked(session, hold_id)
    if hold.status is not CheckoutHoldStatus.OPEN or hold.expires_at <= clock.now():
        ended = "expired" if hold.status is CheckoutHoldStatus.OPEN else hold.status.value
        raise HoldEnded(
            f"the checkout hold is {ended}",
            field="hold_id",
            remedy="make a new hold",
            facts={"status": ended},
        )
    if until > hold.last_expiry:
        raise HoldEnded(
            f"the checkout hold cannot be kept beyond {hold.last_expiry.isoformat()}",
            field="minutes",
            remedy="extend it by less, or let the customer begin again",
            facts={"last_expiry": hold.last_expiry},
        )
    hold.expires_at = max(hold.expires_at, until)
    hold.version += 1
    _record(session, hold, action="checkout_hold.extended", actor=actor)
    session.flush()
    return hold


def release(session: Session, hold_id: UUID, *, actor: str) -> CheckoutHold:
    """Let the units go before the time is over. Raises `IllegalMove` when the hold has ended."""
    hold = locked(session, hold_id)
    states.close_checkout_hold(hold, CheckoutHoldStatus.RELEASED)
    _let_go(session, hold, actor=actor)
    return hold


def lapsed(session: Session, skus: Collection[str]) -> Sequence[UUID]:
    """Holds that keep some of these articles though their time is over."""
    return session.exec(
        select(CheckoutHold.id)
        .join(CheckoutHoldLine, col(CheckoutHoldLine.hold_id) == CheckoutHold.id)
        .where(
            CheckoutHold.status == CheckoutHoldStatus.OPEN,
            CheckoutHold.expires_at <= clock.now(),
            col(CheckoutHoldLine.sku).in_(set(skus)),
        )
        .distinct()
    ).all()


def expire(session: Session, hold_ids: Collection[UUID], *, besides: Collection[str] = ()) -> int:
    """End those of these holds whose time is over; return how many did.

    What somebody else is working on is left to them. `besides` names articles that the caller
    will take next: they are locked together with those of the holds, in the one lock order.
    """
    holds = session.exec(
        select(CheckoutHold)
        .where(
            col(CheckoutHold.id).in_(hold_ids),
            CheckoutHold.status == CheckoutHoldStatus.OPEN,
            CheckoutHold.expires_at <= clock.now(),
        )
        .order_by(col(CheckoutHold.id))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    if not holds:
        return 0
    kept = {line.sku for hold in holds for line in lines(session, hold.id)}
    availability.lock(session, kept | set(besides))
    for hold in holds:
        states.close_checkout_hold(hold, CheckoutHoldStatus.EXPIRED)
        _let_go(session, hold, actor="system")
    return len(holds)


def next_due(session: Session, *, limit: int) -> Sequence[UUID]:
    """Open holds whose time is over, the oldest first."""
    return session.exec(
        select(CheckoutHold.id)
        .where(
            # Written out: a plan for any status could not use the index of the open ones.
            col(CheckoutHold.status) == literal(CheckoutHoldStatus.OPEN, literal_execute=True),
            CheckoutHold.expires_at <= clock.now(),
        )
        .order_by(col(CheckoutHold.expires_at))
        .limit(limit)
    ).all()


def locked(session: Session, hold_id: UUID) -> CheckoutHold:
    """The hold, locked until the transaction ends and read after the lock."""
    hold = session.get(CheckoutHold, hold_id, with_for_update=True, populate_existing=True)
    if hold is None:
        raise _unknown(hold_id)
    return hold


def read(session: Session, hold_id: UUID) -> CheckoutHold:
    """The hold as it is now."""
    hold = session.get(CheckoutHold, hold_id, populate_existing=True)
    if hold is None:
        raise _unknown(hold_id)
    return hold


def lines(session: Session, hold_id: UUID) -> Sequence[CheckoutHoldLine]:
    """What a hold keeps, or kept, and where."""
    return session.exec(
        select(CheckoutHoldLine)
        .where(CheckoutHoldLine.hold_id == hold_id)
        .order_by(col(CheckoutHoldLine.position))
    ).all()


def let_go_change(line: CheckoutHoldLine, *, units: int) -> Change:
    """Let units of a line go; those of an allotment go back to it first."""
    return Change(
        line.sku,
        line.location_id,
        MovementKind.RELEASE,
        reserved=-units,
        allotted=Allotted(min(units, line.allotted), line.allotment_id),
    )


def _let_go(session: Session, hold: CheckoutHold, *, actor: str) -> None:
    changes = [let_go_change(line, units=line.quantity) for line in lines(session, hold.id)]
    movements.apply(session, changes, cause=_cause(hold, actor))
    _record(session, hold, action=f"checkout_hold.{hold.status.value}", actor=actor)
    session.flush()


def _cause(hold: CheckoutHold, actor: str) -> Cause:
    return Cause("checkout_hold", hold.id, actor)


def _record(session: Session, hold: CheckoutHold, *, action: str, actor: str) -> None:
    record(
        session,
        action=action,
        subject_type="checkout_hold",
        subject_id=hold.id,
        actor=actor,
        facts={"channel": hold.channel, "expires_at": hold.expires_at.isoformat()},
    )


def _unknown(hold_id: UUID) -> NotFound:
    return NotFound(
        f"there is no checkout hold {hold_id}",
        field="hold_id",
        remedy="use the hold_id that making the hold answered with",
    )
