"""The words that customers' pages use for what the system calls by code; translated when shown."""

from typing import Final

from oms.fulfilments.arrival_models import Verdict
from oms.fulfilments.models import FulfilmentStatus, ParcelStatus
from oms.notifications.models import NoticeKind
from oms.orders.models import OrderStatus


def N_(message: str) -> str:  # noqa: N802 - gettext's own name of what marks a wording
    """Mark a wording for the catalogues; it is translated where it is shown."""
    return message


ORDERS: Final = {
    OrderStatus.HELD: N_("We are checking your order."),
    OrderStatus.BACKORDERED: N_("We are waiting for goods that are not in stock."),
    OrderStatus.CAPTURED: N_("We have received your order."),
    OrderStatus.IN_FULFILMENT: N_("Your order is being prepared."),
    OrderStatus.READY_FOR_PICKUP: N_("Your order is ready."),
    OrderStatus.PARTLY_FULFILLED: N_("A part of your order has left us; the rest follows."),
    OrderStatus.SHIPPED: N_("Your order is on its way."),
    OrderStatus.FULFILLED: N_("Your order is complete."),
    OrderStatus.CANCELLED: N_("Your order was cancelled."),
}

PARCELS: Final = {
    ParcelStatus.PACKED: N_("Packed"),
    ParcelStatus.LABELLED: N_("Given to the carrier"),
    ParcelStatus.IN_TRANSIT: N_("On its way"),
    ParcelStatus.OUT_FOR_DELIVERY: N_("Comes today"),
    ParcelStatus.DELIVERY_FAILED: N_("Nobody was there; the carrier tries again"),
    ParcelStatus.DELIVERED: N_("Delivered"),
    ParcelStatus.RETURNED: N_("Sent back to us"),
    ParcelStatus.LOST: N_("Lost on the way"),
}

PREPARING: Final = {
    FulfilmentStatus.ALLOCATED: N_("Waiting to be picked"),
    FulfilmentStatus.PICKING: N_("Being picked"),
    FulfilmentStatus.PACKED: N_("Packed"),
    FulfilmentStatus.HANDED_OVER: N_("Given to the carrier"),
    FulfilmentStatus.DELIVERED: N_("Delivered"),
    FulfilmentStatus.LOST: N_("Lost on the way"),
    FulfilmentStatus.RETURNED: N_("Sent back to us"),
}

EVENTS: Final = {
    "order.captured": N_("Order received"),
    "order.imported": N_("Order received"),
    "order.moved": N_("You chose another way"),
    "order.trimmed": N_("You cancelled a part"),
    "order.cancelled": N_("Cancelled"),
    "order.put_back": N_("Not collected; the goods are back on sale"),
    "fulfilment.picking": N_("Picking begun"),
    "fulfilment.handed_over": N_("Given to the carrier"),
    "fulfilment.lost": N_("Lost on the way"),
    "fulfilment.returned": N_("Sent back to us"),
    "parcel.out_for_delivery": N_("The carrier is out with it"),
    "parcel.delivery_failed": N_("Nobody was there; the carrier tries again"),
    "parcel.delivered": N_("Delivered"),
    "pickup.picking": N_("Picking begun"),
    "pickup.ready": N_("Ready to be collected"),
    "pickup.reminded": N_("You were reminded"),
    "pickup.expired": N_("Not collected in time"),
    "pickup.collected": N_("Collected"),
    "repayment.paid": N_("Money given back"),
}

VERDICTS: Final = {
    Verdict.WELL: N_("Yes, everything is fine"),
    Verdict.MISSING: N_("Something is missing"),
    Verdict.DAMAGED: N_("Something is damaged"),
}

KINDS: Final = {
    NoticeKind.CONFIRMED: N_("Your order was received"),
    NoticeKind.DELAYED: N_("Your order is late"),
    NoticeKind.READY: N_("Your order is ready"),
    NoticeKind.REMINDER: N_("Your order still waits for you"),
    NoticeKind.EXPIRED: N_("Your order was not picked up"),
    NoticeKind.SHIPPED: N_("Your order is on its way"),
    NoticeKind.OUT_FOR_DELIVERY: N_("Your order comes today"),
    NoticeKind.DELIVERED: N_("Your order was delivered"),
    NoticeKind.REFUNDED: N_("Money was given back"),
    NoticeKind.RETURN_REMINDER: N_("Your return is still to come"),
}

REFUSALS: Final = {
    "too_late": N_("That is too late: it is being prepared already, or has left."),
    "not_there": N_("What you ordered is no longer all there. Your order is as it was."),
    "slot_full": N_("Nobody else can come at this time. Please choose another."),
    "stale_version": N_("Your order has changed meanwhile. Please look, and choose again."),
    "conflict": N_("That is no longer possible. Please look again at what is offered now."),
    "invalid": N_("Please look again at what you have entered."),
    "unknown_store": N_("This store does not hand over orders. Please choose another."),
}
"""By the error's code; nothing was done in any of these cases."""
