"""A label as a file to print."""

from typing import Literal
from uuid import UUID

from fastapi import Response
from sqlmodel import Session

from oms.errors import NotFound
from oms.fulfilments import queries
from oms.fulfilments.models import Fulfilment, Parcel

_MEDIA_TYPES = {"pdf": "application/pdf", "zpl": "application/octet-stream"}


def label_file(
    session: Session, fulfilment: Fulfilment, *, parcel_id: UUID, kind: Literal["pdf", "zpl"]
) -> Response:
    """The label of one parcel of this fulfilment; `NotFound` for any other parcel."""
    parcel = session.get(Parcel, parcel_id)
    if parcel is None or parcel.fulfilment_id != fulfilment.id:
        raise NotFound(
            f"this shipment has no parcel {parcel_id}",
            field="parcel_id",
            remedy="open the shipment again and use its own link",
        )
    name = f"label-{fulfilment.number}-{parcel.number}.{kind}"
    return Response(
        queries.label(session, parcel_id, label_format=kind),
        media_type=_MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
