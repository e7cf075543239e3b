"""The customer's page of an order, by its unguessable link: where it is, and what may change.

Plain forms, no script. The link is the only key, so its forms need no other proof of where they
come from; what it shows names nobody but whom the customer named.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import Field
from sqlmodel import Session, select

from api.deps import SessionDep
from api.schemas.base import In
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
from oms.customers import collectors
from oms.errors import NotFound, OmsError
from oms.fulfilments.arrival_models import Verdict
from oms.languages.speech import Speech
from oms.locations.models import Location
from oms.ordering import moving, trimming
from oms.orders import queries as orders
from oms.orders.new_order import NewAddress
from oms.pickup.arrivals import CUSTOMER
from oms.selfservice import answering, offering, showing
from oms.selfservice.offering import Offers
from oms.selfservice.showing import Shown

router = APIRouter(prefix="/order/{token}", dependencies=[Depends(paced)])

_NO_OFFERS: Final = Offers((), ())


class SeenForm(In):
    """The version of the order on which the customer decided."""

    version: Annotated[int, Field(gt=0)]


class StoreForm(SeenForm):
    """Where to collect instead."""

    store: Annotated[str, Field(min_length=1, max_length=40)]


class DeliverForm(SeenForm):
    """Where to, and on which of the dates that were offered."""

    arrives_on: date
    name: Annotated[str, Field(min_length=1, max_length=120)]
    street: Annotated[str, Field(min_length=1, max_length=200)]
    city: Annotated[str, Field(min_length=1, max_length=120)]
    region: Annotated[str, Field(max_length=60)] = ""
    postcode: Annotated[str, Field(min_length=1, max_length=12)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class CancelForm(SeenForm):
    """So many units of these lines."""

    line: list[UUID] = Field(default_factory=list, max_length=500)
    units: list[Annotated[int, Field(ge=0, le=100_000)]] = Field(
        default_factory=list, max_length=500
    )


class NameForm(In):
    """Who else may collect."""

    name: Annotated[str, Field(max_length=200)] = ""


class ArrivedForm(In):
    """Whether everything arrived well."""

    verdict: Verdict
    note: Annotated[str, Field(max_length=answering.LONGEST)] = ""


@router.get("")
def page(token: Token, unit: SessionDep, chosen: Chosen = "", accepted: Accepted = "") -> Response:
    """Show the order."""
    return _order(unit, token, _speech(unit, token, chosen, accepted))


@router.get("/language")
def language(token: Token, to: Annotated[str, Query(max_length=2)]) -> Response:
    """Speak another language from now on."""
    return switched(to, RedirectResponse(f"/order/{token}", status_code=303))


@router.get("/move")
def move(
    token: Token,
    unit: SessionDep,
    postcode: Annotated[str, Query(max_length=12)] = "",
    country: Annotated[str, Query(max_length=2)] = "",
    chosen: Chosen = "",
    accepted: Accepted = "",
) -> Response:
    """Where else it could go, and when it would be there."""
    speech = _speech(unit, token, chosen, accepted)
    return _move(unit, token, speech, postcode=postcode, country=country)


@router.post("/store")
def to_store(
    token: Token,
    form: Annotated[StoreForm, Form()],
    unit: SessionDep,
    chosen: Chosen = "",
    accepted: Accepted = "",
) -> Response:
    """Collect it at another store."""
    speech = _speech(unit, token, chosen, accepted)

    def act(order_id: UUID) -> object:
        return moving.to_store(
            unit, order_id, store=form.store, actor=CUSTOMER, version=form.version
        )

    return _asked(unit, token, speech, act, otherwise=_move)


@router.post("/deliver")
def deliver(
    token: Token,
    form: Annotated[DeliverForm, Form()],
    unit: SessionDep,
    chosen: Chosen = "",
    accepted: Accepted = "",
) -> Response:
    """Have it delivered."""
    speech = _speech(unit, token, chosen, accepted)
    address = NewAddress(**form.model_dump(exclude={"arrives_on", "version"}))

    def act(order_id: UUID) -> object:
        order = orders.locked(unit, order_id)
        orders.require_version(f"order {order.number}", have=order.version, seen=form.version)
        return offering.deliver(
            unit, order_id, address=address, arrives_on=form.arrives_on, actor=CUSTOMER
        )

    def otherwise(unit: Session, token: str, speech: Speech, **facts: Any) -> Response:
        return _move(unit, token, speech, postcode=form.postcode, country=form.country, **facts)

    return _asked(unit, token, speech, act, otherwise=otherwise)


@router.post("/cancel")
def cancel(
    token: Token,
    form: Annotated[CancelForm, Form()],
    unit: SessionDep,
    chosen: Chosen = "",
    accepted: Accepted = "",
) -> Response:
    """Cancel what nobody has begun to pick."""
    wished = dict(zip(form.line, form.units, strict=False))

    def act(order_id: UUID) -> object:
        return trimming.cancel_units(
            unit,
            order_id,
            wished,
            actor=CUSTOMER,
            reason="cancelled by the customer",
            version=form.version,
        )

    return _asked(unit, token, _speech(unit, token, chosen, accepted), act)


@router.post("/collectors")
def name_collector(
    token: Token,
    form: Annotated[NameForm, Form()],
    unit: SessionDep,
    chosen: Chosen = "",
    accepted: Accepted = "",
) -> Response:
    """Let somebody else collect."""

    def act(order_id: UUID) -> object:
        orders.locked(unit, order_id)
        return collectors.add(unit, order_id, name=form.name, actor=CUSTOMER)

    return _asked(unit, token, _speech(unit, token, chosen, accepted), act)


@router.post("/collectors/{collector_id}/remove")
def remove_collector(
    token: Token, collector_id: UUID, unit: SessionDep, chosen: Chosen = "", accepted: Accepted = ""
) -> Response:
    """Let them collect no more."""

    def act(order_id: UUID) -> object:
        orders.locked(unit, order_id)
        collectors.remove(unit, order_id, collector_id, actor=CUSTOMER)
        return None

    return _asked(unit, token, _speech(unit, token, chosen, accepted), act)


@router.post("/arrived")
def arrived(
    token: Token,
    form: Annotated[ArrivedForm, Form()],
    unit: SessionDep,
    chosen: Chosen = "",
    accepted: Accepted = "",
) -> Response:
    """Say whether everything arrived well."""

    def act(order_id: UUID) -> object:
        return answering.answer(unit, order_id, form.verdict, note=form.note, actor=CUSTOMER)

    return _asked(unit, token, _speech(unit, token, chosen, accepted), act)


def _asked(
    unit: Session,
    token: str,
    speech: Speech,
    act: Callable[[UUID], object],
    *,
    otherwise: Callable[..., Response] | None = None,
) -> Response:
    """Do what was asked and show the order anew, or say in the customer's words why not."""
    try:
        order_id = showing.order_id_of(unit, token)
        refused = carried_out(unit, lambda: act(order_id))
    except NotFound:
        return gone(speech)
    if refused is None:
        return RedirectResponse(f"/order/{token}", status_code=303)
    return (otherwise or _order)(unit, token, speech, refused=refused)


