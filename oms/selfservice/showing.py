"""An order for whoever has its link: where everything is, honestly, and what may still change.

No name, address, telephone or e-mail is in it, in case the link got about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.audit import recording
from oms.customers import collectors, links
from oms.errors import NotFound
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.arrival_models import ArrivalAnswer, Verdict
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel, ParcelStatus
from oms.languages.speech import Speech
from oms.languages.speech import choose as choose_speech
from oms.locations.models import Location
from oms.notifications import brands, facts
from oms.ordering import delaying, moving, trimming, withdrawing
from oms.orders import queries as orders
from oms.orders import states as order_states
from oms.orders.models import Delivery, Order, OrderStatus
from oms.payments.models import Refund, Repayment
from oms.pickup import queries as pickups
from oms.pickup import states as pickup_states
from oms.pickup.models import Pickup, PickupStatus
from oms.selfservice import answering
from oms.settings import settings

TOLD: Final = frozenset(
    {
        "order.captured",
        "order.imported",
        "order.moved",
        "order.trimmed",
        "order.cancelled",
        "order.put_back",
        "fulfilment.picking",
        "fulfilment.handed_over",
        "fulfilment.lost",
        "fulfilment.returned",
        "parcel.out_for_delivery",
        "parcel.delivery_failed",
        "parcel.delivered",
        "pickup.picking",
        "pickup.ready",
        "pickup.reminded",
        "pickup.expired",
        "pickup.collected",
        "repayment.paid",
    }
)
"""What of the audit trail a customer is told. Of a pickup its own rows say it better."""
_PICKUPS_OWN: Final = frozenset({"fulfilment.picking", "fulfilment.handed_over"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    at: datetime
    what: str
    """The audit trail's word for it."""


@dataclass(frozen=True, slots=True)
class Line:
    """An article, and what became of its units."""

    id: UUID
    title: str
    ordered: int
    cancelled: int
    """Called off, or not to be had."""
    arrived: int
    """Handed to the carrier or to the customer."""
    may_cancel: int


@dataclass(frozen=True, slots=True)
class Tracked:
    """A parcel on its way."""

    carrier: str
    number: str
    url: str
    status: ParcelStatus


@dataclass(frozen=True, slots=True)
class Part:
    """What comes together: a shipment with its parcels, or a pickup."""

    kind: Delivery
    status: FulfilmentStatus
    store: Location | None
    """Where it is collected; from where something is sent is nobody's concern."""
    parcels: tuple[Tracked, ...]
    counter: str
    """The token of the page to show at the counter, while there is something to show it for."""
    ready: bool
    pick_up_by: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """All of it."""

    token: str
    shop: str
    order_id: UUID
    order_number: str
    version: int
    status: OrderStatus
    delivery: Delivery
    store: Location | None
    zone: str
    placed_at: datetime
    promise_by: datetime
    late: bool
    expected: datetime | None
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    events: tuple[Event, ...]
    collectors: tuple[tuple[UUID, str], ...]
    may_name: bool
    may_move: bool
    may_answer: bool
    answered: Verdict | None
    refunds: tuple[tuple[int, str, bool], ...]
    """Amount in minor units, currency, and whether it was paid."""


def order_id_of(session: Session, token: str) -> UUID:
    """The order of a link. `NotFound` for a link that is none, or that is over."""
    order_id = links.order_of(session, token)
    order = session.get(Order, order_id) if order_id is not None else None
    if order is None or _is_over(order):
        raise NotFound(
            "this link belongs to no order of ours, or shows it no longer",
            remedy="open the link of the newest message that you had",
        )
    return order.id


