"""The end of a carrier's day at a location: what it takes is listed, closed once, handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict, NotFound
from oms.fulfilments import handing_over, queries
from oms.fulfilments.manifest_models import Manifest
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel, ParcelStatus
from oms.outbox.appending import append
from oms.outbox.live import announce

_LEFT_WITHIN: Final = timedelta(hours=24)
"""A parcel that left before its list was closed is still listed for so long."""
_NOT_TO_GO: Final = (ParcelStatus.PACKED, ParcelStatus.VOIDED)


@dataclass(frozen=True, slots=True)
class Due:
    """What a carrier would take if its list were closed now."""

    carrier: str
    parcels: int
    weight_g: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One parcel of a manifest."""

    parcel_id: UUID
    fulfilment_id: UUID
    shipment: int
    number: int
    tracking_number: str
    service: str
    weight_g: int
    handed_over: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a hand-over: shipments that left whole, and those that wait for the rest."""

    left: tuple[int, ...]
    waiting: tuple[int, ...]


def due(session: Session, location_id: UUID) -> list[Due]:
    """What each carrier has to take and is on no manifest yet, by carrier."""
    found: dict[str, list[Parcel]] = {}
    for parcel in session.exec(select(Parcel).join(Fulfilment).where(*_open_at(location_id))):
        found.setdefault(parcel.carrier or "", []).append(parcel)
    return [
        Due(carrier, len(found[carrier]), sum(one.weight_g for one in found[carrier]))
        for carrier in sorted(found)
    ]


def close(session: Session, location_id: UUID, *, carrier: str, actor: str) -> Manifest:
    """List every parcel that this carrier has to take. Each is listed once; later ones come next.

    Raises `Conflict` when there is nothing to list.
    """
    parcels = session.exec(
        select(Parcel)
        .join(Fulfilment)
        .where(*_open_at(location_id), Parcel.carrier == carrier)
        .order_by(col(Parcel.id))
        .with_for_update(of=Parcel)
        .execution_options(populate_existing=True)
    ).all()
    if not parcels:
        raise Conflict(
            f"{carrier} has no parcel to take that is on no manifest yet",
            field="carrier",
            remedy="close its list when labels are bought; name the carrier as the parcels do",
        )
    manifest = Manifest(
        location_id=location_id,
        carrier=carrier,
        parcels=len(parcels),
        weight_g=sum(parcel.weight_g for parcel in parcels),
        closed_at=clock.now(),
        closed_by=actor,
    )
    session.add(manifest)
    session.flush()
    for parcel in parcels:
        parcel.manifest_id = manifest.id
    _tell(session, manifest, "manifest.closed", actor=actor, facts={"parcels": len(parcels)})
    append(
        session,
        topic="manifest.closed",
        subject_type="manifest",
        subject_id=manifest.id,
        version=manifest.version,
    )
    return manifest


def hand_over(session: Session, manifest_id: UUID, *, location_id: UUID, actor: str) -> Taken:
    """The carrier has taken everything on the list; shipments of which all has left are shipped."""
    manifest = one(session, manifest_id, location_id=location_id, locked=True)
    if manifest.handed_over_at is not None:
        raise Conflict(
            f"manifest {manifest.number} has been handed over",
            field="manifest_id",
            remedy="close a new one for later parcels",
        )
    manifest.handed_over_at, manifest.handed_over_by = clock.now(), actor
    taken = _taken(session, [row.parcel_id for row in listed(session, manifest)], actor=actor)
    facts = {"parcels": manifest.parcels}
    _tell(session, manifest, "manifest.handed_over", actor=actor, facts=facts)
    return taken


def take(session: Session, shown: str, *, location_id: UUID, actor: str) -> Taken:
    """The carrier has taken the parcel whose label was scanned. Scanning it again is harmless."""
    number = shown.strip()
    parcel_id = session.exec(
        select(Parcel.id)
        .join(Fulfilment)
        .where(
            Fulfilment.location_id == location_id,
            Parcel.tracking_number == number,
            col(Parcel.status).not_in(_NOT_TO_GO),
        )
    ).first()
    if not number or parcel_id is None:
        raise NotFound(
            f"no parcel with the label {number!r} leaves from here",
            field="shown",
            remedy="scan the tracking number on the label; a label that was given back is void",
        )
    return _taken(session, [parcel_id], actor=actor)


def of_location(session: Session, location_id: UUID, *, limit: int = 30) -> Sequence[Manifest]:
    """Its manifests, the newest first."""
    return session.exec(
        select(Manifest)
        .where(Manifest.location_id == location_id)
        .order_by(col(Manifest.closed_at).desc(), col(Manifest.number).desc())
        .limit(limit)
    ).all()


def one(
    session: Session, manifest_id: UUID, *, location_id: UUID, locked: bool = False
) -> Manifest:
    """One manifest of this location; another's is not found."""
    row = session.get(Manifest, manifest_id, with_for_update=locked, populate_existing=True)
    if row is None or row.location_id != location_id:
        raise NotFound(
            f"there is no manifest {manifest_id} in this location",
            field="manifest_id",
            remedy="read the list again",
        )
    return row


