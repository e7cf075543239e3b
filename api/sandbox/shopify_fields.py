"""The fields of Shopify's Admin API that an order desk asks for, and what they do to an order.

The refusals are worded as Shopify words them. Quantities are kept as strictly as there: units
that are not open cannot be fulfilled, and what is ready is not made ready twice.
"""

import re
from collections.abc import Callable
from typing import Final

from api.sandbox.orders import Happened, Received, ShopOrder
from api.sandbox.shopify_call import Call, Json
from api.sandbox.state import State
from oms import clock

MUTATIONS: Final = frozenset(
    {"fulfillmentCreate", "fulfillmentOrderLineItemsPreparedForPickup", "orderCancel"}
)
_DIGITS: Final = re.compile(r"(\d+)$")
_CLOSED: Final = ("completed", "cancelled", "deleted")


def _number(global_id: object) -> str:
    found = _DIGITS.search(str(global_id))
    return found.group(1) if found else ""


def _order(call: Call) -> Json | None:
    order = call.state.order(call.channel, _number(call.arguments("order").get("id")))
    if order is None:
        return None
    cancelled = order.status in ("cancelled", "deleted")
    return {
        "id": f"gid://shopify/Order/{order.id}",
        "cancelledAt": order.updated_at.isoformat() if cancelled else None,
        "fulfillments": [
            _fulfilment(each) for each in order.received if each.kind in ("shipped", "collected")
        ],
        "fulfillmentOrders": call.page("fulfillmentOrders", [_work(order)]),
    }


def _fulfilment(received: Received) -> Json:
    tracking = {
        "number": received.tracking_number or None,
        "company": received.carrier or None,
        "url": received.tracking_url or None,
    }
    return {
        "id": f"gid://shopify/Fulfillment/{received.id}",
        "legacyResourceId": received.id,
        "status": "SUCCESS",
        "trackingInfo": [tracking] if received.tracking_number else [],
        "fulfillmentLineItems": received.lines,
    }


def _one_fulfilment(call: Call) -> Json | None:
    wanted = _number(call.arguments("fulfillment").get("id"))
    for order in call.state.orders(call.channel):
        for received in order.received:
            if received.id == wanted:
                lines = [
                    {"quantity": units, "lineItem": {"id": f"gid://shopify/LineItem/{line}"}}
                    for line, units in received.lines.items()
                ]
                page = call.page("fulfillmentLineItems", lines)
                return {**_fulfilment(received), "fulfillmentLineItems": page}
    return None


def _work_id(order: ShopOrder) -> str:
    """The one fulfilment order that the shop makes of an order."""
    return str(int(order.id) + 1)


def _work_status(order: ShopOrder) -> str:
    if order.status in _CLOSED:
        return "CANCELLED" if order.status != "completed" else "CLOSED"
    return "IN_PROGRESS" if order.status == "ready" or _begun(order) else "OPEN"


def _begun(order: ShopOrder) -> bool:
    return any(line.sent for line in order.lines)


def _work(order: ShopOrder) -> Json:
    return {
        "id": f"gid://shopify/FulfillmentOrder/{_work_id(order)}",
        "status": _work_status(order),
        "assignedLocation": {"location": {"id": "gid://shopify/Location/1"}},
        "deliveryMethod": {"methodType": "PICK_UP" if order.delivery == "pickup" else "SHIPPING"},
    }


def _by_work(call: Call, global_id: object) -> ShopOrder | None:
    wanted = _number(global_id)
    return call.state.order(call.channel, str(int(wanted) - 1)) if wanted else None


def _one_work(call: Call) -> Json | None:
    order = _by_work(call, call.arguments("fulfillmentOrder").get("id"))
    if order is None:
        return None
    lines = [
        {
            "id": f"gid://shopify/FulfillmentOrderLineItem/{line.id}",
            "remainingQuantity": 0 if order.status in _CLOSED else line.left(),
            "totalQuantity": line.quantity - line.removed,
            "lineItem": {"id": f"gid://shopify/LineItem/{line.id}"},
        }
        for line in order.lines
    ]
    return {**_work(order), "lineItems": call.page("lineItems", lines)}


