"""The customer's page of a pickup: where, until when, the code to show, and "I'm here" by car.

Plain forms, no script: it opens on whatever telephone stands in a car park. The unguessable link
is the only key, so its forms need no other proof of where they come from. Each store's customers
are spoken to as their order or their browser says.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from pydantic import AwareDatetime
from sqlmodel import Session, col, select

from api.deps import SessionDep
from api.schemas.base import In
from api.schemas.curbside import HereIn, OnMyWayIn
from api.web.customer_pages import (
    Accepted,
    Chosen,
    Token,
    carried_out,
    gone,
    paced,
    show,
    spoken,
    status_for,
    switched,
    wording_of,
)
from oms.customers import links
from oms.errors import NotFound, OmsError
from oms.languages.speech import Speech, choose
from oms.orders.models import Order
from oms.pickup import arrivals, showing, slots
from oms.pickup.arrivals import CUSTOMER, Car
from oms.pickup.models import Pickup

router = APIRouter(prefix="/collect/{token}", dependencies=[Depends(paced)])


class SlotForm(In):
    """The beginning of a slot; nothing gives the slot back."""

    starts_at: AwareDatetime | None = None


@router.get("")
def collect(
    token: Token, unit: SessionDep, chosen: Chosen = "", accepted: Accepted = ""
) -> Response:
    """Show a waiting pickup to whoever has its unguessable link."""
    return _page(unit, token, _speech(unit, token, chosen, accepted))


@router.get("/language")
def language(token: Token, to: Annotated[str, Query(max_length=2)]) -> Response:
    """Speak another language from now on."""
    return switched(to, RedirectResponse(f"/collect/{token}", status_code=303))


@router.post("/on-my-way")
def on_my_way(
    token: Token,
    form: Annotated[OnMyWayIn, Form()],
    unit: SessionDep,
    chosen: Chosen = "",
    accepted: Accepted = "",
) -> Response:
    """The customer sets out."""
    speech = _speech(unit, token, chosen, accepted)
    return _said(unit, token, speech, lambda: arrivals.on_my_way(unit, token, minutes=form.minutes))


@router.post("/here")
def here(
    token: Token,
    form: Annotated[HereIn, Form()],
    unit: SessionDep,
    chosen: Chosen = "",
    accepted: Accepted = "",
) -> Response:
    """The customer is at the store."""
    car = Car(**form.model_dump())
    speech = _speech(unit, token, chosen, accepted)
    return _said(unit, token, speech, lambda: arrivals.here(unit, token, car))


@router.post("/slot")
def slot(
    token: Token,
    form: Annotated[SlotForm, Form()],
    unit: SessionDep,
    chosen: Chosen = "",
    accepted: Accepted = "",
) -> Response:
    """Book a slot, or give it back."""
    speech = _speech(unit, token, chosen, accepted)
    return _said(unit, token, speech, lambda: _book(unit, token, form.starts_at))


def _book(unit: Session, token: str, starts_at: datetime | None) -> None:
    showing.to_customer(unit, token)  # a link that is over books nothing
    order_id = unit.exec(select(Pickup.order_id).where(Pickup.qr_token == token)).one()
    if starts_at is None:
        slots.release(unit, order_id, actor=CUSTOMER)
    else:
        slots.reserve(unit, order_id, starts_at=starts_at, actor=CUSTOMER)


def _said(unit: Session, token: str, speech: Speech, carry_out: Callable[[], object]) -> Response:
    """Do what the customer said and show the page anew; what is refused leaves nothing behind."""
    try:
        refused = carried_out(unit, carry_out)
    except NotFound:
        return gone(speech)
    if refused is not None:
        return _page(unit, token, speech, refused=refused)
    return RedirectResponse(f"/collect/{token}", status_code=303)


def _page(
    unit: Session, token: str, speech: Speech, *, refused: OmsError | None = None
) -> Response:
    try:
        shown = showing.to_customer(unit, token)
    except NotFound:
        return gone(speech)
    # Dark on light whatever the page's colours: scanners read nothing else.
    code = segno.make_qr(shown.qr_token, error="m").svg_inline(
        border=4, light="#ffffff", dark="#000000", svgclass="qr", omitsize=True
    )
    store = shown.store
    return show(
        "collecting/collect.html",
        speech,
        status=status_for(refused),
        at=f"/collect/{token}",
        shown=shown,
        address=speech.address(
            street=store.street,
            city=store.city,
            region=store.region,
            postcode=store.postcode,
            country=store.country,
        ),
        order_token=links.token_of(unit, _order(unit, token).id),
        refused=wording_of(refused, speech),
        qr=Markup(code),  # noqa: S704 - ours
    )


def _order(unit: Session, token: str) -> Order:
    return unit.exec(
        select(Order).join(Pickup, col(Pickup.order_id) == Order.id).where(Pickup.qr_token == token)
    ).one()


def _speech(unit: Session, token: str, chosen: str, accepted: str) -> Speech:
    try:
        store = showing.to_customer(unit, token).store
    except NotFound:
        return spoken(chosen, accepted)
    known = _order(unit, token).locale
    return choose(chosen, known, accept_language=accepted, country=store.country)
