"""Shopify's order resource and webhook headers, as a shop sends them."""

import json
from typing import Any, Final
from uuid import uuid4

from api.sandbox.orders import Happened, Place, Received, ShopLine, ShopOrder
from oms.money import to_decimal

_TOPICS: Final = {
    Happened.CREATED: "orders/create",
    Happened.UPDATED: "orders/updated",
    Happened.CANCELLED: "orders/cancelled",
    Happened.DELETED: "orders/cancelled",
}


def message(order: ShopOrder, happened: Happened) -> tuple[str, str, dict[str, str]]:
    """The topic, body and headers of a webhook; the signature is added when it is sent."""
    topic = _TOPICS[happened]
    body = json.dumps(document(order), separators=(",", ":"), ensure_ascii=False)
    return (
        topic,
        body,
        {
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": f"{order.channel}.example.com",
            "X-Shopify-API-Version": "2026-07",
            "X-Shopify-Webhook-Id": str(uuid4()),
            "X-Shopify-Event-Id": str(uuid4()),
            "X-Shopify-Triggered-At": order.updated_at.isoformat(),
        },
    )


def document(order: ShopOrder) -> dict[str, Any]:
    """The order resource."""
    first, last = order.customer.names()
    total = _money(order, order.total_minor())
    return {
        "id": int(order.id),
        "admin_graphql_api_id": f"gid://shopify/Order/{order.id}",
        "name": order.number,
        "order_number": int(order.number.lstrip("#")),
        "created_at": order.placed_at.isoformat(timespec="seconds"),
        "updated_at": order.updated_at.isoformat(timespec="seconds"),
        "cancelled_at": (
            order.updated_at.isoformat(timespec="seconds")
            if order.status in ("cancelled", "deleted")
            else None
        ),
        "confirmed": True,
        "test": order.test,
        "currency": order.currency,
        "presentment_currency": order.currency,
        "taxes_included": False,
        "financial_status": "paid" if order.paid else "pending",
        "fulfillment_status": _fulfilment_status(order),
        "total_price": total["shop_money"]["amount"],
        "total_price_set": total,
        "current_total_price": total["shop_money"]["amount"],
        "current_total_price_set": total,
        "total_shipping_price_set": _money(order, order.shipping_minor),
        "source_name": "web",
        **_reached(order),
        "phone": None,
        "customer": {
            "id": 7_000_000_000_000,
            "first_name": first,
            "last_name": last,
            "email": order.customer.email,
            "phone": order.customer.phone,
        },
        "billing_address": _address(order, order.address or Place()),
        "shipping_address": (
            _address(order, order.address) if order.address and order.delivery == "ship" else None
        ),
        "shipping_lines": [_shipping_line(order)],
        "line_items": [_line(order, line) for line in order.lines],
        "fulfillments": [
            _fulfilment(order, each)
            for each in order.received
            if each.kind in ("shipped", "collected")
        ],
        "refunds": [],
    }


def _reached(order: ShopOrder) -> dict[str, Any]:
    """Where the customer is written to, and in which language."""
    return {"email": order.customer.email, "customer_locale": order.customer.locale or None}


def _line(order: ShopOrder, line: ShopLine) -> dict[str, Any]:
    return {
        "id": int(line.id),
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line.id}",
        "sku": line.sku,
        "variant_id": 40_000_000_000_000 + int(line.id) % 1_000_000,
        "title": line.title,
        "name": line.title,
        "quantity": line.quantity,
        "current_quantity": line.quantity - line.removed,
        "fulfillable_quantity": line.left(),
        "fulfillment_service": "manual",
        "requires_shipping": True,
        "gift_card": False,
        "taxable": True,
        "price": to_decimal(line.price_minor, currency=order.currency),
        "price_set": _money(order, line.price_minor),
        "total_discount": "0.00",
        "tax_lines": [],
        "discount_allocations": [],
    }


def _shipping_line(order: ShopOrder) -> dict[str, Any]:
    title = order.store if order.delivery == "pickup" else "Standard"
    price = to_decimal(order.shipping_minor, currency=order.currency)
    return {
        "id": int(order.id) + 900,
        "code": title,
        "title": title,
        "source": "shopify",
        "delivery_category": None,
        "carrier_identifier": None,
        "requested_fulfillment_service_id": None,
        "price": price,
        "discounted_price": price,
        "tax_lines": [],
        "discount_allocations": [],
    }


def _fulfilment(order: ShopOrder, received: Received) -> dict[str, Any]:
    return {
        "id": int(received.id),
        "order_id": int(order.id),
        "status": "success",
        "created_at": received.at.isoformat(timespec="seconds"),
        "tracking_company": received.carrier or None,
        "tracking_number": received.tracking_number or None,
        "tracking_url": received.tracking_url or None,
        "line_items": [
            {"id": int(line), "quantity": units} for line, units in received.lines.items()
        ],
    }


def _address(order: ShopOrder, place: Place) -> dict[str, Any]:
    first, last = order.customer.names()
    return {
        "first_name": first,
        "last_name": last,
        "name": order.customer.name,
        "company": None,
        "address1": place.street,
        "address2": None,
        "city": place.city,
        "zip": place.postcode,
        "province": place.region,
        "province_code": place.region,
        "country": place.country,
        "country_code": place.country,
        "phone": order.customer.phone,
        "latitude": place.latitude,
        "longitude": place.longitude,
    }


def _money(order: ShopOrder, minor: int) -> dict[str, dict[str, str]]:
    money = {
        "amount": to_decimal(minor, currency=order.currency),
        "currency_code": order.currency,
    }
    return {"shop_money": money, "presentment_money": money}


def _fulfilment_status(order: ShopOrder) -> str | None:
    if all(line.left() == 0 for line in order.lines):
        return "fulfilled"
    return "partial" if any(line.sent for line in order.lines) else None
