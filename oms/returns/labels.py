"""The label of a returning parcel, what its carrier says of it, and who pays for it.

Buying is the worker's business, outside any transaction: the service is chosen and written down,
then bought under the return's own id, then attached. Any of it may be repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
from sqlmodel import Session, select

from oms import clock
from oms.catalogue import queries as catalogue
from oms.customers.models import Address, Customer
from oms.errors import Conflict, NotFound
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.returns import queries, states
from oms.returns.models import Return, ReturnLabel, ReturnStatus
from routing.geo import squared_chords, unit_vectors

_PADDING_G: Final = 120
_MOVING: Final = frozenset({"accepted", "in_transit", "out_for_delivery", "delivered"})
_GONE: Final = frozenset({"lost", "returned_to_sender"})


@dataclass(frozen=True, slots=True)
class ReturnParcel:
    """What a carrier must know of a parcel that comes back. The rows are detached copies."""

    return_id: UUID
    number: int
    order_number: str
    sender: Address
    phone: str
    recipient: Location
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    value_minor: int
    currency: str
    carrier: str
    """Chosen by an earlier attempt; empty if none was."""
    service: str


@dataclass(frozen=True, slots=True)
class Bought:
    """A label as its carrier sold it."""

    tracking_number: str
    tracking_url: str
    cost_minor: int
    currency: str
    pdf: bytes


def is_owed(session: Session, row: Return) -> bool:
    """Whether a label is to be bought now."""
    if not row.wants_label or row.status is not ReturnStatus.AUTHORISED:
        return False
    label = session.get(ReturnLabel, row.id)
    return label is None or label.bought_at is None


def goes_back(session: Session, row: Return) -> bool:
    """Whether the carrier is to take a label back, because the customer keeps the goods."""
    if row.status is not ReturnStatus.CANCELLED:
        return False
    label = session.get(ReturnLabel, row.id)
    return label is not None and label.bought_at is not None and label.given_back_at is None


def to_buy(session: Session, return_id: UUID) -> ReturnParcel | None:
    """The parcel that wants a label; None if none is owed."""
    row, order = queries.locked(session, return_id)
    if not is_owed(session, row) or order.address_id is None or row.number is None:
        return None
    lines = queries.lines(session, row.id)
    products = catalogue.products(session, [line.sku for line in lines])
    prices = {line.id: line.unit_price_minor for line in orders.lines(session, order.id)}
    label = session.get(ReturnLabel, row.id)
    sender = session.get_one(Address, order.address_id)
    to = session.get_one(Location, label.location_id) if label else destination(session, sender)
    return ReturnParcel(
        return_id=row.id,
        number=row.number,
        order_number=order.display_number,
        sender=sender,
        phone=session.get_one(Customer, order.customer_id).phone,
        recipient=to,
        weight_g=_PADDING_G + sum(products[line.sku].weight_g * line.units for line in lines),
        length_mm=max(products[line.sku].length_mm for line in lines),
        width_mm=max(products[line.sku].width_mm for line in lines),
        height_mm=sum(products[line.sku].height_mm * line.units for line in lines),
        value_minor=sum(prices[line.line_id] * line.units for line in lines),
        currency=order.currency,
        carrier=label.carrier if label else "",
        service=label.service if label else "",
    )


def choose(session: Session, parcel: ReturnParcel, *, carrier: str, service: str) -> None:
    """Write down with whom the parcel goes, before the label is bought."""
    row, _ = queries.locked(session, parcel.return_id)
    label = session.get(ReturnLabel, row.id)
    if label is not None and label.bought_at is None:
        label.carrier, label.service = carrier, service
    if label is None:
        label = ReturnLabel(
            return_id=row.id,
            location_id=parcel.recipient.id,
            carrier=carrier,
            service=service,
        )
    session.add(label)
    session.flush()


def attach(session: Session, return_id: UUID, bought: Bought) -> Return:
    """Keep the label; what it costs is kept from the refund if the customer pays for it.

    An amount in another currency than the order's is borne by the shop: nobody has agreed to a
    rate of exchange.
    """
    row, order = queries.locked(session, return_id)
    label = session.get_one(ReturnLabel, row.id)
    if label.bought_at is not None:
        return row
    label.tracking_number, label.tracking_url = bought.tracking_number, bought.tracking_url
    label.cost_minor, label.currency = bought.cost_minor, bought.currency
    label.content, label.bought_at = bought.pdf, clock.now()
    row.carrier, row.tracking_number = label.carrier, bought.tracking_number
    row.label_cost_minor = bought.cost_minor if bought.currency == order.currency else 0
    facts = {"carrier": label.carrier, "tracking": bought.tracking_number}
    states.tell(session, row, actor=f"carrier:{label.carrier}", facts=facts, what="labelled")
    return row


def of_return(session: Session, return_id: UUID) -> ReturnLabel | None:
    """The label of a return, if one was bought."""
    label = session.get(ReturnLabel, return_id)
    return label if label is not None and label.bought_at is not None else None


def document(session: Session, return_id: UUID) -> bytes:
    """The label as PDF."""
    label = of_return(session, return_id)
    if label is None:
        raise NotFound(
            f"return {queries.read(session, return_id).number} has no label yet",
            field="return_id",
            remedy="look again in a minute: it is bought as soon as the return is authorised",
        )
    return label.content


def given_back(session: Session, return_id: UUID) -> None:
    """The carrier was asked to take the label back."""
    row, _ = queries.locked(session, return_id)
    label = session.get_one(ReturnLabel, row.id)
    label.given_back_at = clock.now()
    states.tell(session, row, actor=f"carrier:{label.carrier}", facts={}, what="label_given_back")


def by_number(session: Session, *, carrier: str, tracking_number: str) -> UUID | None:
    """The return whose parcel has this number at this carrier."""
    return session.exec(
        select(ReturnLabel.return_id).where(
            ReturnLabel.carrier == carrier, ReturnLabel.tracking_number == tracking_number
        )
    ).first()


def scanned(
    session: Session, return_id: UUID, events: Sequence[tuple[str, datetime]], *, actor: str
) -> int:
    """Follow what the carrier says, as (code, when); how many of them told something new.

    The first movement puts the return on its way; a delivery is noted. What is in the parcel is
    known when somebody receives it. A parcel that is lost becomes a case for a person.
    """
    row, order = queries.locked(session, return_id)
    new = 0
    for code, at in sorted(events, key=lambda one: one[1]):
        if code in _MOVING and row.status is ReturnStatus.AUTHORISED:
            row.sent_at = at
            states.move(
                session, row, ReturnStatus.IN_TRANSIT, actor=actor, facts={"carrier": row.carrier}
            )
            new += 1
        if code == "delivered" and row.arrived_at is None:
            row.arrived_at = at
            states.tell(session, row, actor=actor, facts={}, what="arrived")
            new += 1
        if code in _GONE and row.status is ReturnStatus.IN_TRANSIT and row.arrived_at is None:
            _ask_for_help(session, row, order, code)
            new += 1
    return new


def destination(session: Session, sender: Address) -> Location:
    """Where the parcel goes: where the rules say, else the nearest place that takes returns."""
    current, _ = queries.current_rules(session)
    if current.mail_to:
        place = locations.by_code(session, current.mail_to)
        locations.require_returns(place)
        return place
    places = nearest(session, sender)
    if not places:
        raise Conflict(
            "no location takes returns",
            field="location",
            remedy="let one take them (can_returns in the network file), or name it in the rules"
            " (mail_to)",
        )
    return places[0]


def nearest(session: Session, sender: Address | None) -> Sequence[Location]:
    """Places that take returns, the nearest to this address first; by code without coordinates."""
    places = locations.taking_returns(session)
    if sender is None or sender.latitude is None or sender.longitude is None:
        return places
    points = unit_vectors([one.latitude for one in places], [one.longitude for one in places])
    chords = squared_chords(points, lat=sender.latitude, lon=sender.longitude)
    return [places[index] for index in np.argsort(chords, kind="stable").tolist()]


def _ask_for_help(session: Session, row: Return, order: Order, code: str) -> None:
    open_case(
        session,
        kind=ExceptionKind.PARCEL_LOST,
        cause_type="return",
        cause_id=row.id,
        order_id=order.id,
        detail=f"return {row.number}: the carrier says {code.replace('_', ' ')}",
        remedy="ask the carrier, then settle it with the customer",
    )
