"""What the carrier reports of a parcel moves the parcel, and at last the fulfilment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import NotFound
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind
from oms.fulfilments import order_status, queries, states
from oms.fulfilments.models import (
    Fulfilment,
    FulfilmentStatus,
    Parcel,
    ParcelScan,
    ParcelStatus,
)
from oms.outbox.appending import append

_STATUS_OF_CODE = {
    "accepted": ParcelStatus.IN_TRANSIT,
    "in_transit": ParcelStatus.IN_TRANSIT,
    "out_for_delivery": ParcelStatus.OUT_FOR_DELIVERY,
    "delivery_failed": ParcelStatus.DELIVERY_FAILED,
    "delivered": ParcelStatus.DELIVERED,
    "returned_to_sender": ParcelStatus.RETURNED,
    "lost": ParcelStatus.LOST,
}
# Carriers go on scanning after these, so a later scan does not unsay them.
_ARRIVED = frozenset({ParcelStatus.DELIVERED, ParcelStatus.RETURNED})
_FINAL = {
    ParcelStatus.DELIVERED: FulfilmentStatus.DELIVERED,
    ParcelStatus.RETURNED: FulfilmentStatus.RETURNED,
    ParcelStatus.LOST: FulfilmentStatus.LOST,
}


@dataclass(frozen=True, slots=True)
class CarrierScan:
    """One event as the carrier reported it. `code` is one of the carriers' common codes."""

    id: str
    code: str
    at: datetime
    place: str = ""
    text: str = ""


def add_scans(
    session: Session, parcel_id: UUID, scans: Sequence[CarrierScan], *, actor: str
) -> int:
    """Add scans in any order, once each, and return how many were new.

    The parcel follows its newest scan by time; a late one is kept and moves nothing, unless it
    says how the journey ended.
    """
    fulfilment_id = session.exec(select(Parcel.fulfilment_id).where(Parcel.id == parcel_id)).first()
    if fulfilment_id is None:
        raise NotFound(f"there is no parcel {parcel_id}", field="parcel_id")
    fulfilment = queries.locked(session, fulfilment_id)
    parcel = session.get_one(Parcel, parcel_id, populate_existing=True)
    fresh = [scan for scan in scans if _insert(session, parcel_id, scan)]
    for scan in sorted(fresh, key=lambda scan: (scan.at, scan.id)):
        _follow(session, fulfilment, parcel, scan, actor=actor)
    if fresh:
        close_when_all_arrived(session, fulfilment, actor=actor)
    return len(fresh)


def _insert(session: Session, parcel_id: UUID, scan: CarrierScan) -> bool:
    added = session.execute(
        insert(ParcelScan)
        .values(
            parcel_id=parcel_id,
            scan_id=scan.id,
            code=scan.code,
            scanned_at=scan.at,
            place=scan.place,
            text=scan.text,
            received_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(col(ParcelScan.scan_id))
    )
    return added.first() is not None


def _follow(
    session: Session, fulfilment: Fulfilment, parcel: Parcel, scan: CarrierScan, *, actor: str
) -> None:
    to = _STATUS_OF_CODE.get(scan.code)
    late = parcel.last_scan_at is not None and scan.at < parcel.last_scan_at
    if to is None or (late and to not in _ARRIVED):
        return
    parcel.last_scan_at = max(scan.at, parcel.last_scan_at or scan.at)
    if to not in states.NEXT_PARCEL[parcel.status]:
        return
    states.move_parcel(parcel, to)
    record(
        session,
        action=f"parcel.{to.value}",
        subject_type="parcel",
        subject_id=parcel.id,
        order_id=fulfilment.order_id,
        actor=actor,
        facts={"tracking": parcel.tracking_number, "scanned_at": scan.at.isoformat()},
    )
    if to is ParcelStatus.OUT_FOR_DELIVERY:
        append(
            session,
            topic="parcel.out_for_delivery",
            subject_type="parcel",
            subject_id=parcel.id,
            order_id=fulfilment.order_id,
            version=parcel.version,
        )
    if to in (ParcelStatus.LOST, ParcelStatus.RETURNED):
        open_case(
            session,
            kind=ExceptionKind.PARCEL_LOST,
            cause_type="parcel",
            cause_id=parcel.id,
            order_id=fulfilment.order_id,
            detail=f"parcel {parcel.tracking_number} is {to.value}, says the carrier",
            remedy="agree with the customer on a replacement or a refund",
        )


def close_when_all_arrived(session: Session, fulfilment: Fulfilment, *, actor: str) -> None:
    """The fulfilment ends when its last parcel has; the worst fate of a parcel names it.

    Nothing happens before the goods have left. The caller holds the fulfilment's lock.
    """
    session.flush()
    ends = [_FINAL.get(parcel.status) for parcel in queries.live_parcels(session, fulfilment.id)]
    if fulfilment.status is not FulfilmentStatus.HANDED_OVER or None in ends:
        return
    worst = (FulfilmentStatus.LOST, FulfilmentStatus.RETURNED, FulfilmentStatus.DELIVERED)
    end = next(status for status in worst if status in ends)
    states.move(session, fulfilment, end, actor=actor)
    order_status.refresh(session, fulfilment.order_id, event=f"order.{end.value}")
