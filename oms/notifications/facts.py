"""What a notice's wording may speak of: plain words and dates in the customer's language."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.customers import links
from oms.customers.models import Address
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment, Parcel, ParcelStatus
from oms.languages.speech import Speech
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.notifications import brands
from oms.notifications.models import Notice, NoticeKind
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.payments.models import Refund, Repayment

_ALWAYS: Final = ("shop", "order", "link")
_WAITING: Final = ("store", "address", "until", "code", "counter", "by_car")
NAMES: Final[Mapping[NoticeKind, tuple[str, ...]]] = {
    NoticeKind.CONFIRMED: (*_ALWAYS, "items", "store", "promised"),
    NoticeKind.DELAYED: (*_ALWAYS, "promised", "expected", "why"),
    NoticeKind.READY: (*_ALWAYS, *_WAITING, "rest"),
    NoticeKind.REMINDER: (*_ALWAYS, *_WAITING),
    NoticeKind.EXPIRED: (*_ALWAYS, "store"),
    NoticeKind.SHIPPED: (*_ALWAYS, "items", "parcels", "promised"),
    NoticeKind.OUT_FOR_DELIVERY: (*_ALWAYS, "parcels"),
    NoticeKind.DELIVERED: (*_ALWAYS, "items", "parcels"),
    NoticeKind.REFUNDED: (*_ALWAYS, "amount"),
    NoticeKind.RETURN_REMINDER: (*_ALWAYS, "number", "by_mail", "until"),
}
"""What each kind may name; a brand's own wording is held to it."""


def of_notice(session: Session, notice: Notice, speech: Speech) -> dict[str, Any]:
    """The facts of a notice, in a language."""
    order = session.get_one(Order, notice.order_id)
    _, brand = brands.of_channel(order.channel)
    found = {
        "shop": brand.name,
        "order": order.display_number,
        "link": links.address_of(links.token_of(session, order.id)),
    }
    given = notice.facts
    match notice.kind:
        case NoticeKind.CONFIRMED:
            found |= _items(_of_order(session, order)) | _promised(session, order, speech)
        case NoticeKind.DELAYED:
            found |= _delay(session, order, given, speech)
        case NoticeKind.READY | NoticeKind.REMINDER:
            found |= _waits(session, given, speech)
        case NoticeKind.EXPIRED:
            found["store"] = session.get_one(Location, UUID(given["location_id"])).name
        case NoticeKind.SHIPPED | NoticeKind.OUT_FOR_DELIVERY | NoticeKind.DELIVERED:
            found |= _parcels(session, given) | _promised(session, order, speech)
        case NoticeKind.REFUNDED:
            found["amount"] = _amount(session, UUID(given["repayment_id"]), speech)
        case NoticeKind.RETURN_REMINDER:
            until = datetime.fromisoformat(given["until"])
            found |= {
                "number": given["number"],
                "by_mail": given["by_mail"],
                "until": speech.day(until, zone_of(session, order)),
            }
    return {name: found[name] for name in NAMES[notice.kind]}


def samples(kind: NoticeKind, speech: Speech, *, shop: str) -> dict[str, Any]:
    """Made-up facts, to show and to check a wording with."""
    noon = datetime.fromisoformat("2026-03-05T17:00:00+00:00")
    known: dict[str, Any] = {
        "shop": shop,
        "order": "#1001",
        "link": "https://shop.example/order/x",
        "items": ["2 × Mug", "1 × Lamp"],
        "store": "Riverside",
        "address": "Riverside, High Street 1, Rotterdam",
        "promised": speech.day(noon, "Europe/Amsterdam"),
        "expected": speech.day(noon, "Europe/Amsterdam"),
        "why": "stock",
        "until": speech.moment(noon, "Europe/Amsterdam"),
        "code": "123 456",
        "counter": "https://shop.example/collect/x",
        "by_car": True,
        "rest": False,
        "parcels": [{"carrier": "DHL", "number": "JD014", "url": "https://carrier.example/JD014"}],
        "amount": speech.money(1_250, "EUR"),
        "number": 4001,
        "by_mail": True,
    }
    return {name: known[name] for name in NAMES[kind]}