def _order(
    unit: Session, token: str, speech: Speech, *, refused: OmsError | None = None
) -> Response:
    try:
        shown = showing.to_customer(unit, token)
    except NotFound:
        return gone(speech)
    return show(
        "customer/order.html",
        speech,
        status=status_for(refused),
        at=f"/order/{token}",
        shown=shown,
        address_of=lambda store: _address(store, speech),
        most_collectors=collectors.MOST,
        refused=wording_of(refused, speech),
        done=None,
    )


def _move(
    unit: Session,
    token: str,
    speech: Speech,
    *,
    postcode: str = "",
    country: str = "",
    refused: OmsError | None = None,
) -> Response:
    try:
        shown = showing.to_customer(unit, token)
    except NotFound:
        return gone(speech)
    countries = sorted(set(unit.exec(select(Location.country).where(Location.active))))
    there = country.upper() if country.upper() in countries else _here(shown, countries)
    offers = _NO_OFFERS
    try:
        offers = offering.offers(unit, shown.order_id, postcode=postcode, country=there)
    except OmsError as error:  # a postcode that is none, or an article that is sold no more
        refused = refused or error
    return show(
        "customer/move.html",
        speech,
        status=status_for(refused),
        shown=shown,
        offers=offers,
        postcode=postcode.strip(),
        country=there,
        countries=countries,
        refused=wording_of(refused, speech),
    )


def _here(shown: Shown, countries: list[str]) -> str:
    """The country to begin with: the store's, else any of ours."""
    if shown.store is not None:
        return shown.store.country
    return countries[0] if countries else ""


def _speech(unit: Session, token: str, chosen: str, accepted: str) -> Speech:
    try:
        return showing.speech_for(unit, token, asked=chosen, accept_language=accepted)
    except NotFound:
        return spoken(chosen, accepted)


def _address(store: Location, speech: Speech) -> tuple[str, ...]:
    return speech.address(
        street=store.street,
        city=store.city,
        region=store.region,
        postcode=store.postcode,
        country=store.country,
    )
