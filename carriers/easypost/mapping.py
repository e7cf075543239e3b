"""EasyPost's documents from and to our words; no I/O.

Requests follow docs.easypost.com (Shipments, Rates, Customs): weights in ounces, sides in inches.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from pydantic import AwareDatetime, Field

from carriers import amounts
from carriers.base import (
    Address,
    LabelFormat,
    MalformedScans,
    Rate,
    Scan,
    ScanCode,
    Shipment,
    VoidState,
    in_order,
    scan_id,
)
from carriers.checking import crosses_customs
from carriers.reading import Part, clean, read_answer, read_push

_CODE_OF_STATUS: Final[Mapping[str, ScanCode]] = {
    "pre_transit": ScanCode.LABEL_CREATED,
    "in_transit": ScanCode.IN_TRANSIT,
    "out_for_delivery": ScanCode.OUT_FOR_DELIVERY,
    "delivered": ScanCode.DELIVERED,
    "failure": ScanCode.DELIVERY_FAILED,
    "return_to_sender": ScanCode.RETURNED_TO_SENDER,
    "cancelled": ScanCode.VOIDED,
}
_CODE_OF_DETAIL: Final[Mapping[str, ScanCode]] = {
    "lost": ScanCode.LOST,
    "damaged": ScanCode.DAMAGED,
    "received_at_origin_facility": ScanCode.ACCEPTED,
}
VOID_OF_REFUND: Final[Mapping[str | None, VoidState]] = {
    "submitted": VoidState.PENDING,
    "refunded": VoidState.VOIDED,
    "rejected": VoidState.REFUSED,
    "not_applicable": VoidState.REFUSED,
}


class RateIn(Part):
    """One price. `id` is missing where no shipment was kept for it."""

    id: str = ""
    carrier: str
    service: str
    rate: str
    currency: str
    delivery_days: int | None = None

    @property
    def name(self) -> str:
        """Carrier and service in one word, as we store it."""
        return f"{self.carrier}/{self.service}"


class PostageLabel(Part):
    """Where the label's files lie."""

    label_file_type: str = ""
    label_url: str | None = None
    label_pdf_url: str | None = None
    label_zpl_url: str | None = None

    def url(self, kind: LabelFormat) -> str | None:
        """The address of the file in a format, if there is one already."""
        if self.label_file_type == f"application/{kind.value}" and self.label_url:
            return self.label_url
        return self.label_pdf_url if kind is LabelFormat.PDF else self.label_zpl_url


class TrackerDetail(Part):
    """One event of a parcel."""

    status: str | None = None
    status_detail: str | None = None
    message: str | None = ""
    at: AwareDatetime = Field(alias="datetime")
    tracking_location: dict[str, Any] | None = None


class Tracker(Part):
    """All that is known of a parcel's way."""

    tracking_code: str = Field(min_length=1, max_length=64)
    tracking_details: list[TrackerDetail] | None = None
    public_url: str = ""


class ScanFormIn(Part):
    """A list of parcels that a carrier accepts at one scan."""

    id: str
    status: str = "creating"
    message: str | None = None
    form_url: str | None = None


class ShipmentIn(Part):
    """A shipment as EasyPost keeps it."""

    id: str
    reference: str | None = None
    tracking_code: str | None = None
    refund_status: str | None = None
    rates: tuple[RateIn, ...] = ()
    selected_rate: RateIn | None = None
    postage_label: PostageLabel | None = None
    tracker: Tracker | None = None
    scan_form: ScanFormIn | None = None

    @property
    def bought(self) -> bool:
        """Whether a label was paid for."""
        return self.postage_label is not None and bool(self.tracking_code)

    @property
    def sold_by(self) -> str:
        """The carrier whose label was bought; empty before that."""
        return self.selected_rate.carrier if self.selected_rate else ""

    @property
    def given_back(self) -> bool:
        """Whether its label was taken back or is about to be."""
        return VOID_OF_REFUND.get(self.refund_status) in (VoidState.PENDING, VoidState.VOIDED)


class _Event(Part):
    description: str = ""
    mode: str = ""


class _TrackerEvent(Part):
    result: Tracker


class _Trackers(Part):
    trackers: list[Tracker]


class _Rates(Part):
    rates: list[RateIn]


