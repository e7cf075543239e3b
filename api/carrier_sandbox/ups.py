"""UPS's stand-in: tokens, rates, labels, recovery, voids, tracking, subscriptions and pushes."""

import base64
import json
import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
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

_SERVICES: Final = (
    ("03", 8.90, 1.10, 4),
    ("12", 13.40, 1.90, 3),
    ("02", 19.80, 2.60, 2),
    ("01", 38.50, 4.10, 1),
)
_ABROAD: Final = (("11", 24.00, 2.90, 6), ("65", 52.00, 5.20, 3))
"""Service, dollars to begin with, dollars a pound, days."""
_LIFE: Final = timedelta(hours=4)
_STATUS: Final[Mapping[ScanCode, tuple[str, str, str]]] = {
    ScanCode.LABEL_CREATED: ("M", "MP", "Shipper created a label"),
    ScanCode.ACCEPTED: ("P", "PU", "Pickup Scan"),
    ScanCode.IN_TRANSIT: ("I", "AR", "Arrived at Facility"),
    ScanCode.OUT_FOR_DELIVERY: ("I", "OT", "Out for Delivery"),
    ScanCode.DELIVERED: ("D", "FS", "Delivered"),
    ScanCode.DELIVERY_FAILED: ("X", "48", "The receiver was not available for delivery attempt"),
    ScanCode.RETURNED_TO_SENDER: ("RS", "RS", "Returned to Shipper"),
    ScanCode.LOST: ("X", "LX", "The package is lost"),
    ScanCode.DAMAGED: ("X", "DG", "The package was damaged in transit"),
    ScanCode.VOIDED: ("MV", "VP", "Shipment voided"),
    ScanCode.OTHER: ("X", "AA", "Weather may delay the delivery"),
}
_DAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_WEIGHED: Final = {"LBS": Decimal("453.59237"), "KGS": Decimal(1000)}
_VOID: Final = re.compile(r"/api/shipments/v2409/void/cancel/(?P<number>[^/]+)")
_TRACK: Final = re.compile(r"/api/track/v1/details/(?P<number>[^/]+)")
_KINDS: Final = {"PDF": LabelFormat.PDF, "ZPL": LabelFormat.ZPL}


