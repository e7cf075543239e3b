"""The customer's own order over the API, for the shop's app: by the token of their link."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlmodel import Session

from api.deps import ItemId, OrderReader, OrderWriter, SessionDep
from api.schemas.tracking import (
    ArrivedIn,
    CollectorIn,
    DateOfferOut,
    LinkOut,
    MoveToAddressIn,
    MoveToStoreIn,
    OffersOut,
    StoreOfferOut,
    TrackedOut,
    TrimIn,
    out,
)
from oms.customers import collectors, links
from oms.ordering import moving, trimming
from oms.orders import queries as orders
from oms.orders.new_order import NewAddress
from oms.selfservice import answering, offering, showing

router = APIRouter(prefix="/v1", tags=["customer"])

Token = Annotated[str, Path(max_length=64)]


@router.post("/orders/{order_id}/customer-link")
def make_link(order_id: ItemId, session: SessionDep, _who: OrderWriter) -> LinkOut:
    """The link to give to the order's customer, and to nobody else; the same at every call."""
    orders.locked(session, order_id)
    token = links.token_of(session, order_id)
    return LinkOut(url=links.address_of(token), token=token)


@router.get("/track/{token}")
def read(token: Token, session: SessionDep, _who: OrderReader) -> TrackedOut:
    """What the customer's page shows; names nobody but whom the customer named."""
    return out(showing.to_customer(session, token))


@router.get("/track/{token}/offers")
def read_offers(
    token: Token,
    session: SessionDep,
    _who: OrderReader,
    postcode: Annotated[str, Query(max_length=12)] = "",
    country: Annotated[str, Query(max_length=2)] = "",
) -> OffersOut:
    """Other stores near the postcode, and when it would be delivered there."""
    order_id = showing.order_id_of(session, token)
    found = offering.offers(session, order_id, postcode=postcode, country=country)
    return OffersOut(
        stores=[StoreOfferOut.model_validate(one) for one in found.stores],
        dates=[DateOfferOut.model_validate(one) for one in found.dates],
    )


@router.post("/track/{token}/store")
def move_to_store(
    token: Token, body: MoveToStoreIn, session: SessionDep, who: OrderWriter
) -> TrackedOut:
    """Collect it at another store; 409 `not_there` leaves everything as it was."""
    order_id = showing.order_id_of(session, token)
    moving.to_store(session, order_id, store=body.store, actor=who.actor, version=body.version)
    return _read(session, token)


@router.post("/track/{token}/deliver")
def move_to_address(
    token: Token, body: MoveToAddressIn, session: SessionDep, who: OrderWriter
) -> TrackedOut:
    """Have it delivered on a date that is offered now."""
    order = orders.locked(session, showing.order_id_of(session, token))
    orders.require_version(f"order {order.number}", have=order.version, seen=body.version)
    offering.deliver(
        session,
        order.id,
        address=NewAddress(**body.address.model_dump()),
        arrives_on=body.arrives_on,
        actor=who.actor,
    )
    return _read(session, token)


@router.post("/track/{token}/cancel")
def cancel_units(token: Token, body: TrimIn, session: SessionDep, who: OrderWriter) -> TrackedOut:
    """Cancel units that nobody has begun to pick."""
    trimming.cancel_units(
        session,
        showing.order_id_of(session, token),
        {line.line_id: line.units for line in body.lines},
        actor=who.actor,
        reason="cancelled by the customer",
        version=body.version,
    )
    return _read(session, token)


@router.post("/track/{token}/collectors", status_code=201)
def name_collector(
    token: Token, body: CollectorIn, session: SessionDep, who: OrderWriter
) -> TrackedOut:
    """Let somebody else collect; naming them again changes nothing."""
    order = orders.locked(session, showing.order_id_of(session, token))
    collectors.add(session, order.id, name=body.name, actor=who.actor)
    return _read(session, token)


@router.delete("/track/{token}/collectors/{collector_id}")
def remove_collector(
    token: Token, collector_id: ItemId, session: SessionDep, who: OrderWriter
) -> TrackedOut:
    """Let them collect no more."""
    order = orders.locked(session, showing.order_id_of(session, token))
    collectors.remove(session, order.id, collector_id, actor=who.actor)
    return _read(session, token)


@router.post("/track/{token}/arrived")
def arrived(token: Token, body: ArrivedIn, session: SessionDep, who: OrderWriter) -> TrackedOut:
    """Say once whether everything arrived well; what is missing or damaged becomes a case."""
    order_id = showing.order_id_of(session, token)
    answering.answer(session, order_id, body.verdict, note=body.note, actor=who.actor)
    return _read(session, token)


def _read(session: Session, token: str) -> TrackedOut:
    session.flush()
    return out(showing.to_customer(session, token))
