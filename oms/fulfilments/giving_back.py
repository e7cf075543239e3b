"""A location gives its work back, or the work is called off; the stock is let go."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.errors import NotFound
from oms.fulfilments import order_status, outcomes, queries, states
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Rejection, RejectReason
from oms.inventory import reservations, trust
from oms.inventory.models import MovementKind, Reservation
from oms.inventory.movements import Cause
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.lines import Bucket
from oms.orders.queries import require_version

_GOODS_CANNOT_BE_SOLD = frozenset({RejectReason.NOT_FOUND, RejectReason.DAMAGED})


def reject(
    session: Session,
    fulfilment_id: UUID,
    *,
    reason: RejectReason,
    actor: str,
    skus: Sequence[str] = (),
    note: str = "",
    version: int | None = None,
) -> Fulfilment:
    """The location cannot do it. Its lines go back to routing, which will not ask it again.

    `skus` names what was not found or is damaged (all of it, if empty). What was not found is
    taken off the books, which are believed less from then on; what is damaged is set apart.
    Neither is promised to the next customer. The rest is released.
    """
    fulfilment = queries.locked(session, fulfilment_id)
    require_version(f"fulfilment {fulfilment.number}", have=fulfilment.version, seen=version)
    parts = queries.lines(session, fulfilment.id)
    unknown = sorted(set(skus) - {part.sku for part in parts})
    if unknown:
        raise NotFound(
            f"fulfilment {fulfilment.number} has no {', '.join(unknown)}",
            field="skus",
            remedy="name articles of this fulfilment only",
        )
    states.move(
        session,
        fulfilment,
        FulfilmentStatus.REJECTED,
        actor=actor,
        facts={"reason": reason.value, "skus": sorted(skus)},
    )
    queries.forget_open_parcels(session, fulfilment.id)
    _let_go(session, fulfilment, reason=reason, skus=frozenset(skus), actor=actor)
    _shift(session, fulfilment, into="unrouted")
    for part in parts:
        session.add(
            Rejection(
                order_id=fulfilment.order_id,
                line_id=part.line_id,
                location_id=fulfilment.location_id,
                fulfilment_id=fulfilment.id,
                reason=reason,
                note=note,
                at=clock.now(),
                actor=actor,
            )
        )
    outcomes.declined(session, fulfilment, reason=reason, skus=skus)
    order_status.refresh(session, fulfilment.order_id, event="order.rejected")
    return fulfilment


def leave_aside(session: Session, fulfilment: Fulfilment, *, actor: str) -> None:
    """Call off work whose goods lie ready: they belong to nobody, and are not for sale yet.

    The caller holds the locks.
    """
    states.move(session, fulfilment, FulfilmentStatus.CANCELLED, actor=actor)
    reservations.set_aside(reservations.of_fulfilment(session, fulfilment.id))
    _shift(session, fulfilment, into="cancelled")


def put_back(session: Session, fulfilment: Fulfilment, *, actor: str) -> None:
    """What lay aside is on its shelf again and may be sold. The caller holds the locks."""
    lying = reservations.aside(session, fulfilment.id)
    reservations.put_back(session, lying, cause=Cause("fulfilment", fulfilment.id, actor))


def cancel(
    session: Session, fulfilment: Fulfilment, *, actor: str, kind: MovementKind | None = None
) -> None:
    """Call the work off: release the stock, cancel the lines. The caller holds the locks."""
    states.move(session, fulfilment, FulfilmentStatus.CANCELLED, actor=actor)
    queries.forget_open_parcels(session, fulfilment.id)
    held = reservations.of_fulfilment(session, fulfilment.id)
    cause = Cause("fulfilment", fulfilment.id, actor)
    if kind is MovementKind.PUT_BACK:
        reservations.put_back(session, held, cause=cause)
    else:
        reservations.release(session, held, cause=cause)
    _shift(session, fulfilment, into="cancelled")


def withdraw(session: Session, fulfilment: Fulfilment, *, actor: str) -> None:
    """Take work away that nobody has begun: its stock is let go and its units are routed anew.

    Unlike a rejection it is nobody's refusal, so the location may be given it again. The caller
    holds the locks.
    """
    states.move(session, fulfilment, FulfilmentStatus.CANCELLED, actor=actor)
    held = reservations.of_fulfilment(session, fulfilment.id)
    reservations.release(session, held, cause=Cause("fulfilment", fulfilment.id, actor))
    _shift(session, fulfilment, into="unrouted")


def rejected_locations(session: Session, order_id: UUID) -> Sequence[Rejection]:
    """Who has given back what of this order: the memory that routing honours."""
    return session.exec(
        select(Rejection).where(
            Rejection.order_id == order_id, col(Rejection.forgotten_at).is_(None)
        )
    ).all()


def _let_go(
    session: Session,
    fulfilment: Fulfilment,
    *,
    reason: RejectReason,
    skus: frozenset[str],
    actor: str,
) -> None:
    reservations.lock_stock(session, fulfilment.order_id)
    held = reservations.of_fulfilment(session, fulfilment.id)
    cause = Cause("rejection", fulfilment.id, actor)
    gone: list[Reservation] = []
    if reason in _GOODS_CANNOT_BE_SOLD:
        gone = [row for row in held if not skus or row.sku in skus]
    if reason is RejectReason.DAMAGED:
        reservations.set_apart(session, gone, cause=cause)
    else:
        reservations.consume(session, gone, kind=MovementKind.ADJUST, cause=cause)
    reservations.release(session, [row for row in held if row not in gone], cause=cause)
    if reason is RejectReason.NOT_FOUND:
        for sku in sorted({row.sku for row in gone}):
            trust.doubt(session, sku=sku, location_id=fulfilment.location_id, actor=actor)


def _shift(session: Session, fulfilment: Fulfilment, *, into: Bucket) -> None:
    by_id = {line.id: line for line in orders.lines(session, fulfilment.order_id)}
    for part in queries.lines(session, fulfilment.id):
        order_lines.shift(by_id[part.line_id], out_of="reserved", into=into, units=part.quantity)
