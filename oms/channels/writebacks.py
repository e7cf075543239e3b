"""What channels are owed, and the facts that each writeback carries."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.channels import states
from oms.channels.base import Accepted, ToldLine, WritebackCommand
from oms.channels.models import Writeback, WritebackKind, WritebackStatus
from oms.errors import NotFound
from oms.exceptions.cases import open_case, resolve_cause
from oms.exceptions.models import ExceptionKind
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment, Parcel, ParcelLine
from oms.ids import new_id
from oms.locations.models import Location
from oms.orders.models import Order, OrderLine
from oms.outbox.appending import append
from oms.payments import refunding, statements
from oms.payments.models import RefundLine
from oms.pickup.models import Pickup
from oms.settings import settings


def owe(session: Session, *, order_id: UUID, kind: WritebackKind, subject_id: UUID) -> UUID | None:
    """Owe a fact to the order's channel, once; None when its channel takes no writebacks."""
    order = session.get_one(Order, order_id)
    if settings().channel(order.channel) is None:
        return None
    made = session.execute(
        insert(Writeback)
        .values(
            id=new_id(),
            channel=order.channel,
            kind=kind,
            subject_id=subject_id,
            order_id=order_id,
            status=WritebackStatus.OWED,
            version=1,
            attempts=0,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["channel", "kind", "subject_id"])
        .returning(col(Writeback.id))
    ).first()
    if made is None:
        return None
    writeback_id: UUID = made[0]
    _tell(session, writeback_id, order_id=order_id, topic="writeback.owed", version=1)
    return writeback_id


def command(session: Session, writeback_id: UUID) -> WritebackCommand | None:
    """The fact to tell, read from the rows; None when it has been accepted or given up."""
    row = _locked(session, writeback_id)
    if row.status is not WritebackStatus.OWED:
        return None
    row.attempts += 1
    order = session.get_one(Order, row.order_id)
    match row.kind:
        case WritebackKind.SHIPPED:
            return _shipped(session, row, order)
        case WritebackKind.READY | WritebackKind.COLLECTED:
            return _pickup(session, row, order)
        case WritebackKind.CANCELLED:
            return WritebackCommand(
                kind=row.kind,
                key=_key(row),
                order_external_id=order.external_id,
                order_number=order.display_number,
                occurred_at=row.created_at,
                lines=(),
            )
        case WritebackKind.REFUNDED:
            return _refunded(session, row, order)


def accepted(session: Session, writeback_id: UUID, answer: Accepted) -> None:
    """Record that the channel has it."""
    row = _locked(session, writeback_id)
    if row.status is WritebackStatus.ACCEPTED:
        return
    states.accept(row, reference=answer.reference)
    if row.kind is WritebackKind.REFUNDED:
        refunding.settled_by_provider(
            session, row.subject_id, reference=answer.reference, actor=f"channel:{row.channel}"
        )
    resolve_cause(
        session,
        cause_type="writeback",
        cause_id=row.id,
        actor="system",
        resolution="accepted by the channel",
    )
    _audit(session, row, repeated=answer.repeated)


def failed(session: Session, writeback_id: UUID, *, error: str) -> None:
    """Note why an attempt failed; more attempts follow."""
    _locked(session, writeback_id).last_error = error[:500]


def give_up(session: Session, writeback_id: UUID, *, error: str) -> None:
    """Stop trying and open a case for a person."""
    row = _locked(session, writeback_id)
    if row.status is not WritebackStatus.OWED:
        return
    states.give_up(row, error=error)
    open_case(
        session,
        kind=ExceptionKind.WRITEBACK_FAILED,
        cause_type="writeback",
        cause_id=row.id,
        order_id=row.order_id,
        detail=f"{row.channel} does not take '{row.kind.value}': {error}",
        remedy="mend the cause at the channel or in the settings, then retry the writeback",
    )
    _audit(session, row, repeated=False)


def retry(session: Session, writeback_id: UUID, *, actor: str) -> None:
    """Owe a dead writeback again, after its cause was mended."""
    row = _locked(session, writeback_id)
    states.owe_again(row)
    resolve_cause(
        session,
        cause_type="writeback",
        cause_id=row.id,
        actor=actor,
        resolution="retried",
    )
    _tell(session, row.id, order_id=row.order_id, topic="writeback.retried", version=row.version)


