"""Sendcloud's stand-in: options, announcements, cancellations, labels, tracking and pushes."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any, Final

from api.carrier_sandbox.asking import Asked, Reply, reply
from api.carrier_sandbox.config import PlayedCarrier
from api.carrier_sandbox.labels import picture
from api.carrier_sandbox.official import official
from api.carrier_sandbox.sales import Happened, Sale, Sales
from carriers.base import Address, LabelFormat, RawRequest, ScanCode, VoidState
from carriers.signing import hex_digest

_OPTIONS: Final = (
    ("postnl:standard", 6.10, 0.60, 48, 23.0),
    ("dpd:home", 6.90, 0.40, 48, 31.5),
    ("dhl_express:domestic", 17.40, 1.10, 24, 70.0),
)
"""Option, euros to begin with, euros a kilogram, hours, the heaviest in kilograms."""
_UNPRICED: Final = "direct_contract:standard"
_ABROAD: Final = 11.0
_STATUS: Final[Mapping[ScanCode, tuple[int, str, str]]] = {
    ScanCode.LABEL_CREATED: (1000, "ready_to_send", "Ready to send"),
    ScanCode.ACCEPTED: (22, "accepted", "Shipment picked up by driver"),
    ScanCode.IN_TRANSIT: (91, "in_transit", "Parcel en route"),
    ScanCode.OUT_FOR_DELIVERY: (92, "out_for_delivery", "Driver en route"),
    ScanCode.DELIVERED: (11, "delivered", "Delivered"),
    ScanCode.DELIVERY_FAILED: (8, "delivery_attempt_failed", "Delivery attempt failed"),
    ScanCode.RETURNED_TO_SENDER: (62992, "returned_to_sender", "Returned to sender"),
    ScanCode.LOST: (62996, "lost", "Exception: parcel lost"),
    ScanCode.DAMAGED: (62996, "damaged", "Exception: parcel damaged"),
    ScanCode.VOIDED: (2000, "cancelled", "Cancelled"),
    ScanCode.OTHER: (1337, "unknown", "Unknown status - check carrier track & trace page"),
}
_VOID: Final = {
    VoidState.PENDING: ("CANCELLATION_REQUESTED", "Cancellation requested"),
    VoidState.VOIDED: ("CANCELLED", "Cancelled"),
    VoidState.REFUSED: ("READY_TO_SEND", "Ready to send"),
    None: ("READY_TO_SEND", "Ready to send"),
}
_BASE: Final = "/api/v3"
_CANCEL: Final = re.compile(rf"{_BASE}/shipments/(?P<id>[^/]+)/cancel")
_LABEL: Final = re.compile(rf"{_BASE}/parcels/(?P<id>\d+)/documents/label")
_TRACKING: Final = re.compile(rf"{_BASE}/parcels/tracking/(?P<number>[^/]+)")
_KINDS: Final = {"application/pdf": LabelFormat.PDF, "application/zpl": LabelFormat.ZPL}


class SendcloudStandIn:
    """Knows one integration by its two keys."""

    def __init__(self, config: PlayedCarrier, sales: Sales, specs: Path | None) -> None:
        self._config, self._sales = config, sales
        self._schema = official(specs, "sendcloud-shipments.yml") if specs else None

    def answer(self, asked: Asked) -> Reply:
        """The carrier's answer to a request."""
        if asked.basic() != (self._config.user, self._config.password):
            return _errors(401, "authentication_failed", "Invalid username/password.")
        path = asked.path
        match asked.method, path:
            case "POST", "/api/v3/shipping-options":
                return self._options(asked)
            case "POST", "/api/v3/shipments/announce":
                return self._announce(asked)
            case "GET", "/api/v3/shipments":
                wanted = asked.query.get("external_reference_id", "")
                found = [sale for sale in self._sales.sold() if sale.reference == wanted]
                return reply({"data": [self._shipment(sale) for sale in found]})
        if asked.method == "POST" and (found_path := _CANCEL.fullmatch(path)):
            return self._cancel(found_path["id"])
        if asked.method == "GET" and (found_path := _LABEL.fullmatch(path)):
            return self._label(found_path["id"], asked.headers.get("accept", ""))
        if asked.method == "GET" and (found_path := _TRACKING.fullmatch(path)):
            return self._tracking(found_path["number"])
        return _errors(404, "not_found", "Not found.")

    def push(self, sale: Sale, happened: Happened, *, path: str) -> RawRequest:
        """A change of status, signed as Sendcloud signs."""
        number, _, message = _STATUS[happened.code]
        body = json.dumps(
            {
                "action": "parcel_status_changed",
                "timestamp": int(self._sales.clock().timestamp() * 1000),
                "carrier_status_change_timestamp": int(happened.at.timestamp() * 1000),
                "parcel": {
                    "id": int(sale.id, 16),
                    "tracking_number": sale.number,
                    "status": {"id": number, "message": message},
                    "external_shipment_id": sale.reference,
                },
            }
        ).encode()
        signature = hex_digest(body, key=self._config.webhook_secret.encode())
        headers = (("Content-Type", "application/json"), ("Sendcloud-Signature", signature))
        return RawRequest(method="POST", path=path, headers=headers, body=body)

    def _options(self, asked: Asked) -> Reply:
        request = asked.json()
        if not isinstance(request, dict) or not request.get("parcels"):
            return _errors(400, "required", "parcels is required")
        return reply({"data": _options(request), "message": None})

    def _announce(self, asked: Asked) -> Reply:
        request = asked.json()
        faults = (
            self._schema.faults("shipment-request-sync-announce", request) if self._schema else []
        )
        if faults or not isinstance(request, dict):
            return _errors(400, "validation_error", *(faults or ["the body is not JSON"]))
        reference = request.get("external_reference_id") or ""
        if reference and (there := self._sales.of_reference(reference)):
            return reply({"data": self._shipment(there)}, 409)
        wanted = request["ship_with"]["properties"]["shipping_option_code"]
        option = next((one for one in _options(request) if one["code"] == wanted), None)
        if option is None:
            return _errors(400, "parcel_announcement_error", f"{wanted} does not take this parcel")
        price = option["quotes"][0]["price"]["total"] if option["quotes"] else {}
        sale = self._sales.keep(reference, request)
        self._sales.sell(
            sale,
            number=f"3SYZXG{int(sale.id, 16):07d}",
            service=wanted,
            amount=price.get("value", ""),
            currency=price.get("currency", "EUR"),
        )
        return reply({"data": self._shipment(sale)}, 201)

    def _cancel(self, shipment_id: str) -> Reply:
        sale = self._sales.of_id(shipment_id)
        if sale is None:
            return _errors(404, "not_found", "Not found")
        if sale.void_asked_at is not None:
            return _errors(409, "invalid", "This shipment is already being cancelled.")
        state = self._sales.give_back(sale)
        if state is VoidState.REFUSED:
            sale.void_asked_at = None
            return _errors(409, "invalid", "The carrier has the parcel already.")
        if state is VoidState.VOIDED:
            return reply({"data": {"status": "cancelled", "message": "Shipment is cancelled"}})
        queued = {"status": "queued", "message": "Shipment cancellation has been queued"}
        return reply({"data": queued}, 202)

    def _label(self, parcel_id: str, accepted: str) -> Reply:
        sale = self._sales.of_id(f"{int(parcel_id):032x}")
        kind = _KINDS.get(accepted)
        if sale is None or sale.sold_at is None:
            return _errors(404, "not_found", "Not found.")
        if kind is None:
            return _errors(406, "invalid", "Could not satisfy the request Accept header.")
        request = sale.request
        content = picture(
            kind,
            carrier="Sendcloud stand-in",
            service=sale.service,
            number=sale.number,
            reference=sale.reference,
            sender=_address(request["from_address"]),
            recipient=_address(request["to_address"]),
            weight_g=int(Decimal(request["parcels"][0]["weight"]["value"]) * 1000),
            ship_on=sale.sold_at.date(),
        )
        return Reply(200, content, accepted)

    def _tracking(self, number: str) -> Reply:
        sale = self._sales.of_number(number)
        if sale is None or sale.sold_at is None:
            return reply({"detail": "Parcel does not exist"}, 404)
        made = _time(sale.sold_at)
        return reply(
            {
                "announced_at": made,
                "created_at": made,
                "updated_at": _time(self._sales.clock()),
                "source_id": str(int(sale.id, 16)),
                "details": {"is_return": False},
                "from_address": _place(sale.request["from_address"]),
                "to_address": _place(sale.request["to_address"]),
                "tracking_numbers": [
                    {"carrier_code": sale.service.partition(":")[0], "tracking_number": number}
                ],
                "events": [
                    {
                        "event_at": _time(one.at),
                        "event_type": "carrier",
                        "status_code": _STATUS[one.code][1],
                        "status_description": _STATUS[one.code][2],
                        "status_type": "success",
                        "sub_status_code": "none",
                    }
                    for one in self._sales.events(sale)
                ],
            }
        )

    def _shipment(self, sale: Sale) -> dict[str, Any]:
        code, message = _VOID[self._sales.void_state(sale)]
        parcel_id = int(sale.id, 16)
        parcel = sale.request["parcels"][0] | {
            "id": parcel_id,
            "status": {"code": code, "message": message},
            "documents": [
                {
                    "type": "label",
                    "size": "a6",
                    "link": f"https://panel.sendcloud.sc{_BASE}/parcels/{parcel_id}/documents/label",
                }
            ],
            "tracking_number": sale.number,
            "tracking_url": f"https://tracking.sendcloud.example/{sale.number}",
        }
        return sale.request | {
            "id": sale.id,
            "parcels": [parcel],
            "carrier": {"code": sale.service.partition(":")[0], "name": "Carrier"},
            "errors": [],
        }