class UpsStandIn:
    """Knows one app by its client id and secret, and one account by its number."""

    def __init__(self, config: PlayedCarrier, sales: Sales, specs: Path | None) -> None:
        self._config, self._sales, self._specs = config, sales, specs
        self._tokens: dict[str, datetime] = {}
        self.subscribed: list[str] = []

    def answer(self, asked: Asked) -> Reply:
        """The carrier's answer to a request."""
        if asked.path == "/security/v1/oauth/token":
            return self._token(asked)
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, self._sales.clock()) <= self._sales.clock():
            return _errors(401, "250002", "Invalid Authentication Information.")
        match asked.method, asked.path:
            case "POST", "/api/rating/v2409/Shoptimeintransit":
                return self._rates(asked)
            case "POST", "/api/shipments/v2409/ship":
                return self._ship(asked)
            case "POST", "/api/labels/v2409/recovery":
                return self._recover(asked)
            case "POST", "/api/track/v2/subscription/standard/package":
                return self._subscribe(asked)
        if asked.method == "DELETE" and (found := _VOID.fullmatch(asked.path)):
            return self._void(found["number"], asked.query.get("trackingnumber", ""))
        if asked.method == "GET" and (found := _TRACK.fullmatch(asked.path)):
            return self._track(asked, found["number"])
        return _errors(404, "404", "The requested resource was not found.")

    def push(self, sale: Sale, happened: Happened, *, path: str) -> RawRequest:
        """A Track Alert event, with the credential that we gave UPS."""
        kind, code, description = _STATUS[happened.code]
        event = {
            "trackingNumber": sale.number,
            "localActivityDate": f"{happened.at:%Y%m%d}",
            "localActivityTime": f"{happened.at:%H%M%S}",
            "activityLocation": {"city": "HUB", "stateProvince": "KY", "country": "US"},
            "activityStatus": {"type": kind, "code": code, "description": description},
            "gmtActivityDate": f"{happened.at:%Y%m%d}",
            "gmtActivityTime": f"{happened.at:%H%M%S}",
        }
        headers = (
            ("Content-Type", "application/json"),
            ("User-Agent", "UPSPubSubTrackingService"),
            ("Authorization", f"Bearer {self._config.webhook_secret}"),
        )
        return RawRequest(
            method="POST", path=path, headers=headers, body=json.dumps(event).encode()
        )

    def _token(self, asked: Asked) -> Reply:
        if asked.basic() != (self._config.user, self._config.password):
            return _errors(401, "10401", "ClientId is Invalid")
        if asked.body != b"grant_type=client_credentials":
            return _errors(400, "10400", "Invalid/Missing Grant Type.")
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self._sales.clock() + _LIFE
        return reply(
            {
                "token_type": "Bearer",
                "access_token": token,
                "expires_in": str(int(_LIFE.total_seconds())),
                "status": "approved",
            }
        )

    def forget_tokens(self) -> None:
        """End every token before its time, as UPS does now and then."""
        self._tokens.clear()

    def _rates(self, asked: Asked) -> Reply:
        if faults := self._faults("ups-Rating.yaml", "RATERequestWrapper", asked):
            return _errors(400, "111100", "; ".join(faults))
        shipment = asked.json()["RateRequest"]["Shipment"]
        ship_on = date.fromisoformat(shipment["DeliveryTimeInformation"]["Pickup"]["Date"])
        rated = [
            {
                "Service": {"Code": code},
                "BillingWeight": _billed(shipment, width=0),
                "TransportationCharges": _money(price * 1.4),
                "ServiceOptionsCharges": _money(0),
                "TotalCharges": _money(price * 1.4),
                "RatedPackage": [{"TotalCharges": _money(price * 1.4)}],
                "NegotiatedRateCharges": {"TotalCharge": _money(price)},
                "TimeInTransit": _transit(ship_on, days),
            }
            for code, price, days in _priced(shipment)
        ]
        return reply({"RateResponse": {"Response": _success(), "RatedShipment": rated}})

    def _ship(self, asked: Asked) -> Reply:
        if faults := self._faults("ups-Shipping.yaml", "SHIPRequestWrapper", asked):
            return _errors(400, "120100", "; ".join(faults))
        shipment = asked.json()["ShipmentRequest"]["Shipment"]
        if shipment["Shipper"]["ShipperNumber"] != self._config.account:
            return _errors(400, "120105", "The shipper number is not yours.")
        wanted = shipment["Service"]["Code"]
        price = next((price for code, price, _ in _priced(shipment) if code == wanted), None)
        if price is None:
            return _errors(400, "120512", "The service is not available for this shipment.")
        package = shipment["Package"][0]
        named = package.get("ReferenceNumber") or shipment.get("ReferenceNumber")
        sale = self._sales.keep(named[0]["Value"], shipment)
        self._sales.sell(
            sale,
            number=f"1Z{self._config.account}{wanted}{int(sale.id, 16):08d}",
            service=wanted,
            amount=f"{price:.2f}",
            currency="USD",
        )
        results = {
            "ShipmentCharges": {
                "TransportationCharges": _money(price * 1.4),
                "ServiceOptionsCharges": _money(0),
                "TotalCharges": _money(price * 1.4),
            },
            "NegotiatedRateCharges": {"TotalCharge": _money(price)},
            "BillingWeight": _billed(shipment, width=8),
            "ShipmentIdentificationNumber": sale.number,
            "PackageResults": [
                {
                    "TrackingNumber": sale.number,
                    "ShippingLabel": {
                        "ImageFormat": {"Code": "ZPL"},
                        "GraphicImage": self._image(sale, LabelFormat.ZPL),
                    },
                }
            ],
        }
        return reply({"ShipmentResponse": {"Response": _success(), "ShipmentResults": results}})

    def _recover(self, asked: Asked) -> Reply:
        if faults := self._faults("ups-Shipping.yaml", "LABELRECOVERYRequestWrapper", asked):
            return _errors(400, "300100", "; ".join(faults))
        request = asked.json()["LabelRecoveryRequest"]
        number = request.get("TrackingNumber")
        reference = request.get("ReferenceValues", {}).get("ReferenceNumber", {}).get("Value")
        sale = (
            self._sales.of_number(number) if number else self._sales.of_reference(reference or "")
        )
        if sale is None:
            return _errors(400, "300102", "No label found for the given information.")
        if self._sales.void_state(sale) in (VoidState.VOIDED, VoidState.PENDING):
            return _errors(400, "300106", "The label has been voided.")
        code = request["LabelSpecification"]["LabelImageFormat"]["Code"]
        image = {
            "LabelImageFormat": {"Code": code},
            "GraphicImage": self._image(sale, _KINDS[code]),
        }
        return reply(
            {
                "LabelRecoveryResponse": {
                    "Response": _success(),
                    "ShipmentIdentificationNumber": sale.number,
                    "LabelResults": [{"TrackingNumber": sale.number, "LabelImage": image}],
                }
            }
        )

    def _void(self, shipment_number: str, tracking_number: str) -> Reply:
        sale = self._sales.of_number(shipment_number)
        if sale is None or tracking_number != sale.number:
            return _errors(400, "190102", "No shipment found within the allowed void period")
        if sale.void_asked_at is not None:
            return _errors(400, "190117", "The shipment has already been voided.")
        if self._sales.give_back(sale) is VoidState.REFUSED:
            sale.void_asked_at = None
            return _errors(400, "190104", "The package is in transit and cannot be cancelled.")
        voided = {"Code": "1", "Description": "Voided"}
        return reply(
            {
                "VoidShipmentResponse": {
                    "Response": _success(),
                    "SummaryResult": {"Status": voided},
                    "PackageLevelResults": [{"TrackingNumber": sale.number, "Status": voided}],
                }
            }
        )

    def _track(self, asked: Asked, number: str) -> Reply:
        if not {"transid", "transactionsrc"} <= set(asked.headers):
            return _errors(400, "TV1002", "Missing transId or transactionSrc")
        sale = self._sales.of_number(number)
        if sale is None:
            return _errors(404, "TW0001", "Tracking Information Not Found")
        activities = [
            {
                "date": f"{one.at:%Y%m%d}",
                "time": f"{one.at:%H%M%S}",
                "gmtDate": f"{one.at:%Y%m%d}",
                "gmtTime": str(int(f"{one.at:%H%M%S}")),
                "gmtOffset": "+00:00",
                "location": {"address": {"city": "HUB", "stateProvince": "KY", "country": "US"}},
                "status": dict(
                    zip(("type", "code", "description"), _STATUS[one.code], strict=True)
                ),
            }
            for one in reversed(self._sales.events(sale))
        ]
        package = {"trackingNumber": number, "activity": activities}
        shipment = {"inquiryNumber": number, "package": [package]}
        return reply({"trackResponse": {"shipment": [shipment]}})

    def _subscribe(self, asked: Asked) -> Reply:
        if faults := self._faults("ups-UPSTrackAlert.yaml", "PackageSubscriptionRequest", asked):
            return _errors(400, "VSS100", "; ".join(faults))
        numbers = asked.json()["trackingNumberList"]
        self.subscribed += numbers
        return reply({"validTrackingNumbers": numbers, "invalidTrackingNumbers": []})

    def _faults(self, file: str, schema: str, asked: Asked) -> list[str]:
        document = asked.json()
        if not isinstance(document, dict):
            return ["the body is not JSON"]
        known = official(self._specs, file) if self._specs else None
        return known.faults(schema, document) if known else []

    def _image(self, sale: Sale, kind: LabelFormat) -> str:
        assert sale.sold_at is not None, "a label was sold"
        content = picture(
            kind,
            carrier="UPS stand-in",
            service=sale.service,
            number=sale.number,
            reference=sale.reference,
            sender=_address(sale.request["ShipFrom"]),
            recipient=_address(sale.request["ShipTo"]),
            weight_g=int(_grams(sale.request)),
            ship_on=sale.sold_at.date(),
        )
        return base64.b64encode(content).decode()


