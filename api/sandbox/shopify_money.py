"""The money of a Shopify order: how it was paid, and refunds under an idempotency key."""

import re
from typing import Final

from api.sandbox import shopify_stock
from api.sandbox.orders import Happened, Received, ShopOrder
from api.sandbox.shopify_call import Call, Json
from oms import clock
from oms.money import to_decimal, to_minor

_GATEWAY: Final = "bogus"
_DIGITS: Final = re.compile(r"(\d+)$")
_PAID: Final = 800
"""The place of the payment among an order's ids; refunds come after it."""


def transactions(order: ShopOrder) -> list[Json]:
    """The sale, if the order is paid, and each refund of it."""
    if not order.paid:
        return []
    sale = _id(order, 0)
    return [
        _transaction(order, sale, "SALE", order.total_minor(), parent=None),
        *(
            _transaction(order, _id(order, n), "REFUND", each.amount_minor, parent=sale)
            for n, each in enumerate(_refunded(order), start=1)
        ),
    ]


def refunds(order: ShopOrder) -> list[Json]:
    """The order's refunds, oldest first."""
    return [
        {
            "id": f"gid://shopify/Refund/{each.id}",
            "legacyResourceId": each.id,
            "note": each.text,
        }
        for each in _refunded(order)
    ]


def give_back(call: Call) -> Json:
    """Carry a refund out, once per key; never more than is left of the payment."""
    wanted: Json = call.arguments("refundCreate").get("input") or {}
    return shopify_stock.once(call, wanted, lambda: _give_back(call, wanted))


def _give_back(call: Call, wanted: Json) -> Json:
    found = _DIGITS.search(str(wanted.get("orderId")))
    order = call.state.order(call.channel, found.group(1)) if found else None
    if order is None:
        return _refused("orderId", "Order does not exist")
    parts = wanted.get("transactions") or []
    if any(part.get("parentId") != _id(order, 0) for part in parts):
        return _refused("transactions", "Parent transaction is invalid")
    amount = sum(to_minor(part["amount"], currency=order.currency) for part in parts)
    if not 0 < amount <= order.total_minor() - order.refunded_minor():
        return _refused("transactions", "Refund amount is greater than the amount available")
    received = Received(
        id=str(int(order.id) + _PAID + 1 + len(_refunded(order))),
        kind="refunded",
        at=clock.now(),
        text=wanted.get("note") or "",
        amount_minor=amount,
    )
    order.received.append(received)
    if wanted.get("notify"):
        order.mails.append("Your refund is on its way")
    call.state.touched(order, Happened.UPDATED)
    return {"refund": refunds(order)[-1], "userErrors": []}


def _refunded(order: ShopOrder) -> list[Received]:
    return [each for each in order.received if each.kind == "refunded"]


def _id(order: ShopOrder, position: int) -> str:
    return f"gid://shopify/OrderTransaction/{int(order.id) + _PAID + position}"


def _transaction(order: ShopOrder, id_: str, kind: str, minor: int, *, parent: str | None) -> Json:
    amount = {
        "amount": to_decimal(minor, currency=order.currency),
        "currencyCode": order.currency,
    }
    return {
        "id": id_,
        "kind": kind,
        "status": "SUCCESS",
        "gateway": _GATEWAY,
        "parentTransaction": {"id": parent} if parent else None,
        "amountSet": {"shopMoney": amount},
    }


def _refused(field: str, message: str) -> Json:
    return {"refund": None, "userErrors": [{"field": ["input", field], "message": message}]}
