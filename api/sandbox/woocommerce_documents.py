"""WooCommerce's order resource and webhook headers, as a shop sends them."""

import json
from datetime import datetime
from html import escape
from typing import Any, Final
from uuid import uuid4

from api.sandbox.orders import Happened, Place, ShopLine, ShopOrder
from oms.money import to_decimal

_TOPICS: Final = {
    Happened.CREATED: "order.created",
    Happened.UPDATED: "order.updated",
    Happened.CANCELLED: "order.updated",
    Happened.DELETED: "order.deleted",
}


def message(order: ShopOrder, happened: Happened) -> tuple[str, str, dict[str, str]]:
    """The topic, body and headers of a webhook; the signature is added when it is sent."""
    topic = _TOPICS[happened]
    content = {"id": int(order.id)} if happened is Happened.DELETED else document(order)
    return (
        topic,
        json.dumps(content, separators=(",", ":")),
        {
            "X-WC-Webhook-Source": f"https://{order.channel}.example.com/",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": "order",
            "X-WC-Webhook-Event": topic.partition(".")[2],
            "X-WC-Webhook-ID": "7",
            "X-WC-Webhook-Delivery-ID": uuid4().hex,
        },
    )


def document(order: ShopOrder) -> dict[str, Any]:
    """The order resource."""
    return {
        "id": int(order.id),
        "parent_id": 0,
        "number": order.number,
        "order_key": f"wc_order_{order.id}",
        "created_via": "checkout",
        "version": "10.3.0",
        "status": status(order),
        "currency": order.currency,
        "prices_include_tax": False,
        "date_created": _moment(order.placed_at),
        "date_created_gmt": _moment(order.placed_at),
        "date_modified": _moment(order.updated_at),
        "date_modified_gmt": _moment(order.updated_at),
        "date_paid_gmt": (_moment(order.placed_at) if order.paid else None),
        "discount_total": to_decimal(0, currency=order.currency),
        "shipping_total": to_decimal(order.shipping_minor, currency=order.currency),
        "shipping_tax": to_decimal(0, currency=order.currency),
        "total": to_decimal(order.total_minor(), currency=order.currency),
        "total_tax": to_decimal(0, currency=order.currency),
        "billing": {**_address(order, order.address or Place()), "email": order.customer.email},
        "shipping": _address(order, order.address if order.delivery == "ship" else None),
        "payment_method": "stripe",
        "line_items": [_line(order, line) for line in order.lines if line.quantity > line.removed],
        "shipping_lines": [_shipping_line(order)],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        "meta_data": order.meta,
    }


def status(order: ShopOrder) -> str:
    """WooCommerce's word for the order's state."""
    match order.status:
        case "cancelled" | "completed":
            return order.status
        case "deleted":
            return "trash"
        case _:
            return "processing" if order.paid else "pending"


def _moment(moment: datetime) -> str:
    """WooCommerce leaves the zone out and means UTC."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def _line(order: ShopOrder, line: ShopLine) -> dict[str, Any]:
    units = line.quantity - line.removed
    total = to_decimal(line.price_minor * units, currency=order.currency)
    return {
        "id": int(line.id),
        "name": escape(line.title),
        "product_id": int(line.id) % 100_000,
        "variation_id": 0,
        "quantity": units,
        "tax_class": "",
        "subtotal": total,
        "subtotal_tax": to_decimal(0, currency=order.currency),
        "total": total,
        "total_tax": to_decimal(0, currency=order.currency),
        "taxes": [],
        "meta_data": [],
        "sku": line.sku,
        "price": line.price_minor / 100,
    }


def _shipping_line(order: ShopOrder) -> dict[str, Any]:
    """The chosen delivery; for pickup as the block checkout writes it."""
    pickup = order.delivery == "pickup"
    return {
        "id": int(order.id) + 1,
        "method_id": "pickup_location" if pickup else "flat_rate",
        "method_title": f"Local pickup ({escape(order.store)})" if pickup else "Flat rate",
        "instance_id": "0",
        "total": to_decimal(order.shipping_minor, currency=order.currency),
        "total_tax": to_decimal(0, currency=order.currency),
        "taxes": [],
        "meta_data": [
            {"id": 1, "key": "pickup_location", "value": escape(order.store)},
            {"id": 2, "key": "pickup_address", "value": ""},
            {"id": 3, "key": "pickup_details", "value": ""},
        ]
        if pickup
        else [],
    }


def _address(order: ShopOrder, place: Place | None) -> dict[str, str]:
    first, last = order.customer.names() if place else ("", "")
    return {
        "first_name": first,
        "last_name": last,
        "company": "",
        "address_1": place.street if place else "",
        "address_2": "",
        "city": place.city if place else "",
        "state": place.region if place else "",
        "postcode": place.postcode if place else "",
        "country": place.country if place else "",
        "phone": order.customer.phone if place else "",
    }
