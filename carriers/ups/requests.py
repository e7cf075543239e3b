"""The bodies that UPS takes; no I/O.

They follow the official schemas "Rating", "Shipping" (v2409) and "UPS Track Alert" (v2). UPS
counts characters: names and lines have 35, a city 30, a postcode 9.
"""

import re
import textwrap
from collections.abc import Sequence
from typing import Any, Final

from carriers import amounts
from carriers.base import Address, Shipment
from carriers.checking import crosses_customs

_NAME, _LINE, _CITY, _PHONE, _REFERENCE = 35, 35, 30, 15, 35
_MOST_LINES: Final = 3
_INVOICE, _PIECES = "01", "PCS"
_PACKAGE: Final = "02"  # the customer's own packaging
_IMPERIAL: Final = frozenset(("US", "PR"))
_NO_PHONE: Final = "0000000000"


def rate_body(shipment: Shipment, *, account: str) -> dict[str, Any]:
    """The body that asks for all services with their times (Shoptimeintransit)."""
    shipper = _party(shipment.sender, rating=True) | {"ShipperNumber": account}
    return {
        "RateRequest": {
            "Request": {
                "RequestOption": "Shoptimeintransit",
                "TransactionReference": {"CustomerContext": shipment.reference[:512]},
            },
            "Shipment": {
                "Shipper": shipper,
                "ShipTo": _party(shipment.recipient, rating=True),
                "ShipFrom": _party(shipment.sender, rating=True),
                "PaymentDetails": _payment(account),
                "ShipmentRatingOptions": {"NegotiatedRatesIndicator": "Y"},
                "DeliveryTimeInformation": {
                    "PackageBillType": "03",
                    "Pickup": {"Date": f"{shipment.ship_on:%Y%m%d}"},
                },
                "InvoiceLineTotal": _worth(shipment),
                "ShipmentTotalWeight": _weight(shipment),
                "Package": [_package(shipment, rating=True)],
            },
        }
    }


def ship_body(shipment: Shipment, *, service: str, account: str) -> dict[str, Any]:
    """The body that buys a label, in ZPL for a printer of 4 × 6 inches."""
    sender, recipient = shipment.sender, shipment.recipient
    abroad = sender.country != recipient.country
    reference = [{"Value": shipment.reference[:_REFERENCE]}]
    package = _package(shipment, rating=False)
    whole: dict[str, Any] = {
        "Description": _description(shipment),
        "Shipper": _party(sender, phone=True) | {"ShipperNumber": account},
        "ShipTo": _party(recipient, phone=abroad),
        "ShipFrom": _party(sender, phone=abroad),
        "PaymentInformation": _payment(account),
        "ShipmentRatingOptions": {"NegotiatedRatesIndicator": "Y"},
        "Service": {"Code": service},
        "Package": [package],
    }
    # Between countries UPS takes references of the shipment only, at home of the package only.
    (whole if abroad else package)["ReferenceNumber"] = reference
    if crosses_customs(sender, recipient):
        whole["ShipmentServiceOptions"] = {"InternationalForms": _invoice(shipment)}
        if sender.country == "US" and recipient.country in ("CA", "PR"):
            whole["InvoiceLineTotal"] = _worth(shipment)
    return {
        "ShipmentRequest": {
            "Request": {
                "RequestOption": "nonvalidate",
                "TransactionReference": {"CustomerContext": shipment.reference[:512]},
            },
            "Shipment": whole,
            "LabelSpecification": {
                "LabelImageFormat": {"Code": "ZPL"},
                "LabelStockSize": {"Height": "6", "Width": "4"},
            },
        }
    }


def recovery_body(
    *, account: str, kind: str, reference: str = "", tracking_number: str = ""
) -> dict[str, Any]:
    """The body that asks for a label again, by its number or by our reference."""
    named: dict[str, Any] = (
        {"TrackingNumber": tracking_number}
        if tracking_number
        else {
            "ReferenceValues": {
                "ReferenceNumber": {"Value": reference[:_REFERENCE]},
                "ShipperNumber": account,
            }
        }
    )
    return {
        "LabelRecoveryRequest": {
            "Request": {"RequestOption": "Non_Validate", "SubVersion": "1903"},
            "LabelSpecification": {
                "LabelImageFormat": {"Code": kind},
                "LabelStockSize": {"Height": "6", "Width": "4"},
            },
        }
        | named
    }


