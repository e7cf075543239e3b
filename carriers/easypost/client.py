"""Send to EasyPost and receive; nothing is decided here."""

from typing import Any
from urllib.parse import quote

from carriers.base import LabelFormat
from carriers.http import Line


def rates(line: Line, body: dict[str, Any]) -> Any:
    """Prices for a shipment that is not kept (POST /beta/rates)."""
    return line.require_success(line.read("POST", "/beta/rates", json=body))


def create(line: Line, body: dict[str, Any]) -> Any:
    """Keep a shipment; nothing is paid yet."""
    return line.require_success(line.write("POST", "/v2/shipments", json=body))


def retrieve(line: Line, reference: str) -> Any | None:
    """The shipment of a reference or id; None if there is none."""
    answer = line.read("GET", f"/v2/shipments/{quote(reference, safe='')}")
    return None if answer.status == 404 else line.require_success(answer)


def rerate(line: Line, shipment_id: str) -> Any:
    """Today's prices for a kept shipment."""
    path = f"/v2/shipments/{quote(shipment_id, safe='')}/rerate"
    return line.require_success(line.read("POST", path))


def buy(line: Line, shipment_id: str, rate_id: str) -> Any:
    """Pay for a kept shipment's label."""
    path = f"/v2/shipments/{quote(shipment_id, safe='')}/buy"
    return line.require_success(line.write("POST", path, json={"rate": {"id": rate_id}}))


def convert(line: Line, shipment_id: str, kind: LabelFormat) -> Any:
    """The shipment with its label in another format as well."""
    path = f"/v2/shipments/{quote(shipment_id, safe='')}/label"
    return line.require_success(line.read("GET", path, params={"file_format": kind.name}))


def refund(line: Line, shipment_id: str) -> Any:
    """Ask for the money of a label back."""
    path = f"/v2/shipments/{quote(shipment_id, safe='')}/refund"
    return line.require_success(line.write("POST", path))


def trackers(line: Line, tracking_number: str) -> Any:
    """The newest tracker of a number, in a list."""
    params = {"tracking_code": tracking_number, "page_size": "1"}
    return line.require_success(line.read("GET", "/v2/trackers", params=params))


def scan_form(line: Line, shipment_ids: list[str]) -> Any:
    """List bought shipments on one form (POST /v2/scan_forms)."""
    body = {"shipments": [{"id": one} for one in shipment_ids]}
    return line.require_success(line.write("POST", "/v2/scan_forms", json=body))


def retrieve_scan_form(line: Line, form_id: str) -> Any:
    """A scan form as it is now."""
    path = f"/v2/scan_forms/{quote(form_id, safe='')}"
    return line.require_success(line.read("GET", path))
