"""Amazon's order (Orders API 2026-01-01) and its ORDER_CHANGE notification."""

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from api.sandbox.orders import Happened, Received, ShopLine, ShopOrder
from oms.money import to_decimal

MARKETPLACE: Final = "ATVPDKIKX0DER"
_SHIP_WITHIN: Final = timedelta(days=2)
_DELIVER_WITHIN: Final = timedelta(days=5)
_V0: Final = {
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
}

Json = dict[str, Any]


def message(order: ShopOrder, happened: Happened) -> tuple[str, str, dict[str, str]]:
    """A notification for the queue: it names the order and says little of it."""
    cancel = order.cancel_reason and happened is Happened.UPDATED
    changed = _moment(order.updated_at)
    change = {
        "NotificationLevel": "OrderLevel",
        "SellerId": "A3EXAMPLE",
        "AmazonOrderId": order.id,
        "OrderChangeType": "BuyerRequestedChange" if cancel else "OrderStatusChange",
        "OrderChangeTrigger": {"TimeOfOrderChange": changed, "ChangeReason": happened.value},
        "Summary": _summary(order),
    }
    notification = {
        "NotificationVersion": "1.0",
        "NotificationType": "ORDER_CHANGE",
        "PayloadVersion": "1.0",
        "EventTime": changed,
        "Payload": {"OrderChangeNotification": change},
        "NotificationMetadata": {
            "ApplicationId": "amzn1.sellerapps.app.example",
            "SubscriptionId": "subscription-example",
            "PublishTime": changed,
            "NotificationId": str(uuid4()),
        },
    }
    return "ORDER_CHANGE", json.dumps(notification, ensure_ascii=False), {}


def document(order: ShopOrder, included: Collection[str]) -> Json:
    """The order with the parts that were asked for."""
    parts: dict[str, tuple[str, Json | list[Json]]] = {
        "BUYER": ("buyer", _buyer(order)),
        "RECIPIENT": ("recipient", _recipient(order)),
        "PROCEEDS": ("proceeds", _proceeds(order)),
        "FULFILLMENT": ("fulfillment", _fulfilment(order)),
        "PACKAGES": ("packages", [_package(each) for each in packages(order)]),
    }
    return {
        "orderId": order.id,
        "createdTime": _moment(order.placed_at),
        "lastUpdatedTime": _moment(order.updated_at),
        "programs": ["IN_STORE_PICK_UP"] if order.delivery == "pickup" else [],
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": MARKETPLACE,
            "marketplaceName": "Amazon.com",
        },
        "orderItems": [_item(order, line, included) for line in order.lines],
        **{name: part for kind, (name, part) in parts.items() if kind in included and part},
    }


def status(order: ShopOrder) -> str:
    """How far it is."""
    if order.status in ("cancelled", "deleted"):
        return "CANCELLED"
    if not order.paid:
        return "PENDING"
    sent = sum(line.sent for line in order.lines)
    if not any(line.left() for line in order.lines):
        return "SHIPPED"
    return "PARTIALLY_SHIPPED" if sent else "UNSHIPPED"


def packages(order: ShopOrder) -> list[Received]:
    """The packages that Amazon was told of."""
    return [each for each in order.received if each.kind == "shipped"]


def _item(order: ShopOrder, line: ShopLine, included: Collection[str]) -> Json:
    item: Json = {
        "orderItemId": line.id,
        "quantityOrdered": line.quantity - line.removed,
        "product": {"asin": "B0EXAMPLE1", "title": line.title, "sellerSku": line.sku},
    }
    goods = line.price_minor * (line.quantity - line.removed)
    if order.paid:
        item["product"]["price"] = {"unitPrice": _money(order, line.price_minor)}
        if "PROCEEDS" in included:
            item["proceeds"] = {
                "proceedsTotal": _money(order, goods),
                "breakdowns": [{"type": "ITEM", "subtotal": _money(order, goods)}],
            }
    if "FULFILLMENT" in included:
        item["fulfillment"] = {
            "quantityFulfilled": line.sent,
            "quantityUnfulfilled": line.left(),
        }
    if "CANCELLATION" in included and order.cancel_reason:
        item["cancellation"] = {
            "cancellationRequest": {"requester": "BUYER", "cancelReason": order.cancel_reason}
        }
    return item


def _buyer(order: ShopOrder) -> Json:
    return {"buyerName": order.customer.name, "buyerEmail": order.customer.email}


def _recipient(order: ShopOrder) -> Json:
    """The buyer's address, or the store's where the buyer collects; none before payment."""
    if order.delivery == "pickup":
        return {"deliveryAddress": {"name": order.store, "countryCode": "US"}}
    if order.address is None or not order.paid:
        return {}
    return {
        "deliveryAddress": {
            "name": order.customer.name,
            "addressLine1": order.address.street,
            "addressLine2": "",
            "city": order.address.city,
            "stateOrRegion": order.address.region,
            "postalCode": order.address.postcode,
            "countryCode": order.address.country,
            "phone": order.customer.phone,
            "addressType": "RESIDENTIAL",
        }
    }


def _proceeds(order: ShopOrder) -> Json:
    if not order.paid:
        return {}
    goods = order.total_minor() - order.shipping_minor
    return {
        "grandTotal": _money(order, order.total_minor()),
        "breakdowns": [
            {"type": "ITEM", "subtotal": _money(order, goods)},
            {"type": "SHIPPING", "subtotal": _money(order, order.shipping_minor)},
        ],
    }


def _fulfilment(order: ShopOrder) -> Json:
    return {
        "fulfillmentStatus": status(order),
        "fulfilledBy": "AMAZON" if order.by_marketplace else "MERCHANT",
        "fulfillmentServiceLevel": "STANDARD",
        "shipByWindow": _span(order.placed_at, _SHIP_WITHIN),
        "deliverByWindow": _span(order.placed_at, _DELIVER_WITHIN),
    }


def _package(received: Received) -> Json:
    return {
        "packageReferenceId": received.id,
        "createdTime": _moment(received.at),
        "packageStatus": {"status": "SHIPPED"},
        "carrier": received.carrier,
        "shipTime": _moment(received.at),
        "trackingNumber": received.tracking_number,
        "packageItems": [
            {"orderItemId": line, "quantity": units} for line, units in received.lines.items()
        ],
    }


def _summary(order: ShopOrder) -> Json:
    return {
        "MarketplaceId": MARKETPLACE,
        "OrderStatus": _V0[status(order)],
        "PurchaseDate": _moment(order.placed_at),
        "DestinationPostalCode": order.address.postcode if order.address else None,
        "FulfillmentType": "AFN" if order.by_marketplace else "MFN",
        "OrderType": "StandardOrder",
        "OrderItems": [
            {
                "OrderItemId": line.id,
                "SellerSKU": line.sku,
                "SupplySourceId": None,
                "Quantity": line.quantity - line.removed,
                "QuantityShipped": line.sent,
                "IsBuyerRequestedCancel": bool(order.cancel_reason),
            }
            for line in order.lines
        ],
    }


def _span(since: datetime, lasts: timedelta) -> Json:
    return {"earliestDateTime": _moment(since), "latestDateTime": _moment(since + lasts)}


def _money(order: ShopOrder, amount_minor: int) -> Json:
    return {
        "amount": to_decimal(amount_minor, currency=order.currency),
        "currencyCode": order.currency,
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