def of_order(session: Session, order_id: UUID) -> Sequence[Writeback]:
    """Everything that the order's channel was or is to be told."""
    return session.exec(
        select(Writeback).where(Writeback.order_id == order_id).order_by(col(Writeback.id))
    ).all()


def _shipped(session: Session, row: Writeback, order: Order) -> WritebackCommand:
    parcel = session.get_one(Parcel, row.subject_id)
    fulfilment = session.get_one(Fulfilment, parcel.fulfilment_id)
    place = session.get_one(Location, fulfilment.location_id)
    lines = session.exec(
        select(OrderLine.external_id, ParcelLine.quantity)
        .join(OrderLine, col(OrderLine.id) == ParcelLine.line_id)
        .where(ParcelLine.parcel_id == parcel.id)
        .order_by(col(OrderLine.position))
    ).all()
    return WritebackCommand(
        kind=row.kind,
        key=_key(row),
        order_external_id=order.external_id,
        order_number=order.display_number,
        occurred_at=parcel.handed_over_at or row.created_at,
        lines=tuple(ToldLine(external_id, quantity) for external_id, quantity in lines),
        location_code=place.code,
        location_name=place.name,
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        tracking_url=parcel.tracking_url,
    )


def _pickup(session: Session, row: Writeback, order: Order) -> WritebackCommand:
    pickup = session.get_one(Pickup, row.subject_id)
    place = session.get_one(Location, pickup.location_id)
    external = dict(
        session.exec(
            select(OrderLine.id, OrderLine.external_id).where(OrderLine.order_id == order.id)
        ).all()
    )
    when = pickup.ready_at if row.kind is WritebackKind.READY else pickup.collected_at
    return WritebackCommand(
        kind=row.kind,
        key=_key(row),
        order_external_id=order.external_id,
        order_number=order.display_number,
        occurred_at=when or row.created_at,
        lines=tuple(
            ToldLine(external[line.line_id], line.quantity)
            for line in fulfilments.lines(session, pickup.fulfilment_id)
        ),
        location_code=place.code,
        location_name=place.name,
        pick_up_by=pickup.pick_up_by,
    )


def _refunded(session: Session, row: Writeback, order: Order) -> WritebackCommand:
    repayment, refund = statements.repayment_of(session, row.subject_id)
    lines = session.exec(
        select(OrderLine.external_id, RefundLine.units)
        .join(OrderLine, col(OrderLine.id) == RefundLine.line_id)
        .where(RefundLine.refund_id == refund.id)
        .order_by(col(OrderLine.position))
    ).all()
    return WritebackCommand(
        kind=row.kind,
        key=_key(row),
        order_external_id=order.external_id,
        order_number=order.display_number,
        occurred_at=refund.created_at,
        lines=tuple(ToldLine(external_id, units) for external_id, units in lines),
        amount_minor=repayment.amount_minor,
        shipping_minor=min(refund.shipping_minor, repayment.amount_minor),
        currency=refund.currency,
        reason=refund.reason,
    )


def _key(row: Writeback) -> str:
    """The same at every attempt, also after the row was revived by hand."""
    return f"{row.kind.value}:{row.subject_id}"


def _locked(session: Session, writeback_id: UUID) -> Writeback:
    row = session.get(Writeback, writeback_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(
            f"there is no writeback {writeback_id}",
            field="writeback_id",
            remedy="use the cause_id of an exception whose cause is a writeback",
        )
    return row


def _tell(
    session: Session, writeback_id: UUID, *, order_id: UUID, topic: str, version: int
) -> None:
    append(
        session,
        topic=topic,
        subject_type="writeback",
        subject_id=writeback_id,
        order_id=order_id,
        version=version,
    )


def _audit(session: Session, row: Writeback, *, repeated: bool) -> None:
    record(
        session,
        action=f"writeback.{row.status.value}",
        subject_type="writeback",
        subject_id=row.id,
        order_id=row.order_id,
        actor=f"channel:{row.channel}",
        facts={
            "kind": row.kind.value,
            "attempts": row.attempts,
            "reference": row.external_ref,
            "found_there": repeated,
            "error": row.last_error,
        },
    )
