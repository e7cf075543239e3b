"""Whether a carrier has been told of a manifest, and what it said."""

from uuid import UUID

from sqlmodel import Session, col, select

from oms.audit.recording import record
from oms.errors import NotFound
from oms.fulfilments.manifest_models import Filing, Manifest
from oms.fulfilments.models import Parcel, ParcelStatus
from oms.fulfilments.parcels import ToShip, to_ship
from oms.outbox.live import announce


def owed(session: Session, manifest_id: UUID) -> tuple[Manifest, list[ToShip]] | None:
    """A manifest that its carrier must still be told of, with its parcels; None if it need not."""
    manifest = session.get_one(Manifest, manifest_id)
    if manifest.filing is not Filing.OWED:
        return None
    rows = session.exec(
        select(Parcel)
        .where(Parcel.manifest_id == manifest_id, Parcel.status != ParcelStatus.VOIDED)
        .order_by(col(Parcel.id))
    ).all()
    return manifest, [to_ship(session, parcel) for parcel in rows]


def settled(
    session: Session,
    manifest_id: UUID,
    *,
    reference: str | None = None,
    document: bytes | None = None,
) -> None:
    """The carrier has its list, under this name; without one it wants none."""
    manifest = session.get(Manifest, manifest_id, with_for_update=True, populate_existing=True)
    if manifest is None:
        raise NotFound(f"there is no manifest {manifest_id}", field="manifest_id")
    if manifest.filing is not Filing.OWED:
        return
    manifest.reference, manifest.document = reference, document
    manifest.filing = Filing.FILED if reference else Filing.NONE
    manifest.version += 1
    record(
        session,
        action="manifest.filed" if reference else "manifest.needs_no_filing",
        subject_type="manifest",
        subject_id=manifest.id,
        actor=f"carrier:{manifest.carrier}",
        facts={"reference": reference, "number": manifest.number},
    )
    announce(session, location_id=manifest.location_id)
