"""The bodies that Sendcloud takes; no I/O.

They follow the official schemas "Shipments API" and "Shipping Options API" (v3).
"""

from typing import Any, Final

from carriers import amounts
from carriers.base import Address, LabelFormat, Shipment
from carriers.checking import crosses_customs

MIME_TYPES: Final = {LabelFormat.PDF: "application/pdf", LabelFormat.ZPL: "application/zpl"}
DPI: Final = {LabelFormat.PDF: 72, LabelFormat.ZPL: 203}
_LONGEST_INVOICE: Final = 40


def options_body(shipment: Shipment) -> dict[str, Any]:
    """The body that asks for shipping options with prices (POST /shipping-options)."""
    return {
        "from_address": _route_end(shipment.sender),
        "to_address": _route_end(shipment.recipient),
        "parcels": [_box(shipment)],
        "calculate_quotes": True,
    }


def announce_body(
    shipment: Shipment, *, service: str, reference: str, label: LabelFormat
) -> dict[str, Any]:
    """The body that announces a shipment and makes its label (POST /shipments/announce)."""
    parcel = _box(shipment)
    if notes := [note[:255] for note in shipment.notes if note]:
        parcel["label_notes"] = notes
    body: dict[str, Any] = {
        "label_details": {"mime_type": MIME_TYPES[label], "dpi": DPI[label]},
        "from_address": _address(shipment.sender),
        "to_address": _address(shipment.recipient),
        "ship_with": {
            "type": "shipping_option_code",
            "properties": {"shipping_option_code": service},
        },
        "order_number": shipment.reference,
        "external_reference_id": reference,
        "total_order_price": _money(shipment.value_minor, shipment.currency),
        "parcels": [parcel],
    }
    if crosses_customs(shipment.sender, shipment.recipient):
        parcel["parcel_items"] = _items(shipment)
        body["customs_information"] = {
            "invoice_number": shipment.reference[:_LONGEST_INVOICE],
            "export_reason": "commercial_goods",
            "export_type": "commercial_b2c",
            "invoice_date": shipment.ship_on.isoformat(),
        }
    return body


def _route_end(address: Address) -> dict[str, str]:
    parts = _address(address)
    wanted = ("country_code", "postal_code", "city", "address_line_1", "state_province_code")
    return {key: parts[key] for key in wanted if key in parts}


def _address(address: Address) -> dict[str, str]:
    region = address.region.removeprefix(f"{address.country}-")
    parts = {
        "name": address.name or address.company,
        "company_name": address.company,
        "address_line_1": address.street,
        "address_line_2": address.street_2,
        "postal_code": address.postcode,
        "city": address.city,
        "state_province_code": f"{address.country}-{region}" if region else "",
        "country_code": address.country,
        "phone_number": address.phone,
        "email": address.email,
    }
    return {key: value for key, value in parts.items() if value}


def _box(shipment: Shipment) -> dict[str, Any]:
    parcel = shipment.parcel
    box: dict[str, Any] = {
        "weight": {"value": amounts.kilograms(parcel.weight_g), "unit": "kg"},
    }
    if parcel.length_mm and parcel.width_mm and parcel.height_mm:
        box["dimensions"] = {
            "length": amounts.centimetres(parcel.length_mm),
            "width": amounts.centimetres(parcel.width_mm),
            "height": amounts.centimetres(parcel.height_mm),
            "unit": "cm",
        }
    return box


def _items(shipment: Shipment) -> list[dict[str, Any]]:
    return [
        {
            "description": line.description[:255],
            "quantity": line.quantity,
            "weight": {"value": line.weight_g / 1000, "unit": "kg"},
            "price": _money(line.value_minor, shipment.currency),
            "hs_code": line.hs_code,
            "origin_country": line.origin,
        }
        | ({"sku": line.sku} if line.sku else {})
        for line in shipment.customs
    ]


def _money(amount_minor: int, currency: str) -> dict[str, str]:
    return {"value": amounts.major(amount_minor, currency), "currency": currency}
