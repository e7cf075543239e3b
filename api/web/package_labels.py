"""Labels for the packages of a pickup: a page to print, with a QR code for each package.

The code names the package and nothing else: neither customer nor goods can be read from it.
"""

from uuid import UUID

import segno
from fastapi import Response
from markupsafe import Markup
from sqlmodel import Session

from api.web.rendering import render
from oms.locations.models import Location
from oms.pickup import queries, queue, staging


def label_sheet(session: Session, pickup_id: UUID, store: Location) -> Response:
    """The labels of all packages of a pickup."""
    pickup = queries.one(session, pickup_id, location_id=store.id)
    there = staging.packages(session, [pickup.id]).get(pickup.id, ())
    return render(
        "store/package_labels.html",
        store=store,
        item=queue.item(session, pickup.id, location_id=store.id),
        packages=[(one, _qr(one.code)) for one in there],
    )


def _qr(code: str) -> Markup:
    """Dark on light whatever the page's colours: scanners read nothing else."""
    drawn = segno.make_qr(code, error="m").svg_inline(
        border=4, light="#ffffff", dark="#000000", svgclass="qr", omitsize=True
    )
    return Markup(drawn)  # noqa: S704 - ours