def _priced(shipment: Mapping[str, Any]) -> list[tuple[str, float, int]]:
    pounds = ceil(_grams(shipment) / _WEIGHED["LBS"])
    ends = [shipment[end]["Address"]["CountryCode"] for end in ("ShipFrom", "ShipTo")]
    services = _SERVICES if ends[0] == ends[1] else _ABROAD
    return [(code, start + each * pounds, days) for code, start, each, days in services]


def _money(dollars: float) -> dict[str, str]:
    return {"CurrencyCode": "USD", "MonetaryValue": f"{dollars:.2f}"}


def _billed(shipment: Mapping[str, Any], *, width: int) -> dict[str, Any]:
    """The weight that is paid for; a purchase's answer writes it eight characters wide."""
    pounds = ceil(_grams(shipment) / _WEIGHED["LBS"])
    unit = {"Code": "LBS", "Description": "Pounds"}
    return {"UnitOfMeasurement": unit, "Weight": f"{pounds:{width}.1f}"}


def _grams(shipment: Mapping[str, Any]) -> Decimal:
    weight = shipment["Package"][0]["PackageWeight"]
    return Decimal(weight["Weight"]) * _WEIGHED[weight["UnitOfMeasurement"]["Code"]]


def _transit(ship_on: date, days: int) -> dict[str, Any]:
    arrival = ship_on + timedelta(days=days)
    return {
        "PickupDate": f"{ship_on:%Y%m%d}",
        "ServiceSummary": {
            "Service": {"Description": "UPS"},
            "EstimatedArrival": {
                "Arrival": {"Date": f"{arrival:%Y%m%d}", "Time": "230000"},
                "BusinessDaysInTransit": str(days),
                "Pickup": {"Date": f"{ship_on:%Y%m%d}", "Time": "170000"},
                "DayOfWeek": _DAYS[arrival.weekday()],
            },
        },
    }


def _address(party: Mapping[str, Any]) -> Address:
    place = party["Address"]
    lines = [*place["AddressLine"], ""]
    return Address(
        name=party["AttentionName"],
        company=party["Name"],
        street=lines[0],
        street_2=lines[1],
        city=place["City"],
        region=place.get("StateProvinceCode", ""),
        postcode=place.get("PostalCode", ""),
        country=place["CountryCode"],
    )


def _success() -> dict[str, Any]:
    return {"ResponseStatus": {"Code": "1", "Description": "Success"}}


def _errors(status: int, code: str, message: str) -> Reply:
    return reply({"response": {"errors": [{"code": code, "message": message}]}}, status)