def to_customer(session: Session, token: str) -> Shown:
    """The order that a link belongs to."""
    order = session.get_one(Order, order_id_of(session, token))
    parts = withdrawing.live(session, order.id)
    store = (
        session.get_one(Location, order.pickup_location_id) if order.pickup_location_id else None
    )
    said = session.get(ArrivalAnswer, order.id)
    open_ = order.status not in order_states.CLOSED
    return Shown(
        token=token,
        shop=brands.of_channel(order.channel)[1].name,
        order_id=order.id,
        order_number=order.display_number,
        version=order.version,
        status=order.status,
        delivery=order.delivery,
        store=store,
        zone=facts.zone_of(session, order),
        placed_at=order.placed_at,
        promise_by=order.promise_by,
        late=delaying.is_late(order),
        expected=delaying.expected(session, order) if open_ else None,
        lines=_lines(session, order),
        parts=tuple(_part(session, part) for part in parts),
        events=_events(session, order),
        collectors=tuple((one.id, one.name) for one in collectors.of_order(session, order.id)),
        may_name=open_ and order.delivery is Delivery.PICKUP,
        may_move=moving.may_move(session, order),
        may_answer=answering.may_answer(session, order),
        answered=said.verdict if said else None,
        refunds=_refunds(session, order.id),
    )


def speech_for(
    session: Session, token: str, *, asked: str = "", accept_language: str = ""
) -> Speech:
    """How to speak: as was asked on the page, as the order's locale is, else as the browser wants.

    Dates and money are written as in the country where the order is collected.
    """
    order_id = links.order_of(session, token)
    order = session.get(Order, order_id) if order_id is not None else None
    country = ""
    if order is not None and order.pickup_location_id is not None:
        country = session.get_one(Location, order.pickup_location_id).country
    known = order.locale if order is not None else ""
    return choose_speech(asked, known, accept_language=accept_language, country=country)


def _is_over(order: Order) -> bool:
    days = timedelta(days=settings().order_link_days)
    return order.closed_at is not None and order.closed_at + days < clock.now()


def _lines(session: Session, order: Order) -> tuple[Line, ...]:
    allowed = trimming.may_cancel(session, order)
    return tuple(
        Line(
            id=line.id,
            title=line.title,
            ordered=line.quantity,
            cancelled=line.cancelled + line.short,
            arrived=line.fulfilled,
            may_cancel=allowed.get(line.id, 0),
        )
        for line in orders.lines(session, order.id)
    )


def _part(session: Session, part: Fulfilment) -> Part:
    waiting = pickups.of_fulfilment(session, part.id)
    open_pickup = waiting is not None and waiting.status not in pickup_states.CLOSED
    return Part(
        kind=part.kind,
        status=part.status,
        store=session.get_one(Location, part.location_id) if waiting else None,
        parcels=tuple(
            _tracked(parcel)
            for parcel in fulfilments.parcels(session, part.id)
            if parcel.status is not ParcelStatus.VOIDED and parcel.handed_over_at is not None
        ),
        counter=waiting.qr_token if waiting and open_pickup else "",
        ready=_is_ready(waiting),
        pick_up_by=waiting.pick_up_by if waiting else None,
    )


def _is_ready(waiting: Pickup | None) -> bool:
    return waiting is not None and waiting.status in (PickupStatus.READY, PickupStatus.EXPIRED)


def _tracked(parcel: Parcel) -> Tracked:
    return Tracked(
        carrier=parcel.carrier or "",
        number=parcel.tracking_number or "",
        url=parcel.tracking_url or "",
        status=parcel.status,
    )


def _events(session: Session, order: Order) -> tuple[Event, ...]:
    """What happened, the newest first."""
    kinds = {part.id: part.kind for part in fulfilments.of_order(session, order.id)}
    found = []
    for row in recording.of_order(session, order.id, since=order.captured_at):
        of_a_pickup = kinds.get(row.subject_id) is Delivery.PICKUP
        if row.action in TOLD and not (of_a_pickup and row.action in _PICKUPS_OWN):
            found.append(Event(at=row.at, what=row.action))
    return tuple(reversed(found))


def _refunds(session: Session, order_id: UUID) -> tuple[tuple[int, str, bool], ...]:
    rows: Sequence[tuple[Repayment, str]] = session.exec(
        select(Repayment, Refund.currency)
        .join(Refund, col(Refund.id) == Repayment.refund_id)
        .where(Repayment.order_id == order_id)
        .order_by(col(Repayment.created_at))
    ).all()
    return tuple((row.amount_minor, currency, row.paid_at is not None) for row, currency in rows)
