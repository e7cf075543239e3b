"""The fields of Shopify's Admin API that an order desk asks for, and what they do to an order.

The refusals are worded as Shopify words them. Quantities are kept as strictly as there: units
that are not open cannot be fulfilled, and what is ready is not made ready twice.
"""

import re
from collections.abc import Callable
from typing import Final

from api.sandbox import shopify_money
from api.sandbox.orders import IDS_PER_ORDER, Happened, Received, ShopLine, ShopOrder
from api.sandbox.shopify_call import Call, Json
from api.sandbox.state import State
from api.sandbox.stock import put_back
from oms import clock

MUTATIONS: Final = frozenset(
    {
        "fulfillmentCreate",
        "fulfillmentOrderLineItemsPreparedForPickup",
        "orderCancel",
        "refundCreate",
    }
)
_DIGITS: Final = re.compile(r"(\d+)$")
_FIRST_RECEIVED: Final = 300
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
        "transactions": shopify_money.transactions(order),
        "refunds": shopify_money.refunds(order),
        "fulfillmentOrders": call.page(
            "fulfillmentOrders",
            [_work(order, lines, index) for index, lines in enumerate(_works(call, order))],
        ),
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


def _works(call: Call, order: ShopOrder) -> list[list[ShopLine]]:
    """The lines of each fulfilment order: one for all, or one a line in a shop that splits."""
    if call.state.config.shops[call.channel].split:
        return [[line] for line in order.lines]
    return [order.lines]


def _work(order: ShopOrder, lines: list[ShopLine], index: int) -> Json:
    return {
        "id": f"gid://shopify/FulfillmentOrder/{int(order.id) + 1 + index}",
        "status": _work_status(order, lines),
        "assignedLocation": {"location": {"id": f"gid://shopify/Location/{1 + index}"}},
        "deliveryMethod": {"methodType": "PICK_UP" if order.delivery == "pickup" else "SHIPPING"},
    }


def _work_status(order: ShopOrder, lines: list[ShopLine]) -> str:
    if order.status in ("cancelled", "deleted"):
        return "CANCELLED"
    if all(line.left() == 0 for line in lines):
        return "CLOSED"
    begun = order.status == "ready" or any(line.sent for line in lines)
    return "IN_PROGRESS" if begun else "OPEN"


def _by_work(call: Call, global_id: object) -> tuple[ShopOrder, list[ShopLine], int] | None:
    """The order that a fulfilment order belongs to, its lines and its position."""
    number = int(_number(global_id) or 0)
    order = call.state.order(call.channel, str(number - number % IDS_PER_ORDER))
    index = number % IDS_PER_ORDER - 1
    if order is None or not 0 <= index < len(works := _works(call, order)):
        return None
    return order, works[index], index


def _one_work(call: Call) -> Json | None:
    found = _by_work(call, call.arguments("fulfillmentOrder").get("id"))
    if found is None:
        return None
    order, lines, index = found
    nodes = [
        {
            "id": f"gid://shopify/FulfillmentOrderLineItem/{line.id}",
            "remainingQuantity": 0 if order.status in _CLOSED else line.left(),
            "totalQuantity": line.quantity - line.removed,
            "lineItem": {"id": f"gid://shopify/LineItem/{line.id}"},
        }
        for line in lines
    ]
    return {**_work(order, lines, index), "lineItems": call.page("lineItems", nodes)}


def _fulfil(call: Call) -> Json:
    wanted: Json = call.arguments("fulfillmentCreate").get("fulfillment") or {}
    units: dict[str, int] = {}
    places: set[int] = set()
    order: ShopOrder | None = None
    for part in wanted.get("lineItemsByFulfillmentOrder") or ():
        found = _by_work(call, part["fulfillmentOrderId"])
        if found is None:
            return _refused("Fulfillment order does not exist.")
        order, lines, index = found
        places.add(index)
        status = _work_status(order, lines)
        if status in ("CLOSED", "CANCELLED"):
            number = _number(part["fulfillmentOrderId"])
            said = f"Fulfillment order {number} has an unfulfillable status= {status.lower()}."
            return _refused(said)
        if fault := _add(units, lines, part.get("fulfillmentOrderLineItems")):
            return _refused(fault)
    if order is None:
        return _refused("Fulfillment orders must be provided.")
    if len(places) > 1:
        return _refused("All fulfillment orders must be assigned to the same location.")
    received = _record(call.state, order, units, wanted)
    return {"fulfillment": _fulfilment(received), "userErrors": []}


def _add(units: dict[str, int], lines: list[ShopLine], items: list[Json] | None) -> str:
    """Count the asked units by line, all that is open if none are named; or what is wrong."""
    if not items:
        units |= {line.id: line.left() for line in lines if line.left() > 0}
        return ""
    known = {line.id: line for line in lines}
    for item in items:
        line = known.get(_number(item["id"]))
        count = int(item["quantity"])
        if line is None or not 0 < count <= line.left() - units.get(line.id, 0):
            return "Invalid fulfillment order line item quantity requested."
        units[line.id] = units.get(line.id, 0) + count
    return ""


def _record(state: State, order: ShopOrder, units: dict[str, int], wanted: Json) -> Received:
    tracking = wanted.get("trackingInfo") or {}
    pickup = order.delivery == "pickup"
    received = Received(
        id=_next_id(order),
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


def _next_id(order: ShopOrder) -> str:
    return str(int(order.id) + _FIRST_RECEIVED + len(order.received))


def _refused(message: str) -> Json:
    return {
        "fulfillment": None,
        "userErrors": [{"field": ["fulfillment"], "message": message}],
    }


def _prepared(call: Call) -> Json:
    wanted: Json = call.arguments("fulfillmentOrderLineItemsPreparedForPickup").get("input") or {}
    orders: dict[str, ShopOrder] = {}
    for part in wanted.get("lineItemsByFulfillmentOrder") or ():
        found = _by_work(call, part["fulfillmentOrderId"])
        if found is None:
            return _not_prepared("FULFILLMENT_ORDER_INVALID", "Invalid fulfillment order ID.")
        order = found[0]
        if order.status != "open" or order.delivery != "pickup":
            return _not_prepared(
                "NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER",
                "The fulfillment order does not have any line items that can be prepared.",
            )
        orders[order.id] = order
    for order in orders.values():
        order.status = "ready"
        order.mails.append("Ready for pickup")
        order.received.append(Received(id=_next_id(order), kind="ready", at=clock.now()))
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
    order.received.append(Received(id=_next_id(order), kind="cancelled", at=clock.now()))
    if asked.get("restock"):
        put_back(call.state, order)
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
    "refundCreate": shopify_money.give_back,
}