def subscription_body(numbers: Sequence[str]) -> dict[str, Any]:
    """The body that subscribes to the events of up to 100 parcels, for 14 days."""
    return {
        "locale": "en_US",
        "countryCode": "US",
        "trackingNumberList": list(numbers),
    }


def _party(address: Address, *, phone: bool = False, rating: bool = False) -> dict[str, Any]:
    party: dict[str, Any] = {
        "Name": _cut(address.company or address.name, _NAME),
        "AttentionName": _cut(address.name or address.company, _NAME),
        "Address": _place(address, rating=rating),
    }
    digits = re.sub(r"\D", "", address.phone)[-_PHONE:]
    if phone or (digits and not rating):
        party["Phone"] = {"Number": digits or _NO_PHONE}
    return party


def _place(address: Address, *, rating: bool) -> dict[str, Any]:
    street = " ".join(address.street.split())
    lines = textwrap.wrap(street, _LINE)
    if address.street_2.strip():
        lines = [*lines[: _MOST_LINES - 1], _cut(address.street_2, _LINE)]
    region = address.region.removeprefix(f"{address.country}-").strip()
    place: dict[str, Any] = {
        "AddressLine": lines[:_MOST_LINES],
        "City": _cut(address.city, _CITY),
        "PostalCode": re.sub(r"[\s-]", "", address.postcode)[:9],
        "CountryCode": address.country,
    }
    if len(region) == 2 or (not rating and 0 < len(region) <= 5):
        place["StateProvinceCode"] = region
    return place


def _package(shipment: Shipment, *, rating: bool) -> dict[str, Any]:
    parcel = shipment.parcel
    packaging = "PackagingType" if rating else "Packaging"
    package: dict[str, Any] = {
        packaging: {"Code": _PACKAGE},
        "PackageWeight": _weight(shipment),
    }
    sides = (parcel.length_mm, parcel.width_mm, parcel.height_mm)
    if all(sides):
        unit = ("IN", "Inches") if _imperial(shipment) else ("CM", "Centimeters")
        measure = amounts.whole_inches if _imperial(shipment) else amounts.whole_centimetres
        package["Dimensions"] = {
            "UnitOfMeasurement": {"Code": unit[0], "Description": unit[1]},
            "Length": str(measure(sides[0])),
            "Width": str(measure(sides[1])),
            "Height": str(measure(sides[2])),
        }
    return package


def _weight(shipment: Shipment) -> dict[str, Any]:
    grams = shipment.parcel.weight_g
    if _imperial(shipment):
        unit, weight = ("LBS", "Pounds"), amounts.pounds(grams)
    else:
        unit, weight = ("KGS", "Kilograms"), amounts.tenths_of_kilograms(grams)
    return {"UnitOfMeasurement": {"Code": unit[0], "Description": unit[1]}, "Weight": weight}


def _payment(account: str) -> dict[str, Any]:
    return {"ShipmentCharge": [{"Type": "01", "BillShipper": {"AccountNumber": account}}]}


def _invoice(shipment: Shipment) -> dict[str, Any]:
    recipient = _party(shipment.recipient, phone=True)
    return {
        "FormType": [_INVOICE],
        "Contacts": {"SoldTo": recipient},
        "InvoiceNumber": shipment.reference[:_REFERENCE],
        "InvoiceDate": f"{shipment.ship_on:%Y%m%d}",
        "ReasonForExport": "SALE",
        "CurrencyCode": shipment.currency,
        "Product": [
            {
                "Description": [_cut(line.description, 35)],
                "Unit": {
                    "Number": str(line.quantity),
                    "UnitOfMeasurement": {"Code": _PIECES},
                    "Value": amounts.major(line.value_minor, shipment.currency),
                },
                "CommodityCode": line.hs_code,
                "OriginCountryCode": line.origin,
            }
            | ({"PartNumber": line.sku[:35]} if line.sku else {})
            for line in shipment.customs
        ],
    }


def _worth(shipment: Shipment) -> dict[str, str]:
    return {
        "CurrencyCode": shipment.currency,
        "MonetaryValue": amounts.major(max(shipment.value_minor, 1), shipment.currency),
    }


def _description(shipment: Shipment) -> str:
    return _cut(shipment.customs[0].description if shipment.customs else "Merchandise", 50)


def _imperial(shipment: Shipment) -> bool:
    return shipment.sender.country in _IMPERIAL


def _cut(text: str, most: int) -> str:
    return " ".join(text.split())[:most].strip() or "-"