def listed(session: Session, manifest: Manifest) -> list[Listed]:
    """The parcels of a manifest by shipment and number, but for those called off since."""
    rows = session.exec(
        select(Parcel, Fulfilment.number)
        .join(Fulfilment, col(Fulfilment.id) == Parcel.fulfilment_id)
        .where(Parcel.manifest_id == manifest.id, Parcel.status != ParcelStatus.VOIDED)
        .order_by(col(Fulfilment.number), col(Parcel.number))
        .execution_options(populate_existing=True)
    ).all()
    return [
        Listed(
            parcel_id=parcel.id,
            fulfilment_id=parcel.fulfilment_id,
            shipment=shipment or 0,
            number=parcel.number,
            tracking_number=parcel.tracking_number or "",
            service=parcel.service or "",
            weight_g=parcel.weight_g,
            handed_over=parcel.handed_over_at is not None,
        )
        for parcel, shipment in rows
    ]


def form(manifest: Manifest) -> bytes:
    """The carrier's own form of a manifest."""
    if manifest.document is None:
        raise NotFound(
            f"{manifest.carrier} has made no form of manifest {manifest.number}",
            field="manifest_id",
            remedy="print our list; a carrier that makes forms sends its own within a minute",
        )
    return manifest.document


def _open_at(location_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """Parcels of a location that have a label and are on no manifest."""
    since = clock.now() - _LEFT_WITHIN
    return (
        col(Fulfilment.location_id) == location_id,
        col(Fulfilment.status).in_((FulfilmentStatus.PACKED, FulfilmentStatus.HANDED_OVER)),
        col(Parcel.status).not_in(_NOT_TO_GO),
        col(Parcel.manifest_id).is_(None),
        or_(col(Parcel.handed_over_at).is_(None), col(Parcel.handed_over_at) > since),
    )


def _taken(session: Session, parcel_ids: Sequence[UUID], *, actor: str) -> Taken:
    """These parcels have left; a shipment goes with its last one."""
    owners = session.exec(
        select(Fulfilment)
        .join(Parcel)
        .where(col(Parcel.id).in_(parcel_ids))
        .order_by(col(Fulfilment.order_id), col(Fulfilment.id))
        .distinct()
    ).all()
    left, waiting = [], []
    for owner in owners:
        fulfilment = queries.locked(session, owner.id)
        parcels = queries.live_parcels(session, fulfilment.id)
        for parcel in parcels:
            if parcel.id in parcel_ids and parcel.handed_over_at is None:
                parcel.handed_over_at = clock.now()
        if fulfilment.status is not FulfilmentStatus.PACKED:
            continue
        session.flush()
        if all(parcel.handed_over_at for parcel in parcels):
            handing_over.to_carrier(session, fulfilment.id, actor=actor)
            left.append(fulfilment.number or 0)
        else:
            waiting.append(fulfilment.number or 0)
        announce(session, location_id=fulfilment.location_id)
    return Taken(tuple(left), tuple(waiting))


def _tell(
    session: Session, manifest: Manifest, action: str, *, actor: str, facts: dict[str, int]
) -> None:
    record(
        session,
        action=action,
        subject_type="manifest",
        subject_id=manifest.id,
        actor=actor,
        facts={"carrier": manifest.carrier, "number": manifest.number} | facts,
    )
    announce(session, location_id=manifest.location_id)