def zone_of(session: Session, order: Order) -> str:
    """The clock that the order's customer lives by: their store's, else that of the nearest place.

    Without coordinates any place of ours will do.
    """
    if order.pickup_location_id is not None:
        return session.get_one(Location, order.pickup_location_id).time_zone
    where = session.get(Address, order.address_id) if order.address_id else None
    if where is not None and where.latitude is not None and where.longitude is not None:
        return locations.zone_near(session, latitude=where.latitude, longitude=where.longitude)
    return locations.zone_near(session, latitude=0.0, longitude=0.0)


def _promised(session: Session, order: Order, speech: Speech) -> dict[str, str]:
    """The date that was promised, unless it has passed already: that is no news to tell."""
    zone, date = zone_of(session, order), order.promise_by
    past = date < clock.now()
    if order.pickup_location_id is None:
        return {"store": "", "promised": "" if past else speech.day(date, zone)}
    store = session.get_one(Location, order.pickup_location_id)
    return {"store": store.name, "promised": "" if past else speech.moment(date, zone)}


def _delay(
    session: Session, order: Order, given: Mapping[str, Any], speech: Speech
) -> dict[str, str]:
    zone = zone_of(session, order)
    promised = datetime.fromisoformat(given["promised"])
    expected = datetime.fromisoformat(given["expected"]) if given["expected"] else None
    return {
        "promised": speech.day(promised, zone),
        "expected": speech.day(expected, zone) if expected else "",
        "why": given["why"],
    }


def _waits(session: Session, given: Mapping[str, Any], speech: Speech) -> dict[str, Any]:
    store = session.get_one(Location, UUID(given["location_id"]))
    lines = speech.address(
        street=store.street,
        city=store.city,
        region=store.region,
        postcode=store.postcode,
        country=store.country,
    )
    return {
        "store": store.name,
        "address": ", ".join((store.name, *lines)),
        "until": speech.moment(datetime.fromisoformat(given["pick_up_by"]), store.time_zone),
        "code": f"{given['code'][:3]} {given['code'][3:]}",
        "counter": given["link"],
        "by_car": store.can_curbside,
        "rest": bool(given.get("rest")),
    }


def _of_order(session: Session, order: Order) -> Sequence[tuple[str, int]]:
    lines = orders.lines(session, order.id)
    return [(line.title, line.quantity - line.cancelled) for line in lines]


def _items(units: Sequence[tuple[str, int]]) -> dict[str, Any]:
    return {"items": [f"{count} × {title}" for title, count in units if count]}


def _parcels(session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
    fulfilment = session.get_one(Fulfilment, UUID(given["fulfilment_id"]))
    titles = {line.id: line.title for line in orders.lines(session, fulfilment.order_id)}
    units = [
        (titles[line.line_id], line.quantity) for line in fulfilments.lines(session, fulfilment.id)
    ]
    only = given.get("parcel_id")
    sent = session.exec(
        select(Parcel)
        .where(Parcel.fulfilment_id == fulfilment.id, Parcel.status != ParcelStatus.VOIDED)
        .order_by(col(Parcel.number))
    ).all()
    return _items(units) | {
        "parcels": [
            {
                "carrier": parcel.carrier or "",
                "number": parcel.tracking_number or "",
                "url": parcel.tracking_url or "",
            }
            for parcel in sent
            if only is None or str(parcel.id) == only
        ]
    }


def _amount(session: Session, repayment_id: UUID, speech: Speech) -> str:
    row = session.get_one(Repayment, repayment_id)
    return speech.money(row.amount_minor, session.get_one(Refund, row.refund_id).currency)
