"""Sendcloud's answers and pushes in our words; no I/O."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import AwareDatetime, Field

from carriers import amounts
from carriers.base import (
    MalformedScans,
    Rate,
    Scan,
    ScanCode,
    Shipment,
    VoidState,
    in_order,
    scan_id,
)
from carriers.reading import Part, clean, read_answer, read_push

_PUSHED: Final = "parcel_status_changed"
_MILLISECONDS: Final = 10_000_000_000
"""Unix times above it are in milliseconds: the documentation shows both."""

# Parcel statuses: sendcloud.dev, "Retrieve a list of parcel statuses".
_CODE_OF_ID: Final[Mapping[int, ScanCode]] = {
    1: ScanCode.LABEL_CREATED,
    3: ScanCode.IN_TRANSIT,
    5: ScanCode.IN_TRANSIT,
    7: ScanCode.IN_TRANSIT,
    8: ScanCode.DELIVERY_FAILED,
    11: ScanCode.DELIVERED,
    22: ScanCode.ACCEPTED,
    80: ScanCode.DELIVERY_FAILED,
    91: ScanCode.IN_TRANSIT,
    92: ScanCode.OUT_FOR_DELIVERY,
    93: ScanCode.DELIVERED,
    1000: ScanCode.LABEL_CREATED,
    1998: ScanCode.VOIDED,
    2000: ScanCode.VOIDED,
    62989: ScanCode.IN_TRANSIT,
    62990: ScanCode.IN_TRANSIT,
    62991: ScanCode.DELIVERY_FAILED,
    62992: ScanCode.RETURNED_TO_SENDER,
}
_CODE_OF_NAME: Final[Mapping[str, ScanCode]] = {
    "ready_to_send": ScanCode.LABEL_CREATED,
    "announced": ScanCode.LABEL_CREATED,
    "accepted": ScanCode.ACCEPTED,
    "shipment_picked_up_by_driver": ScanCode.ACCEPTED,
    "in_transit": ScanCode.IN_TRANSIT,
    "parcel_en_route": ScanCode.IN_TRANSIT,
    "en_route_to_sorting_center": ScanCode.IN_TRANSIT,
    "at_sorting_centre": ScanCode.IN_TRANSIT,
    "at_customs": ScanCode.IN_TRANSIT,
    "sorted": ScanCode.IN_TRANSIT,
    "out_for_delivery": ScanCode.OUT_FOR_DELIVERY,
    "driver_en_route": ScanCode.OUT_FOR_DELIVERY,
    "delivered": ScanCode.DELIVERED,
    "shipment_collected_by_customer": ScanCode.DELIVERED,
    "delivery_attempt_failed": ScanCode.DELIVERY_FAILED,
    "unable_to_deliver": ScanCode.DELIVERY_FAILED,
    "refused_by_recipient": ScanCode.DELIVERY_FAILED,
    "returned_to_sender": ScanCode.RETURNED_TO_SENDER,
    "lost": ScanCode.LOST,
    "damaged": ScanCode.DAMAGED,
    "cancelled": ScanCode.VOIDED,
    "cancelled_upstream": ScanCode.VOIDED,
}


class _Money(Part):
    value: str
    currency: str


class _Price(Part):
    total: _Money | None = None


class _Quote(Part):
    price: _Price | None = None
    lead_time: float | None = None


class Option(Part):
    """One shipping option; `quotes` is empty where Sendcloud knows no price."""

    code: str = Field(min_length=1)
    quotes: tuple[_Quote, ...] | None = None


class _Options(Part):
    data: tuple[Option, ...] | None = None


class _Status(Part):
    code: str = ""


class ParcelIn(Part):
    """One parcel of a shipment."""

    id: int
    status: _Status = _Status()
    tracking_number: str | None = None
    tracking_url: str | None = None


class _Properties(Part):
    shipping_option_code: str | None = None


class _ShipWith(Part):
    properties: _Properties = _Properties()


class ShipmentIn(Part):
    """A shipment as Sendcloud keeps it."""

    id: str
    parcels: tuple[ParcelIn, ...] = Field(min_length=1)
    ship_with: _ShipWith | None = None

    @property
    def parcel(self) -> ParcelIn:
        """The only parcel: we announce each by itself."""
        return self.parcels[0]

    @property
    def service(self) -> str:
        """The shipping option it was announced with."""
        return (self.ship_with and self.ship_with.properties.shipping_option_code) or ""

    @property
    def void(self) -> VoidState | None:
        """How far its cancellation is; None if nobody asked for one."""
        code = self.parcel.status.code.upper()
        if code in ("CANCELLED", "CANCELLED_UPSTREAM"):
            return VoidState.VOIDED
        return VoidState.PENDING if "CANCEL" in code else None


class _Shipment(Part):
    data: ShipmentIn


class _Shipments(Part):
    data: tuple[ShipmentIn, ...]


class _Cancellation(Part):
    data: "_CancellationState"


class _CancellationState(Part):
    status: str


class _TrackedEvent(Part):
    event_at: AwareDatetime
    status_code: str = ""
    status_description: str | None = ""


class _Tracked(Part):
    events: tuple[_TrackedEvent, ...]


class _PushedStatus(Part):
    id: int
    message: str = ""


class _PushedParcel(Part):
    tracking_number: str = Field(min_length=1, max_length=255)
    status: _PushedStatus


class _Action(Part):
    action: str


class _Push(Part):
    timestamp: float
    carrier_status_change_timestamp: float | None = None
    parcel: _PushedParcel


def read_options(body: Any, *, shipment: Shipment, code: str) -> list[Rate]:
    """The options that have a price."""
    options = read_answer(_Options, body, carrier=code).data or ()
    return [rate for one in options if (rate := _rate(one, shipment=shipment, code=code))]


def read_unpriced(body: Any, *, code: str) -> list[str]:
    """The codes of options for which Sendcloud names no price."""
    return [one.code for one in read_answer(_Options, body, carrier=code).data or () if _bare(one)]


def read_shipment(body: Any, *, code: str) -> ShipmentIn:
    """The one shipment of an answer."""
    return read_answer(_Shipment, body, carrier=code).data


def read_shipments(body: Any, *, code: str) -> tuple[ShipmentIn, ...]:
    """The shipments of a list."""
    return read_answer(_Shipments, body, carrier=code).data


def read_cancellation(body: Any, *, code: str) -> VoidState:
    """How far a cancellation is, as the answer to it says."""
    status = read_answer(_Cancellation, body, carrier=code).data.status
    return VoidState.VOIDED if status in ("cancelled", "deleted") else VoidState.PENDING


def read_tracked(body: Any, number: str, *, code: str) -> list[Scan]:
    """The events of a tracked parcel, oldest first, each once."""
    return in_order(
        Scan(
            id=scan_id(number, one.event_at, _code(one.status_code)),
            tracking_number=number,
            code=_code(one.status_code),
            at=one.event_at,
            text=clean(one.status_description or ""),
        )
        for one in read_answer(_Tracked, body, carrier=code).events
    )


def read_pushed(body: bytes) -> list[Scan]:
    """The scan in a pushed body; none in one of another action."""
    if read_push(_Action, body).action != _PUSHED:
        return []
    push = read_push(_Push, body)
    code = _CODE_OF_ID.get(push.parcel.status.id, ScanCode.OTHER)
    at = _moment(push.carrier_status_change_timestamp or push.timestamp)
    number = push.parcel.tracking_number
    return [
        Scan(
            id=scan_id(number, at, code),
            tracking_number=number,
            code=code,
            at=at,
            text=clean(push.parcel.status.message),
        )
    ]


def told(body: Any) -> str:
    """Sendcloud's own words in an error."""
    errors = body.get("errors") if isinstance(body, dict) else body
    if isinstance(errors, list):
        return "; ".join(_one_error(one) for one in errors[:3] if isinstance(one, dict))
    return str(body.get("detail") or body.get("message") or "") if isinstance(body, dict) else ""