def shipment_body(
    shipment: Shipment, *, reference: str = "", accounts: tuple[str, ...] = (), signer: str = ""
) -> dict[str, Any]:
    """The body that creates a shipment, or asks for rates without keeping one."""
    parcel = shipment.parcel
    sides = {
        "length": parcel.length_mm,
        "width": parcel.width_mm,
        "height": parcel.height_mm,
    }
    body: dict[str, Any] = {
        "to_address": _address(shipment.recipient),
        "from_address": _address(shipment.sender),
        "parcel": {"weight": amounts.ounces(parcel.weight_g)}
        | {side: amounts.inches(mm) for side, mm in sides.items() if all(sides.values())},
        "options": {"label_format": "PDF", "currency": shipment.currency}
        | {f"print_custom_{at}": note[:35] for at, note in enumerate(shipment.notes[:2], start=1)},
    }
    if reference:
        body["reference"] = reference
    if accounts:
        body["carrier_accounts"] = [{"id": account} for account in accounts]
    if crosses_customs(shipment.sender, shipment.recipient):
        body["customs_info"] = _customs(shipment, signer=signer)
    return {"shipment": body}


def read_shipment(body: Any, *, code: str) -> ShipmentIn:
    """A shipment in an answer."""
    return read_answer(ShipmentIn, body, carrier=code)


def read_scan_form(body: Any, *, code: str) -> ScanFormIn:
    """A scan form in an answer."""
    return read_answer(ScanFormIn, body, carrier=code)


def read_rates(body: Any, *, shipment: Shipment, code: str) -> list[Rate]:
    """The prices in an answer."""
    found = read_answer(_Rates, body, carrier=code)
    return [rate_of(one, shipment=shipment, code=code) for one in found.rates]


def rate_of(found: RateIn, *, shipment: Shipment, code: str) -> Rate:
    """One price in our words; EasyPost's days are business days."""
    days = found.delivery_days
    on = _after_business_days(shipment.ship_on, days) if days is not None else None
    return Rate(
        carrier=code,
        service=found.name,
        amount_minor=amounts.minor(found.rate, found.currency),
        currency=found.currency,
        transit_days=(on - shipment.ship_on).days if on else None,
        delivery_on=on,
    )


def read_trackers(body: Any, *, code: str) -> list[Tracker]:
    """The trackers in a list."""
    return read_answer(_Trackers, body, carrier=code).trackers


def scans_of(tracker: Tracker) -> list[Scan]:
    """A tracker's events, oldest first, each once."""
    return in_order(
        _scan(tracker.tracking_code, detail) for detail in tracker.tracking_details or []
    )


def read_event(body: bytes, *, production: bool) -> list[Scan]:
    """The scans in a pushed event; none in one that is not about a tracker.

    Raises `MalformedScans`, also for an event of the test environment in production.
    """
    event = read_push(_Event, body)
    if production and event.mode == "test":
        raise MalformedScans("an event of EasyPost's test mode came to production", field="mode")
    if not event.description.startswith("tracker."):
        return []
    return scans_of(read_push(_TrackerEvent, body).result)


def told(body: Any) -> str:
    """EasyPost's own words in an error."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        fields = [
            f"{one.get('field', '')} {one.get('message', '')}".strip()
            for one in error.get("errors") or []
            if isinstance(one, dict)
        ]
        return "; ".join([str(error.get("message", "")), *fields]).strip("; ")
    return str(error or "")


def _address(address: Address) -> dict[str, str]:
    parts = {
        "name": address.name,
        "company": address.company,
        "street1": address.street,
        "street2": address.street_2,
        "city": address.city,
        "state": address.region,
        "zip": address.postcode,
        "country": address.country,
        "phone": address.phone,
        "email": address.email,
    }
    return {key: value for key, value in parts.items() if value}


def _customs(shipment: Shipment, *, signer: str) -> dict[str, Any]:
    return {
        "contents_type": "merchandise",
        "contents_explanation": "",
        "customs_certify": True,
        "customs_signer": signer or shipment.sender.name or shipment.sender.company,
        "eel_pfc": "NOEEI 30.37(a)",
        "non_delivery_option": "return",
        "restriction_type": "none",
        "customs_items": [
            {
                "description": line.description[:100],
                "quantity": line.quantity,
                "value": float(amounts.major(line.value_minor * line.quantity, shipment.currency)),
                "weight": amounts.ounces(line.weight_g * line.quantity),
                "hs_tariff_number": line.hs_code,
                "origin_country": line.origin,
                "currency": shipment.currency,
                "code": line.sku[:50],
            }
            for line in shipment.customs
        ],
    }


def _after_business_days(on: date, days: int) -> date:
    while days > 0:
        on += timedelta(days=1)
        days -= on.weekday() < 5
    return on


def _scan(number: str, detail: TrackerDetail) -> Scan:
    status, finer = detail.status or "", detail.status_detail or ""
    where = detail.tracking_location or {}
    named = (where.get("city"), where.get("state"), where.get("country"))
    place = ", ".join(str(part) for part in named if part)
    text = clean(detail.message or "")
    return Scan(
        id=scan_id(number, detail.at, status, finer, text),
        tracking_number=number,
        code=_CODE_OF_DETAIL.get(finer) or _CODE_OF_STATUS.get(status, ScanCode.OTHER),
        at=detail.at,
        place=clean(place),
        text=text,
    )
