"""The customer's page of an order's returns: choose, print the label or bring it, see what became.

Plain forms, no script. The unguessable link is the only key, so its forms need no other proof of
where they come from.
"""

from collections.abc import Callable
from typing import Annotated, Literal
from uuid import UUID

import segno
from fastapi import APIRouter, Form, Path, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from pydantic import Field
from sqlmodel import Session

from api.deps import ItemId, SessionDep
from api.errors import status_of
from api.schemas.base import In
from api.schemas.orders import Text
from api.web.rendering import render
from api.web.return_forms import Count
from oms.errors import Invalid, NotFound, OmsError
from oms.returns import portal
from oms.returns.asking import Wanted
from oms.returns.models import Way
from oms.settings import settings

router = APIRouter(prefix="/return/{token}")

Token = Annotated[str, Path(max_length=64)]


class AskForm(In):
    """What comes back, line by line, and how. Rows without units stay with the customer."""

    line_id: list[UUID] = Field(default_factory=list, max_length=500)
    units: list[Count] = Field(default_factory=list, max_length=500)
    reason: list[Text] = Field(default_factory=list, max_length=500)
    way: Literal["mail", "store"]

    def wanted(self) -> list[Wanted]:
        """The rows with units."""
        if not len(self.line_id) == len(self.units) == len(self.reason):
            raise Invalid("the list is incomplete", field="units", remedy="reload the page")
        rows = zip(self.line_id, self.units, self.reason, strict=True)
        return [
            Wanted(line_id, int(units), reason)
            for line_id, units, reason in rows
            if int(units or 0)
        ]


@router.get("")
def page(token: Token, unit: SessionDep) -> Response:
    """What may come back, and what became of what did."""
    return _page(unit, token)


@router.post("")
def ask(token: Token, form: Annotated[AskForm, Form()], unit: SessionDep) -> Response:
    """Ask for a return."""
    return _said(unit, token, lambda: portal.ask(unit, token, form.wanted(), way=Way(form.way)))


@router.post("/{return_id}/cancel")
def cancel(token: Token, return_id: ItemId, unit: SessionDep) -> Response:
    """The customer keeps the goods."""
    return _said(unit, token, lambda: portal.cancel(unit, token, return_id))


@router.post("/{return_id}/sent")
def sent(token: Token, return_id: ItemId, unit: SessionDep) -> Response:
    """The parcel is with the carrier."""
    return _said(unit, token, lambda: portal.sent(unit, token, return_id))


@router.get("/{return_id}/label.pdf")
def label(token: Token, return_id: ItemId, unit: SessionDep) -> Response:
    """The label, to print."""
    return Response(portal.document(unit, token, return_id), media_type="application/pdf")


def _said(unit: Session, token: str, carry_out: Callable[[], object]) -> Response:
    """Do what the customer said and show the page anew; what is refused leaves nothing behind."""
    try:
        with unit.begin_nested():
            carry_out()
    except NotFound:
        raise
    except OmsError as error:
        unit.expire_all()
        return _page(unit, token, refused=error)
    return RedirectResponse(f"/return/{token}", status_code=303)


def _page(unit: Session, token: str, *, refused: OmsError | None = None) -> Response:
    shown = portal.shown(unit, token)
    # Dark on light whatever the page's colours: scanners read nothing else.
    code = segno.make_qr(f"{settings().public_url}/return/{token}", error="m").svg_inline(
        border=4, light="#ffffff", dark="#000000", svgclass="qr", omitsize=True
    )
    return render(
        "returning/return.html",
        status=status_of(refused) if refused else 200,
        shown=shown,
        path=f"/return/{token}",
        refused=refused,
        qr=Markup(code),  # noqa: S704 - ours
    )
