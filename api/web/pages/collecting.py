"""The customer's page of a pickup: where, until when, the code to show, and "I'm here" by car.

Plain forms, no script: it opens on whatever telephone stands in a car park. The unguessable link
is the only key, so its forms need no other proof of where they come from.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import segno
from fastapi import APIRouter, Form, Path, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from pydantic import AwareDatetime
from sqlmodel import Session, select

from api.deps import SessionDep
from api.errors import status_of
from api.schemas.base import In
from api.schemas.curbside import HereIn, OnMyWayIn
from api.web.rendering import render
from oms.errors import NotFound, OmsError
from oms.pickup import arrivals, showing, slots
from oms.pickup.arrivals import CUSTOMER, Car
from oms.pickup.models import Pickup

router = APIRouter(prefix="/collect/{token}")

Token = Annotated[str, Path(max_length=64)]


class SlotForm(In):
    """The beginning of a slot; nothing gives the slot back."""

    starts_at: AwareDatetime | None = None


@router.get("")
def collect(token: Token, unit: SessionDep) -> Response:
    """Show a waiting pickup to whoever has its unguessable link."""
    return _page(unit, token)


@router.post("/on-my-way")
def on_my_way(token: Token, form: Annotated[OnMyWayIn, Form()], unit: SessionDep) -> Response:
    """The customer sets out."""
    return _said(unit, token, lambda: arrivals.on_my_way(unit, token, minutes=form.minutes))


@router.post("/here")
def here(token: Token, form: Annotated[HereIn, Form()], unit: SessionDep) -> Response:
    """The customer is at the store."""
    car = Car(**form.model_dump())
    return _said(unit, token, lambda: arrivals.here(unit, token, car))


@router.post("/slot")
def slot(token: Token, form: Annotated[SlotForm, Form()], unit: SessionDep) -> Response:
    """Book a slot, or give it back."""
    return _said(unit, token, lambda: _book(unit, token, form.starts_at))


def _book(unit: Session, token: str, starts_at: datetime | None) -> None:
    showing.to_customer(unit, token)  # a link that is over books nothing
    order_id = unit.exec(select(Pickup.order_id).where(Pickup.qr_token == token)).one()
    if starts_at is None:
        slots.release(unit, order_id, actor=CUSTOMER)
    else:
        slots.reserve(unit, order_id, starts_at=starts_at, actor=CUSTOMER)


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
    return RedirectResponse(f"/collect/{token}", status_code=303)


def _page(unit: Session, token: str, *, refused: OmsError | None = None) -> Response:
    shown = showing.to_customer(unit, token)
    # Dark on light whatever the page's colours: scanners read nothing else.
    code = segno.make_qr(shown.qr_token, error="m").svg_inline(
        border=4, light="#ffffff", dark="#000000", svgclass="qr", omitsize=True
    )
    return render(
        "collecting/collect.html",
        status=status_of(refused) if refused else 200,
        shown=shown,
        refused=refused,
        qr=Markup(code),  # noqa: S704 - ours
    )
