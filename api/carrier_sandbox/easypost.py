"""EasyPost's stand-in: shipments, rates, purchases, refunds, trackers and events."""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from api.carrier_sandbox.asking import Asked, Reply, reply
from api.carrier_sandbox.config import PlayedCarrier
from api.carrier_sandbox.easypost_requests import BuyRequest, ScanFormRequest, ShipmentRequest
from api.carrier_sandbox.labels import picture
from api.carrier_sandbox.sales import Happened, Sale, Sales
from carriers.base import Address, LabelFormat, RawRequest, ScanCode, VoidState
from carriers.signing import hex_digest

_SERVICES: Final = (
    ("USPS", "GroundAdvantage", 5.40, 0.11, 4),
    ("USPS", "Priority", 8.20, 0.21, 2),
    ("UPSDAP", "Ground", 7.10, 0.09, 3),
    ("USPS", "Express", 27.90, 0.80, 1),
)
"""Carrier, service, dollars to begin with, dollars an ounce, business days."""
_ABROAD: Final = 14.0
_STATUS: Final[Mapping[ScanCode, tuple[str, str, str]]] = {
    ScanCode.LABEL_CREATED: ("pre_transit", "label_created", "Shipping Label Created"),
    ScanCode.ACCEPTED: ("in_transit", "received_at_origin_facility", "Accepted at Origin"),
    ScanCode.IN_TRANSIT: ("in_transit", "arrived_at_facility", "Arrived at Facility"),
    ScanCode.OUT_FOR_DELIVERY: ("out_for_delivery", "out_for_delivery", "Out for Delivery"),
    ScanCode.DELIVERED: ("delivered", "arrived_at_destination", "Delivered"),
    ScanCode.DELIVERY_FAILED: ("failure", "delivery_exception", "No Access to Delivery Location"),
    ScanCode.RETURNED_TO_SENDER: ("return_to_sender", "return", "Returned to Sender"),
    ScanCode.LOST: ("error", "lost", "Package Lost"),
    ScanCode.DAMAGED: ("error", "damaged", "Package Damaged"),
    ScanCode.VOIDED: ("cancelled", "cancelled", "Shipment Cancelled"),
    ScanCode.OTHER: ("unknown", "status_update", "Status Update"),
}
_REFUND: Final = {
    VoidState.PENDING: "submitted",
    VoidState.VOIDED: "refunded",
    VoidState.REFUSED: "rejected",
}
_PATH: Final = re.compile(r"/v2/shipments/(?P<id>[^/]+)(?:/(?P<verb>buy|refund|label|rerate))?")
_FILE: Final = re.compile(r"/files/(?P<id>[^/.]+)\.(?P<kind>pdf|zpl)")


