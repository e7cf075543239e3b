"""Tell Shopify what became of an order: shipped, ready, collected, cancelled, refunded.

Its API has no idempotency key for fulfilments, so every telling looks first: what the shop
has already is not written again, and the buyer gets no second e-mail.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from oms.channels.base import Accepted, ChannelRefused, WritebackCommand
from oms.channels.models import WritebackKind
from oms.channels.shopify import client, refunding
from oms.channels.shopify.client import Api, Fulfilment, FulfilmentOrder, Remaining
from oms.connections import ChannelSettings

_UNDONE: Final = frozenset({"CANCELLED", "ERROR", "FAILURE"})
_WORKABLE: Final = frozenset({"OPEN", "IN_PROGRESS"})
_READY_ALREADY: Final = "NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER"

Part = tuple[FulfilmentOrder, Remaining, int]


def tell(
    command: WritebackCommand, *, channel: str, settings: ChannelSettings, timeout_s: float
) -> Accepted:
    """Write one fact to the shop, once."""
    with client.connected(channel, settings, timeout_s=timeout_s) as api:
        match command.kind:
            case WritebackKind.SHIPPED | WritebackKind.COLLECTED:
                return _fulfilled(api, command)
            case WritebackKind.READY:
                return _ready(api, command)
            case WritebackKind.CANCELLED:
                return _cancelled(api, command)
            case WritebackKind.REFUNDED:
                return refunding.refund(api, command)


def _fulfilled(api: Api, command: WritebackCommand) -> Accepted:
    """Create the fulfilments that this parcel or hand-over still lacks, one per location."""
    standing = [
        each
        for each in client.look(api, command.order_external_id).fulfilments
        if each.status not in _UNDONE
    ]
    owed = {line.external_id: 0 for line in command.lines}
    for line in command.lines:
        owed[line.external_id] += line.quantity
    told, references = _told(api, command, standing)
    owed = {line: units - told.get(line, 0) for line, units in owed.items()}
    owed = {line: units for line, units in owed.items() if units > 0}
    if not owed:
        return Accepted(reference=",".join(references), repeated=True)

    parts, lacking = _parts(_remaining(api, command), owed)
    if lacking and not parts and command.tracking_number is None and standing:
        # Without a number a fulfilment cannot be recognised; that none is left to make shows it.
        return Accepted(reference=client.number(standing[-1].id), repeated=True)
    if lacking:
        raise ChannelRefused(
            f"Shopify has fewer units open than were sent: {_in_words(lacking)} too many",
            remedy="compare the order's fulfilments at the shop with this parcel",
            facts={"lacking": lacking},
        )
    for group in _by_location(parts):
        reference, errors = client.fulfil(api, _input(command, group))
        client.refuse(errors)
        references.append(reference)
    return Accepted(reference=",".join(references))


def _told(
    api: Api, command: WritebackCommand, standing: Sequence[Fulfilment]
) -> tuple[Mapping[str, int], list[str]]:
    """Units by line that the shop has under this tracking number, and its fulfilments."""
    told: dict[str, int] = defaultdict(int)
    references: list[str] = []
    for fulfilment in standing:
        if command.tracking_number and command.tracking_number in fulfilment.tracking_numbers:
            references.append(client.number(fulfilment.id))
            for line, units in client.fulfilled_lines(api, fulfilment.id).items():
                told[line] += units
    return told, references


def _remaining(api: Api, command: WritebackCommand) -> list[tuple[FulfilmentOrder, Remaining]]:
    return [
        (order, line)
        for order in client.fulfilment_orders(api, command.order_external_id)
        if order.status in _WORKABLE
        for line in client.remaining_lines(api, order.id)
        if line.remaining > 0
    ]


def _parts(
    open_lines: Sequence[tuple[FulfilmentOrder, Remaining]], owed: Mapping[str, int]
) -> tuple[list[Part], dict[str, int]]:
    """Share the owed units out over the open lines; what does not fit is lacking."""
    lacking = dict(owed)
    parts: list[Part] = []
    for order, line in open_lines:
        units = min(line.remaining, lacking.get(line.line_id, 0))
        if units:
            parts.append((order, line, units))
            lacking[line.line_id] -= units
    return parts, {line: units for line, units in lacking.items() if units}


def _by_location(parts: Sequence[Part]) -> list[list[Part]]:
    """One fulfilment may join fulfilment orders of one location only."""
    groups: dict[str, list[Part]] = {}
    for part in parts:
        groups.setdefault(part[0].location, []).append(part)
    return list(groups.values())


def _input(command: WritebackCommand, parts: Sequence[Part]) -> dict[str, Any]:
    lines: dict[str, list[dict[str, Any]]] = {}
    for order, line, units in parts:
        lines.setdefault(order.id, []).append({"id": line.id, "quantity": units})
    fulfilment: dict[str, Any] = {
        "lineItemsByFulfillmentOrder": [
            {"fulfillmentOrderId": order, "fulfillmentOrderLineItems": items}
            for order, items in lines.items()
        ],
        # Who stands at the counter needs no e-mail that the goods are on their way.
        "notifyCustomer": command.kind is WritebackKind.SHIPPED,
    }
    tracking = {
        "company": command.carrier,
        "number": command.tracking_number,
        "url": command.tracking_url if command.tracking_number else None,
    }
    if command.tracking_number:
        fulfilment["trackingInfo"] = {key: value for key, value in tracking.items() if value}
    return fulfilment


def _ready(api: Api, command: WritebackCommand) -> Accepted:
    """Mark the pickup as ready. Shopify marks whole fulfilment orders, and each only once."""
    wanted = {line.external_id for line in command.lines}
    if client.look(api, command.order_external_id).cancelled:
        raise ChannelRefused("the order is cancelled at the shop", remedy="cancel the pickup too")
    orders = client.fulfilment_orders(api, command.order_external_id)
    holding = [
        order
        for order in orders
        if order.status in _WORKABLE
        and order.pickup
        and any(line.line_id in wanted for line in client.remaining_lines(api, order.id))
    ]
    if not holding:
        closed = [client.number(order.id) for order in orders if order.status == "CLOSED"]
        if closed:
            return Accepted(reference=",".join(closed), repeated=True)
        raise ChannelRefused(
            "Shopify has no open pickup for these lines",
            remedy="check at the shop that the order is to be picked up",
        )
    reference = ",".join(client.number(order.id) for order in holding)
    errors = client.prepared(api, [order.id for order in holding])
    if errors and all(error.code == _READY_ALREADY for error in errors):
        return Accepted(reference=reference, repeated=True)
    client.refuse(errors)
    return Accepted(reference=reference)


def _cancelled(api: Api, command: WritebackCommand) -> Accepted:
    """Cancel at the shop, unless it is cancelled there. Money is not moved: that needs a person."""
    if client.look(api, command.order_external_id).cancelled:
        return Accepted(reference=command.order_external_id, repeated=True)
    job, errors = client.cancel(
        api, command.order_external_id, note=f"Cancelled in Tributary ({command.key})"
    )
    if errors and client.look(api, command.order_external_id).cancelled:
        return Accepted(reference=command.order_external_id, repeated=True)
    client.refuse(errors)
    return Accepted(reference=client.number(job))


def _in_words(lacking: Mapping[str, int]) -> str:
    return ", ".join(f"{units} of line {line}" for line, units in sorted(lacking.items()))