def _one_error(error: Mapping[str, Any]) -> str:
    source = error.get("source")
    place = source.get("pointer", "") if isinstance(source, dict) else ""
    return f"{place} {error.get('detail') or error.get('title') or error.get('code', '')}".strip()


def _rate(option: Option, *, shipment: Shipment, code: str) -> Rate | None:
    quote = next((one for one in option.quotes or () if one.price and one.price.total), None)
    if quote is None or quote.price is None or quote.price.total is None:
        return None
    total = quote.price.total
    days = math.ceil(quote.lead_time / 24) if quote.lead_time is not None else None
    return Rate(
        carrier=code,
        service=option.code,
        amount_minor=amounts.minor(total.value, total.currency),
        currency=total.currency,
        transit_days=days,
        delivery_on=shipment.ship_on + timedelta(days=days) if days is not None else None,
    )


def _bare(option: Option) -> bool:
    return not any(one.price and one.price.total for one in option.quotes or ())


def _code(name: str) -> ScanCode:
    return _CODE_OF_NAME.get(name.lower().replace("-", "_").replace(" ", "_"), ScanCode.OTHER)


def _moment(unix: float) -> datetime:
    seconds = unix / 1000 if unix > _MILLISECONDS else unix
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise MalformedScans(f"{unix} is no time", field="timestamp") from None