def _options(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    weight = Decimal(request["parcels"][0]["weight"]["value"])
    ends = (request["from_address"]["country_code"], request["to_address"]["country_code"])
    abroad = _ABROAD if ends[0] != ends[1] else 0
    options = []
    for code, start, each, hours, heaviest in _OPTIONS:
        if weight > Decimal(heaviest):
            continue
        total = f"{start + each * ceil(weight) + abroad:.2f}"
        quote = {
            "price": {"total": {"value": total, "currency": "EUR"}},
            "lead_time": hours + (48 if abroad else 0),
        }
        options.append({"code": code, "name": code, "quotes": [quote]})
    options.append({"code": _UNPRICED, "name": "Your own contract", "quotes": []})
    return options


def _address(parts: Mapping[str, str]) -> Address:
    return Address(
        name=parts.get("name", ""),
        company=parts.get("company_name", ""),
        street=parts["address_line_1"],
        street_2=parts.get("address_line_2", ""),
        city=parts["city"],
        region=parts.get("state_province_code", ""),
        postcode=parts["postal_code"],
        country=parts["country_code"],
    )


def _place(parts: Mapping[str, str]) -> dict[str, str]:
    return {"country_code": parts["country_code"], "postal_code": parts["postal_code"]}


def _errors(status: int, code: str, *details: str) -> Reply:
    errors = [{"status": str(status), "code": code, "detail": detail} for detail in details]
    return reply({"errors": errors}, status)


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
