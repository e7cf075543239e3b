"""Tell Amazon what became of an order, once: look first, and name the package by a fixed number."""

from typing import Any, Final

from oms.channels.amazon import client, packages
from oms.channels.amazon.client import Api
from oms.channels.amazon.document import Standing
from oms.channels.base import Accepted, ChannelRefused, Malformed, WritebackCommand
from oms.channels.documents import validate
from oms.channels.models import WritebackKind
from oms.channels.rates import Gate
from oms.connections import ChannelSettings

TELLS: Final = frozenset({WritebackKind.SHIPPED, WritebackKind.READY, WritebackKind.COLLECTED})
_PICKUP: Final = {WritebackKind.READY: "ReadyForPickup", WritebackKind.COLLECTED: "PickedUp"}
_BY_HAND: Final = {
    WritebackKind.CANCELLED: "cancel the order in Seller Central; the Orders API has no way to",
    WritebackKind.REFUNDED: "give the money back in Seller Central; the Orders API has no way to",
}


def tell(
    command: WritebackCommand,
    *,
    channel: str,
    settings: ChannelSettings,
    gate: Gate,
    timeout_s: float,
) -> Accepted:
    """Write one fact back.

    After a lost answer the package is found at Amazon and not told again. If Amazon does not
    show it yet, telling it once more under its number changes nothing and mails nobody.
    """
    with client.connected(channel, settings, gate=gate, timeout_s=timeout_s) as api:
        if command.kind is WritebackKind.REFUNDED:
            raise _by_hand(command)
        standing = _standing(api, command)
        status = standing.fulfilment.status if standing.fulfilment else ""
        if command.kind is WritebackKind.CANCELLED:
            if status == "CANCELLED":
                return Accepted(command.order_external_id, repeated=True)
            raise _by_hand(command)
        if standing.fulfilment and standing.fulfilment.by == "AMAZON":
            raise ChannelRefused(
                "Amazon fulfils this order itself",
                remedy="find out why it was sent from here; tell Amazon nothing",
            )
        if status == "CANCELLED":
            raise ChannelRefused(
                "the order is cancelled at Amazon", remedy="stop the parcel, or take it back"
            )
        if command.kind is WritebackKind.SHIPPED:
            return _confirm(api, command, standing)
        return _pickup(api, command, standing, status=status)


def _confirm(api: Api, command: WritebackCommand, standing: Standing) -> Accepted:
    """Tell of a package, correct it if Amazon has it otherwise, or leave it as it is."""
    reference = packages.reference_of(command)
    known = {package.reference: package for package in standing.packages or ()}
    there = known.get(reference)
    if there is not None and packages.same(there, command):
        return Accepted(reference, repeated=True)
    detail = packages.detail(command, api.access)
    client.confirm(
        api,
        command.order_external_id,
        {"marketplaceId": _marketplace(api, standing), "packageDetail": detail},
    )
    return Accepted(reference)


def _pickup(api: Api, command: WritebackCommand, standing: Standing, *, status: str) -> Accepted:
    """Say that goods are ready or were collected; a status that is said twice stays as it is."""
    wanted = _PICKUP[command.kind]
    if status == "SHIPPED":
        return Accepted(command.order_external_id, repeated=True)
    body: dict[str, Any] = {
        "marketplaceId": _marketplace(api, standing),
        "shipmentStatus": wanted,
        "orderItems": [
            {"orderItemId": line.external_id, "quantity": line.quantity} for line in command.lines
        ],
    }
    client.pickup_status(api, command.order_external_id, body)
    return Accepted(f"{command.order_external_id}:{wanted}")


def _standing(api: Api, command: WritebackCommand) -> Standing:
    document = client.order(api, command.order_external_id)
    try:
        return validate(Standing, document, remedy="look at the order in Seller Central")
    except Malformed as error:
        raise ChannelRefused(error.message, remedy=error.remedy) from error


def _marketplace(api: Api, standing: Standing) -> str:
    """Where the order was placed; the first of the settings if Amazon does not say."""
    return standing.sales_channel.marketplace_id or api.access.marketplace_ids[0]


def _by_hand(command: WritebackCommand) -> ChannelRefused:
    return ChannelRefused(
        f"Amazon takes no {command.kind.value!r} over this API", remedy=_BY_HAND[command.kind]
    )
