"""The reference channel's events, as one's own shop sends them."""

import json
from typing import Any, Final

from api.sandbox.orders import Happened, ShopLine, ShopOrder
from oms.money import to_decimal

_TYPES: Final = {
    Happened.CREATED: "order.created",
    Happened.UPDATED: "order.updated",
    Happened.CANCELLED: "order.cancelled",
    Happened.DELETED: "order.cancelled",
}


def message(order: ShopOrder, happened: Happened) -> tuple[str, str, dict[str, str]]:
    """The type and body of an event; all headers belong to the signature, made when it is sent."""
    event = {
        "type": _TYPES[happened],
        "timestamp": order.updated_at.isoformat(),
        "data": document(order),
    }
    return _TYPES[happened], json.dumps(event, separators=(",", ":"), ensure_ascii=False), {}


def document(order: ShopOrder) -> dict[str, Any]:
    """The order."""
    return {
        "id": order.id,
        "number": order.number,
        "placed_at": order.placed_at.isoformat(),
        "updated_at": order.updated_at.isoformat(),
        "currency": order.currency,
        "total": to_decimal(order.total_minor(), currency=order.currency),
        "shipping": to_decimal(order.shipping_minor, currency=order.currency),
        "payment": "paid" if order.paid else "pending",
        "customer": order.customer.model_dump(),
        "delivery": _delivery(order),
        "lines": [_line(order, line) for line in order.lines if line.quantity > line.removed],
        "test": order.test,
    }


def _line(order: ShopOrder, line: ShopLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity - line.removed,
        "unit_price": to_decimal(line.price_minor, currency=order.currency),
    }


def _delivery(order: ShopOrder) -> dict[str, Any]:
    if order.delivery == "pickup":
        return {"method": "pickup", "store": order.store}
    if order.address is None:
        return {"method": "ship"}
    address = order.address.model_dump(exclude_none=True)
    return {
        "method": "ship",
        "address": {"name": order.customer.name, "phone": order.customer.phone, **address},
    }
