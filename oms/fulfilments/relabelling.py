"""Labels that are printed again, given back, and bought again.

A label is given back with its parcel: the parcel stays, voided, until the carrier has agreed, and
another takes its place with the same articles and a number of its own. So the new label is a new
purchase under a new key and reference, and what was owed to us for the old one is not forgotten.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from oms.audit.recording import record
from oms.errors import Conflict, Invalid, NotFound
from oms.fulfilments import queries, states
from oms.fulfilments.models import (
    Fulfilment,
    FulfilmentStatus,
    Parcel,
    ParcelLine,
    ParcelStatus,
)
from oms.orders.queries import require_version
from oms.outbox.live import announce


@dataclass(frozen=True, slots=True)
class Measured:
    """What the scales and the rule show of a closed box, where it was wrong before."""

    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int


def fetched(
    session: Session, fulfilment: Fulfilment, parcel_id: UUID, *, label_format: str, actor: str
) -> bytes:
    """The bytes of a label, to be printed; each time is counted and kept in the trail."""
    content = queries.label(session, parcel_id, label_format=label_format)
    parcel = session.get_one(Parcel, parcel_id, with_for_update=True, populate_existing=True)
    parcel.prints += 1
    record(
        session,
        action="parcel.label_printed" if parcel.prints == 1 else "parcel.label_reprinted",
        subject_type="parcel",
        subject_id=parcel.id,
        order_id=fulfilment.order_id,
        actor=actor,
        facts={"tracking": parcel.tracking_number, "format": label_format, "time": parcel.prints},
    )
    announce(session, location_id=fulfilment.location_id)
    return content


def give_back(
    session: Session, parcel_id: UUID, *, why: str, actor: str, version: int | None = None
) -> Parcel:
    """Give a label back that will not be used; return the parcel that takes its place.

    Until somebody wants a label for that one, the shipment cannot leave. Raises `Conflict` when
    the parcel has left, has no label, or is on a manifest.
    """
    fulfilment, parcel = _here(session, parcel_id, version=version)
    if parcel.status is not ParcelStatus.LABELLED or parcel.handed_over_at is not None:
        raise Conflict(
            f"parcel {parcel.number} has no label to give back: it is {parcel.status.value}",
            field="parcel_id",
            remedy="give back only what has a label and has not left",
        )
    if parcel.manifest_id is not None:
        raise Conflict(
            f"parcel {parcel.number} is on a manifest, so its label counts as used",
            field="parcel_id",
            remedy="send it, or ask the carrier for the money",
        )
    states.move_parcel(parcel, ParcelStatus.VOIDED)
    parcel.void_owed = True
    instead = _instead_of(session, fulfilment, parcel)
    states.labels_changed(
        session,
        fulfilment,
        event="parcel.label_given_back",
        actor=actor,
        facts={"tracking": parcel.tracking_number, "parcel": parcel.number, "reason": why},
    )
    session.flush()
    return instead


def buy_again(
    session: Session,
    parcel_id: UUID,
    *,
    actor: str,
    measured: Measured | None = None,
    version: int | None = None,
) -> Parcel:
    """Want a label for a parcel whose last one was given back; it is bought within seconds."""
    fulfilment, parcel = _here(session, parcel_id, version=version)
    if parcel.status is not ParcelStatus.PACKED or parcel.label_wanted:
        raise Conflict(
            f"parcel {parcel.number} is {parcel.status.value} and needs no other label",
            field="parcel_id",
            remedy="give its label back first"
            if parcel.status is ParcelStatus.LABELLED
            else "wait for the label that is being bought",
        )
    if measured is not None:
        _measure(parcel, measured)
    parcel.label_wanted = True
    states.labels_changed(
        session,
        fulfilment,
        event="parcel.label_wanted",
        actor=actor,
        facts={"parcel": parcel.number, "weight_g": parcel.weight_g},
    )
    session.flush()
    return parcel


def _here(session: Session, parcel_id: UUID, *, version: int | None) -> tuple[Fulfilment, Parcel]:
    """The parcel and its shipment, locked, while it is packed and still in the house."""
    fulfilment_id = session.exec(select(Parcel.fulfilment_id).where(Parcel.id == parcel_id)).first()
    if fulfilment_id is None:
        raise NotFound(f"there is no parcel {parcel_id}", field="parcel_id")
    fulfilment = queries.locked(session, fulfilment_id)
    require_version(f"fulfilment {fulfilment.number}", have=fulfilment.version, seen=version)
    if fulfilment.status is not FulfilmentStatus.PACKED:
        raise Conflict(
            f"fulfilment {fulfilment.number} is {fulfilment.status.value}, so its labels stay",
            field="status",
            remedy="labels change while a shipment is packed and still here",
        )
    parcel = session.get_one(Parcel, parcel_id, with_for_update=True, populate_existing=True)
    return fulfilment, parcel


def _instead_of(session: Session, fulfilment: Fulfilment, parcel: Parcel) -> Parcel:
    numbers = [one.number for one in queries.parcels(session, fulfilment.id)]
    instead = Parcel(
        fulfilment_id=fulfilment.id,
        number=max(numbers) + 1,
        weight_g=parcel.weight_g,
        length_mm=parcel.length_mm,
        width_mm=parcel.width_mm,
        height_mm=parcel.height_mm,
        box_code=parcel.box_code,
        label_wanted=False,
        replaces=parcel.number,
    )
    session.add(instead)
    session.flush()
    session.add_all(
        ParcelLine(parcel_id=instead.id, line_id=line.line_id, quantity=line.quantity)
        for line in session.exec(
            select(ParcelLine)
            .where(ParcelLine.parcel_id == parcel.id)
            .order_by(col(ParcelLine.line_id))
        ).all()
    )
    return instead


def _measure(parcel: Parcel, measured: Measured) -> None:
    given = (measured.weight_g, measured.length_mm, measured.width_mm, measured.height_mm)
    if min(given) <= 0:
        raise Invalid(
            "weight and dimensions must be above zero",
            field="weight_g",
            remedy="weigh and measure the closed box",
        )
    parcel.weight_g, parcel.length_mm, parcel.width_mm, parcel.height_mm = given
