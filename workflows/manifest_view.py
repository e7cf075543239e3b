"""A manifest as its workflow sees it."""

from uuid import UUID

from sqlmodel import Session

from oms.errors import NotFound
from oms.fulfilments.manifest_models import Filing, Manifest
from oms.locations.models import Location
from workflows.messages import View


def manifest(session: Session, manifest_id: UUID) -> View:
    """A closed list: its carrier must be told, or has been, or wants none."""
    row = session.get(Manifest, manifest_id)
    if row is None:
        raise NotFound(f"there is no manifest {manifest_id}", field="manifest_id")
    place = session.get_one(Location, row.location_id)
    owed = row.filing is Filing.OWED
    told = {Filing.OWED: "must be filed", Filing.FILED: f"filed as {row.reference}"}
    return View(
        stage=row.filing.value,
        version=row.version,
        closed=not owed,
        details=f"Manifest {row.number} of **{row.carrier}** at {place.name} ({place.code}),"
        f" {row.parcels} parcel(s): {told.get(row.filing, 'the carrier wants none')}",
        attributes={
            "OmsStage": row.filing.value,
            "OmsKind": "manifest",
            "OmsLocation": place.code,
            "OmsExternalRef": str(row.number),
        },
        owed=["file_manifest"] if owed else [],
    )


def summary(session: Session, row: Manifest) -> str:
    """One line that tells a manifest from the others."""
    place = session.get_one(Location, row.location_id)
    return f"Manifest {row.number} · {row.carrier} · {place.name}"
