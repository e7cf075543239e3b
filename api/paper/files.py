"""Labels and slips as files to print."""

from typing import Literal
from uuid import UUID

from fastapi import Response
from sqlmodel import Session

from api.paper.printing import slip_pdf
from oms.fulfilments import relabelling, ship_queue, slips
from oms.fulfilments.models import Fulfilment

_MEDIA_TYPES = {"pdf": "application/pdf", "zpl": "application/octet-stream"}


def label_file(
    session: Session,
    fulfilment: Fulfilment,
    *,
    parcel_id: UUID,
    kind: Literal["pdf", "zpl"],
    actor: str,
) -> Response:
    """The label of one parcel of this fulfilment; `NotFound` for any other parcel."""
    parcel = ship_queue.parcel(session, fulfilment, parcel_id)
    name = f"label-{fulfilment.number}-{parcel.number}.{kind}"
    return Response(
        relabelling.fetched(session, fulfilment, parcel_id, label_format=kind, actor=actor),
        media_type=_MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def slip_file(
    session: Session, fulfilment: Fulfilment, *, parcel_id: UUID, prices: bool
) -> Response:
    """The packing slip of one parcel of this fulfilment."""
    parcel = ship_queue.parcel(session, fulfilment, parcel_id)
    slip = slips.of_parcel(session, fulfilment, parcel)
    return pdf_file(slip_pdf(slip, prices=prices), f"slip-{fulfilment.number}-{parcel.number}")


def pdf_file(content: bytes, name: str) -> Response:
    """A PDF under its name."""
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'},
    )
