"""The manifest: every parcel that a carrier takes, with barcodes, and a line to sign."""

from collections.abc import Sequence
from typing import Final

from api.paper.sheet import MARGIN, Paper
from api.web.formats import local, units, weight
from oms.fulfilments.manifest_models import Manifest
from oms.fulfilments.manifests import Listed
from oms.locations.models import Location

_ROW: Final = 42


def manifest_list(manifest: Manifest, place: Location, parcels: Sequence[Listed]) -> bytes:
    """The list as PDF, on the paper of the location's country."""
    closed = local(manifest.closed_at, place.time_zone)
    weighs = weight(sum(parcel.weight_g for parcel in parcels))
    told = f"{units(len(parcels), thing='parcel')}, {weighs}"

    def head(paper: Paper) -> float:
        edge = paper.width - MARGIN
        paper.text(
            f"Manifest {manifest.number} · {manifest.carrier}",
            x=MARGIN,
            y=60,
            size=18,
            bold=True,
            width=paper.inner * 0.7,
        )
        paper.text(f"page {paper.page}", x=edge, y=60, right=True)
        paper.text(
            f"{place.name}, {place.street}, {place.postcode} {place.city}, {place.country}",
            x=MARGIN,
            y=78,
        )
        paper.text(f"{told} · closed {closed}", x=MARGIN, y=94)
        paper.rule(104)
        return 104

    paper = Paper(title=f"Manifest {manifest.number}", country=place.country, head=head)
    for at, parcel in enumerate(parcels, start=1):
        paper.room(_ROW)
        _row(paper, at, parcel)
        paper.y += _ROW
    paper.room(90)
    for row, asked in enumerate(("Driver", "Signature, date and time")):
        y = paper.y + 34 + 34 * row
        paper.text(asked, x=MARGIN, y=y, size=9)
        paper.rule(y + 4)
    return paper.content()


def _row(paper: Paper, at: int, parcel: Listed) -> None:
    y = paper.y
    paper.text(f"{at}", x=MARGIN + 22, y=y + 18, bold=True, right=True)
    paper.text(f"Shipment {parcel.shipment}-{parcel.number}", x=MARGIN + 34, y=y + 18, width=150)
    paper.text(
        f"{parcel.service.replace('_', ' ')} · {weight(parcel.weight_g)}",
        x=MARGIN + 34,
        y=y + 32,
        size=9,
        width=150,
    )
    left = MARGIN + 200
    width = paper.width - MARGIN - left
    paper.barcode(parcel.tracking_number, x=left, y=y + 6, width=width, height=20)
    paper.text(parcel.tracking_number, x=left, y=y + 36, size=9, width=width)
    paper.rule(y + _ROW, thickness=0.3)
