"""The customer's page of a pickup: where, until when, and the code to show at the counter."""

import segno
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.deps import SessionDep
from api.web.rendering import render
from oms.pickup import showing

router = APIRouter()


@router.get("/collect/{token}")
def collect(token: str, unit: SessionDep) -> HTMLResponse:
    """Show a waiting pickup to whoever has its unguessable link."""
    shown = showing.to_customer(unit, token)
    # Dark on light whatever the page's colours: scanners read nothing else.
    code = segno.make_qr(shown.qr_token, error="m").svg_inline(
        border=4, light="#ffffff", dark="#000000", svgclass="qr", omitsize=True
    )
    return render("collecting/collect.html", shown=shown, qr=Markup(code))  # noqa: S704 - ours
