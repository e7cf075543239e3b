"""What we write onto a WooCommerce order: our own record, the tracking list, status and note.

Each telling is one metadata entry under a key of its own, so two tellings at once cannot
overwrite each other, and a repeated one is found. The status and the tracking list (in the
form of the Shipment Tracking extension, which themes and mails read) are computed from all of
them together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from oms.channels.base import WritebackCommand
from oms.channels.models import WritebackKind
from oms.channels.woocommerce.mapping import CANCELLED
from oms.money import to_decimal

TOLD: Final = "_tributary_told_"
TRACKING: Final = "_wc_shipment_tracking_items"
_LEFT: Final = frozenset({WritebackKind.SHIPPED.value, WritebackKind.COLLECTED.value})

Json = Mapping[str, Any]


def told_key(command: WritebackCommand) -> str:
    """The metadata key of one telling."""
    return TOLD + command.key


def record(command: WritebackCommand) -> dict[str, Any]:
    """Our record of one telling, as the shop keeps it."""
    return {
        "kind": command.kind.value,
        "at": command.occurred_at.isoformat(),
        "lines": [{"id": line.external_id, "quantity": line.quantity} for line in command.lines],
        "tracking_provider": command.carrier or "",
        "tracking_number": command.tracking_number or "",
        "custom_tracking_link": command.tracking_url or "",
        "date_shipped": str(int(command.occurred_at.timestamp())),
    }


def has(order: Json, command: WritebackCommand) -> bool:
    """Whether the order carries this telling already."""
    return told_key(command) in _meta(order)


def wanted(order: Json, command: WritebackCommand) -> dict[str, Any]:
    """The changes that the order still lacks for this telling; empty when it lacks none."""
    meta = _meta(order)
    records = [value for key, value in meta.items() if key.startswith(TOLD)]
    entries: list[dict[str, Any]] = []
    if told_key(command) not in meta:
        records.append(record(command))
        entries.append({"key": told_key(command), "value": record(command)})
    tracking = _tracking(meta.get(TRACKING), records)
    if tracking != _listed(meta.get(TRACKING)):
        entries.append({"key": TRACKING, "value": tracking})
    changes: dict[str, Any] = {"meta_data": entries} if entries else {}
    status = _status(order, command, records)
    if status != order.get("status"):
        changes["status"] = status
    return changes


def note(command: WritebackCommand) -> str:
    """The order note, in words for the customer or the shop's staff."""
    units = sum(line.quantity for line in command.lines)
    items = f"{units} item" if units == 1 else f"{units} items"
    place = command.location_name or command.location_code or "the store"
    match command.kind:
        case WritebackKind.SHIPPED:
            carrier = f" with {command.carrier}" if command.carrier else ""
            number = (
                f", tracking number {command.tracking_number}" if command.tracking_number else ""
            )
            link = f": {command.tracking_url}" if command.tracking_url else "."
            return f"Shipped from {place}{carrier}: {items}{number}{link}"
        case WritebackKind.READY:
            until = f", until {command.pick_up_by.date().isoformat()}" if command.pick_up_by else ""
            return f"Ready to be picked up at {place}{until}: {items}."
        case WritebackKind.COLLECTED:
            return f"Picked up at {place}: {items}."
        case WritebackKind.CANCELLED:
            return "Cancelled by the order desk. No refund has been made."
        case WritebackKind.REFUNDED:
            amount = to_decimal(command.amount_minor, currency=command.currency)
            return f"{command.reason}: {amount} {command.currency} ({command.key})"


def for_customer(command: WritebackCommand) -> bool:
    """Whether the shop should e-mail the note: tidings that the customer waits for."""
    return command.kind in (WritebackKind.SHIPPED, WritebackKind.READY)


def _status(order: Json, command: WritebackCommand, records: Iterable[Json]) -> str:
    """Completed once every unit has left, cancelled when told so; else as the shop has it."""
    status = str(order.get("status", ""))
    if status in CANCELLED:
        return status
    if command.kind is WritebackKind.CANCELLED:
        return "cancelled"
    gone = Counter[str]()
    for each in records:
        if each.get("kind") in _LEFT:
            for line in each.get("lines") or ():
                gone[str(line["id"])] += int(line["quantity"])
    lines = order.get("line_items") or ()
    everything = all(gone[str(line["id"])] >= line["quantity"] for line in lines)
    return "completed" if lines and everything else status


def _tracking(listed: object, records: Sequence[Json]) -> list[Json]:
    """The shop's tracking list with every parcel of ours that it lacks."""
    items = _listed(listed)
    numbers = {item.get("tracking_number") for item in items}
    for each in records:
        if each.get("tracking_number") and each["tracking_number"] not in numbers:
            numbers.add(each["tracking_number"])
            items.append(
                {
                    "tracking_provider": "",
                    "custom_tracking_provider": each.get("tracking_provider", ""),
                    "custom_tracking_link": each.get("custom_tracking_link", ""),
                    "tracking_number": each["tracking_number"],
                    "date_shipped": each.get("date_shipped", ""),
                    "tracking_id": each["tracking_number"],
                }
            )
    return items


def _listed(value: object) -> list[Json]:
    """The entries of a tracking list; PHP turns a list with a gap into an object."""
    if isinstance(value, dict):
        value = list(value.values())
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _meta(order: Json) -> dict[str, Any]:
    """The order's metadata by key; of our own, only entries that hold a record."""
    entries = {
        str(entry["key"]): entry.get("value")
        for entry in order.get("meta_data") or ()
        if isinstance(entry, dict) and "key" in entry
    }
    return {
        key: value
        for key, value in entries.items()
        if not key.startswith(TOLD) or isinstance(value, dict)
    }
