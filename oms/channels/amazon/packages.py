"""A parcel of ours as Amazon's `PackageDetail`, and how to tell it in what Amazon shows."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

from oms.channels.amazon.document import Package
from oms.channels.base import ChannelRefused, WritebackCommand
from oms.connections import SellingPartnerSettings

_MOST: Final = 2**31 - 2
_OTHER: Final = "Other"
_CODES: Final[Mapping[str, str]] = {
    "amazon": "Amazon Shipping",
    "dhl": "DHL",
    "dpd": "DPD",
    "evri": "Evri",
    "fedex": "FedEx",
    "gls": "GLS",
    "ontrac": "OnTrac",
    "royal mail": "Royal Mail",
    "ups": "UPS",
    "usps": "USPS",
}
"""Carriers that Amazon knows by a code of its own; any other travels by its name."""


def reference_of(command: WritebackCommand) -> str:
    """The package's number within its order, the same at every attempt.

    Amazon takes positive numbers only and edits the package that it has under one already.
    """
    digest = hashlib.sha256(command.key.encode()).digest()
    return str(1 + int.from_bytes(digest[:8], "big") % _MOST)


def detail(command: WritebackCommand, access: SellingPartnerSettings) -> dict[str, Any]:
    """The package. Raises `ChannelRefused` for one without a tracking number."""
    if not command.tracking_number:
        raise ChannelRefused(
            "Amazon takes no package without a tracking number",
            remedy="enter the parcel's tracking number, then retry the writeback; or confirm the"
            " shipment in Seller Central",
        )
    code, name = _carrier(command.carrier or "", access)
    return {
        "packageReferenceId": reference_of(command),
        "carrierCode": code,
        **({"carrierName": name} if code == _OTHER else {}),
        "trackingNumber": command.tracking_number,
        "shipDate": command.occurred_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "orderItems": [
            {"orderItemId": line.external_id, "quantity": line.quantity} for line in command.lines
        ],
    }


def same(package: Package, command: WritebackCommand) -> bool:
    """Whether Amazon shows this package as we would tell it.

    Not compared are carrier and time: Amazon writes both in its own way.
    """
    if package.tracking_number != command.tracking_number:
        return False
    shown = Counter[str]()
    for item in package.items or ():
        shown[item.id] += item.quantity
    ours = Counter[str]()
    for line in command.lines:
        ours[line.external_id] += line.quantity
    return shown == ours


def _carrier(ours: str, access: SellingPartnerSettings) -> tuple[str, str]:
    """Amazon's code for our carrier, and the name that goes with the code *Other*."""
    folded = ours.strip().casefold()
    named = {name.casefold(): code for name, code in access.carriers.items()}
    code = named.get(folded) or _CODES.get(folded) or _OTHER
    return code, ours.strip() or _OTHER