def _fulfil(call: Call) -> Json:
    wanted: Json = call.arguments("fulfillmentCreate").get("fulfillment") or {}
    units: dict[str, int] = {}
    order: ShopOrder | None = None
    for part in wanted.get("lineItemsByFulfillmentOrder") or ():
        order = _by_work(call, part["fulfillmentOrderId"])
        if order is None:
            return _refused("Fulfillment order does not exist.")
        if order.status in _CLOSED:
            number, status = _work_id(order), _work_status(order).lower()
            return _refused(f"Fulfillment order {number} has an unfulfillable status= {status}.")
        for item in part.get("fulfillmentOrderLineItems") or ():
            line_id = _number(item["id"])
            units[line_id] = units.get(line_id, 0) + int(item["quantity"])
    if order is None:
        return _refused("Fulfillment orders must be provided.")
    if any(
        (line := order.line(each)) is None or not 0 < count <= line.left()
        for each, count in units.items()
    ):
        return _refused("Invalid fulfillment order line item quantity requested.")
    received = _record(call.state, order, units or _everything(order), wanted)
    return {"fulfillment": _fulfilment(received), "userErrors": []}


def _everything(order: ShopOrder) -> dict[str, int]:
    return {line.id: line.left() for line in order.lines if line.left() > 0}


def _record(state: State, order: ShopOrder, units: dict[str, int], wanted: Json) -> Received:
    tracking = wanted.get("trackingInfo") or {}
    pickup = order.delivery == "pickup"
    received = Received(
        id=str(int(order.id) + 10 + len(order.received)),
        kind="collected" if pickup else "shipped",
        at=clock.now(),
        lines=units,
        tracking_number=tracking.get("number") or "",
        tracking_url=tracking.get("url") or "",
        carrier=tracking.get("company") or "",
    )
    order.received.append(received)
    for line in order.lines:
        line.sent += units.get(line.id, 0)
    if all(line.left() == 0 for line in order.lines):
        order.status = "completed"
    if wanted.get("notifyCustomer"):
        order.mails.append(f"On its way: {received.tracking_number or 'your order'}")
    state.touched(order, Happened.UPDATED)
    return received


def _refused(message: str) -> Json:
    return {
        "fulfillment": None,
        "userErrors": [{"field": ["fulfillment"], "message": message}],
    }


def _prepared(call: Call) -> Json:
    wanted: Json = call.arguments("fulfillmentOrderLineItemsPreparedForPickup").get("input") or {}
    orders: list[ShopOrder] = []
    for part in wanted.get("lineItemsByFulfillmentOrder") or ():
        order = _by_work(call, part["fulfillmentOrderId"])
        if order is None:
            return _not_prepared("FULFILLMENT_ORDER_INVALID", "Invalid fulfillment order ID.")
        if order.status != "open" or order.delivery != "pickup":
            return _not_prepared(
                "NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER",
                "The fulfillment order does not have any line items that can be prepared.",
            )
        orders.append(order)
    for order in orders:
        order.status = "ready"
        order.mails.append("Ready for pickup")
        order.received.append(
            Received(id=str(int(order.id) + 10 + len(order.received)), kind="ready", at=clock.now())
        )
        call.state.touched(order, Happened.UPDATED)
    return {"userErrors": []}


def _not_prepared(code: str, message: str) -> Json:
    return {"userErrors": [{"code": code, "field": ["input"], "message": message}]}


def _cancel(call: Call) -> Json:
    asked = call.arguments("orderCancel")
    order = call.state.order(call.channel, _number(asked.get("orderId")))
    if order is None:
        return _not_cancelled("NOT_FOUND", "Order does not exist")
    if order.status in _CLOSED:
        return _not_cancelled("INVALID", "Cannot cancel an order that is closed or fulfilled")
    order.status = "cancelled"
    order.received.append(
        Received(id=str(int(order.id) + 10 + len(order.received)), kind="cancelled", at=clock.now())
    )
    if asked.get("notifyCustomer") == "true":
        order.mails.append("Your order has been cancelled")
    call.state.touched(order, Happened.CANCELLED)
    job = {"id": f"gid://shopify/Job/{order.id}", "done": True}
    return {"job": job, "orderCancelUserErrors": []}


def _not_cancelled(code: str, message: str) -> Json:
    error = {"code": code, "field": ["orderId"], "message": message}
    return {"job": None, "orderCancelUserErrors": [error]}


FIELDS: Final[dict[str, Callable[[Call], Json | None]]] = {
    "order": _order,
    "fulfillment": _one_fulfilment,
    "fulfillmentOrder": _one_work,
    "fulfillmentCreate": _fulfil,
    "fulfillmentOrderLineItemsPreparedForPickup": _prepared,
    "orderCancel": _cancel,
}
