"""Send to Sendcloud and receive; nothing is decided here."""

from typing import Any
from urllib.parse import quote

from carriers.base import LabelFormat
from carriers.http import Answer, Line
from carriers.sendcloud.requests import DPI, MIME_TYPES


def options(line: Line, body: dict[str, Any]) -> Any:
    """Shipping options with prices."""
    return line.require_success(line.read("POST", "/shipping-options", json=body))


def announce(line: Line, body: dict[str, Any]) -> Answer:
    """Announce a shipment; 409 says that its reference is taken."""
    return line.write("POST", "/shipments/announce", json=body)


def of_reference(line: Line, reference: str) -> Any:
    """The shipments of a reference, in a list."""
    params = {"external_reference_id": reference}
    answer = line.read("GET", "/shipments", params=params)
    return {"data": []} if answer.status == 404 else line.require_success(answer)


def cancel(line: Line, shipment_id: str) -> Answer:
    """Ask for a shipment to be cancelled."""
    return line.write("POST", f"/shipments/{quote(shipment_id, safe='')}/cancel")


def label(line: Line, parcel_id: int, kind: LabelFormat) -> bytes:
    """A parcel's label in a format."""
    url = f"{line.base_url.rstrip('/')}/parcels/{parcel_id}/documents/label?dpi={DPI[kind]}"
    return line.download(url, headers={"Accept": MIME_TYPES[kind]})


def tracked(line: Line, tracking_number: str) -> Any:
    """What is known of a parcel's way."""
    path = f"/parcels/tracking/{quote(tracking_number, safe='')}"
    return line.require_success(line.read("GET", path))