class EasyPostStandIn:
    """Knows one account by its API key."""

    def __init__(self, config: PlayedCarrier, sales: Sales, specs: Path | None) -> None:
        self._config, self._sales = config, sales
        self._forms: dict[str, str] = {}
        """The scan form of each shipment that is on one, until the stand-in ends."""
        del specs  # EasyPost publishes none

    def answer(self, asked: Asked) -> Reply:
        """The carrier's answer to a request."""
        if found := _FILE.fullmatch(asked.path):
            return self._file(found["id"], found["kind"])
        if asked.basic()[0] != self._config.user:
            return _error(401, "APIKEY.INACTIVE", "This api key is no longer active.")
        if asked.method == "POST" and asked.path in ("/beta/rates", "/v2/shipments"):
            return self._create(asked, keep=asked.path == "/v2/shipments")
        if asked.method == "GET" and asked.path == "/v2/trackers":
            sale = self._sales.of_number(asked.query.get("tracking_code", ""))
            return reply({"trackers": [self._tracker(sale)] if sale else [], "has_more": False})
        if asked.path.startswith("/v2/scan_forms"):
            return self._scan_form(asked)
        if found := _PATH.fullmatch(asked.path):
            sale = self._sales.of_id(found["id"].removeprefix("shp_")) or self._sales.of_reference(
                found["id"]
            )
            if sale is None:
                return _error(404, "NOT_FOUND", "The requested resource could not be found.")
            return self._shipment_call(asked, sale, found["verb"] or "")
        return _error(404, "NOT_FOUND", "The requested resource could not be found.")

    def push(self, sale: Sale, happened: Happened, *, path: str) -> RawRequest:
        """A tracker.updated event, signed as EasyPost signs."""
        event = {
            "id": f"evt_{sale.id}",
            "object": "Event",
            "mode": "test",
            "description": "tracker.updated",
            "created_at": _time(happened.at),
            "status": "pending",
            "result": self._tracker(sale),
        }
        body = json.dumps(event).encode()
        key = unicodedata.normalize("NFKD", self._config.webhook_secret).encode()
        headers = (
            ("Content-Type", "application/json"),
            ("X-Hmac-Signature", f"hmac-sha256-hex={hex_digest(body, key=key)}"),
        )
        return RawRequest(method="POST", path=path, headers=headers, body=body)

    def _create(self, asked: Asked, *, keep: bool) -> Reply:
        wrong = _faults(ShipmentRequest, asked)
        if wrong is not None:
            return wrong
        request = asked.json()["shipment"]
        if not keep:
            return reply(request | {"rates": _rates(request, "")})
        sale = self._sales.keep(request.get("reference", ""), request)
        return reply(self._shipment(sale, asked.origin), 201)

    def _shipment_call(self, asked: Asked, sale: Sale, verb: str) -> Reply:
        match asked.method, verb:
            case "GET", "":
                pass
            case "POST", "rerate":
                pass
            case "POST", "buy":
                wrong = _faults(BuyRequest, asked)
                return wrong if wrong is not None else self._buy(asked, sale)
            case "POST", "refund":
                if not sale.number:
                    return _error(422, "SHIPMENT.REFUND.UNAVAILABLE", "Nothing to refund.")
                self._sales.give_back(sale)
            case "GET", "label":
                if not sale.number:
                    return _error(422, "SHIPMENT.LABEL.NOT_PURCHASED", "No label to convert.")
                kind = asked.query.get("file_format", "").lower()
                if kind not in ("pdf", "zpl"):
                    return _error(422, "PARAMETER.INVALID", "file_format is invalid")
                return reply(self._shipment(sale, asked.origin, converted=kind))
            case _:
                return _error(405, "METHOD_NOT_ALLOWED", "Method not allowed.")
        return reply(self._shipment(sale, asked.origin))

    def _buy(self, asked: Asked, sale: Sale) -> Reply:
        if sale.number:
            return _error(422, "SHIPMENT.POSTAGE.EXISTS", "Postage already exists.")
        wanted = asked.json()["rate"]["id"]
        for rate in _rates(sale.request, sale.id):
            if rate["id"] == wanted:
                self._sales.sell(
                    sale,
                    number=f"94{len(self._sales.sold()):04d}{int(sale.id, 16):016d}",
                    service=f"{rate['carrier']}/{rate['service']}",
                    amount=rate["rate"],
                    currency=rate["currency"],
                )
                return reply(self._shipment(sale, asked.origin))
        return _error(422, "RATE.NOT_FOUND", "The rate does not belong to this shipment.")

    def _shipment(self, sale: Sale, origin: str, *, converted: str = "") -> dict[str, Any]:
        rates = _rates(sale.request, sale.id)
        state = self._sales.void_state(sale)
        file = f"{origin}/files/shp_{sale.id}"
        return sale.request | {
            "id": f"shp_{sale.id}",
            "object": "Shipment",
            "mode": "test",
            "reference": sale.reference or None,
            "created_at": _time(sale.made_at),
            "tracking_code": sale.number or None,
            "refund_status": _REFUND[state] if state else None,
            "rates": rates,
            "scan_form": {"id": self._forms[sale.id], "object": "ScanForm", "status": "created"}
            if sale.id in self._forms
            else None,
            "selected_rate": next(
                (one for one in rates if f"{one['carrier']}/{one['service']}" == sale.service),
                None,
            ),
            "tracker": self._tracker(sale) if sale.number else None,
            "postage_label": {
                "object": "PostageLabel",
                "label_size": "4x6",
                "label_file_type": "application/pdf",
                "label_url": f"{file}.pdf",
                "label_pdf_url": f"{file}.pdf" if converted == "pdf" else None,
                "label_zpl_url": f"{file}.zpl" if converted == "zpl" else None,
            }
            if sale.number
            else None,
        }

    def _scan_form(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            name = asked.path.rpartition("/")[2]
            if name not in self._forms.values():
                return _error(404, "NOT_FOUND", "The requested resource could not be found.")
            return reply(_form(name, asked.origin))
        wrong = _faults(ScanFormRequest, asked)
        if wrong is not None:
            return wrong
        ids = [one["id"].removeprefix("shp_") for one in asked.json()["shipments"]]
        sales = [self._sales.of_id(one) for one in ids]
        bought = [one for one in sales if one is not None and one.number]
        refunded = any(self._sales.void_state(one) for one in bought)
        if len(bought) < len(ids) or refunded or any(one in self._forms for one in ids):
            return _error(422, "SCAN_FORM.SHIPMENTS.INVALID", "A shipment cannot be added.")
        if len({one.service.partition("/")[0] for one in bought}) > 1:
            return _error(422, "SCAN_FORM.ACCOUNTS.MIXED", "All must be of one carrier account.")
        name = f"sf_{ids[0]}"
        self._forms |= dict.fromkeys(ids, name)
        return reply(_form(name, asked.origin), 201)

    def _tracker(self, sale: Sale) -> dict[str, Any]:
        events = self._sales.events(sale)
        last = _STATUS[events[-1].code] if events else ("unknown", "unknown", "")
        return {
            "id": f"trk_{sale.id}",
            "object": "Tracker",
            "mode": "test",
            "tracking_code": sale.number,
            "status": last[0],
            "status_detail": last[1],
            "carrier": sale.service.partition("/")[0],
            "tracking_details": [
                {
                    "object": "TrackingDetail",
                    "message": _STATUS[one.code][2],
                    "status": _STATUS[one.code][0],
                    "status_detail": _STATUS[one.code][1],
                    "datetime": _time(one.at),
                    "source": sale.service.partition("/")[0],
                    "tracking_location": {"city": "HUB", "state": None, "country": "US"},
                }
                for one in events
            ],
            "public_url": f"https://track.easypost.example/{sale.number}",
        }

    def _file(self, name: str, kind: str) -> Reply:
        sale = self._sales.of_id(name.removeprefix("shp_"))
        if sale is None or not sale.number or sale.sold_at is None:
            return Reply(404, b"no such file", "text/plain")
        content = picture(
            LabelFormat(kind),
            carrier="EasyPost stand-in",
            service=sale.service,
            number=sale.number,
            reference=sale.reference,
            sender=_address(sale.request["from_address"]),
            recipient=_address(sale.request["to_address"]),
            weight_g=ceil(sale.request["parcel"]["weight"] * 28.35),
            ship_on=sale.sold_at.date(),
        )
        return Reply(200, content, f"application/{kind}")


def _rates(request: Mapping[str, Any], shipment_id: str) -> list[dict[str, Any]]:
    ounces = request["parcel"]["weight"]
    abroad = request["from_address"]["country"] != request["to_address"]["country"]
    found = []
    for at, (carrier, service, start, each, days) in enumerate(_SERVICES):
        price = start + each * ceil(ounces) + (_ABROAD if abroad else 0)
        rate = {
            "object": "Rate",
            "carrier": carrier,
            "service": service,
            "rate": f"{price:.2f}",
            "currency": "USD",
            "delivery_days": days + (6 if abroad else 0),
            "carrier_account_id": f"ca_{carrier.lower()}",
        }
        found.append(rate | ({"id": f"rate_{shipment_id}{at}"} if shipment_id else {}))
    return found


def _form(name: str, origin: str) -> dict[str, Any]:
    return {
        "id": name,
        "object": "ScanForm",
        "status": "created",
        "message": None,
        "form_url": f"{origin}/files/shp_{name.removeprefix('sf_')}.pdf",
        "form_file_type": None,
    }


def _address(parts: Mapping[str, str]) -> Address:
    return Address(
        name=parts.get("name", ""),
        company=parts.get("company", ""),
        street=parts["street1"],
        street_2=parts.get("street2", ""),
        city=parts["city"],
        region=parts.get("state", ""),
        postcode=parts["zip"],
        country=parts["country"],
    )


def _faults(model: type[BaseModel], asked: Asked) -> Reply | None:
    try:
        model.model_validate_json(asked.body)
    except ValidationError as error:
        found = [
            {"field": ".".join(str(part) for part in one["loc"]), "message": one["msg"]}
            for one in error.errors(include_url=False, include_input=False)
        ]
        return _error(422, "PARAMETER.INVALID", "Invalid parameters.", found)
    return None


def _error(
    status: int, code: str, message: str, errors: list[dict[str, str]] | None = None
) -> Reply:
    return reply({"error": {"code": code, "message": message, "errors": errors or []}}, status)


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
