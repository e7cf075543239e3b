"""Let Shopify give money back, once.

`refundCreate` takes an idempotency key since version 2026-04. What it is asked for depends on the
transactions that are left, so a repetition would ask for something else under the same key: the
shop is asked first whether a refund with our note is there.

Only money is told. Goods are neither removed from the order nor restocked: they were wanted and
delivered, and where they are now we publish ourselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from oms.channels.base import Accepted, ChannelRefused, WritebackCommand
from oms.channels.shopify import client, operations
from oms.channels.shopify.client import Api
from oms.money import to_decimal, to_minor

_CAPTURED: Final = frozenset({"SALE", "CAPTURE"})
_SUCCESS: Final = "SUCCESS"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Left:
    """A transaction by which the shop was paid, and what of it is not given back."""

    id: str
    gateway: str
    minor: int


def refund(api: Api, command: WritebackCommand) -> Accepted:
    """Give the amount back by the transactions that it came from."""
    global_id = client.gid("Order", command.order_external_id)
    order = client.money(api, global_id, command.order_external_id)
    for known in order["refunds"]:
        if command.key in str(known.get("note") or ""):
            return Accepted(reference=str(known["legacyResourceId"]), repeated=True)
    wanted = {
        "orderId": global_id,
        "note": f"{command.reason} ({command.key})",
        "notify": True,
        "discrepancyReason": "OTHER",
        "transactions": _parts(order["transactions"], command, order_id=global_id),
    }
    if command.shipping_minor:
        amount = to_decimal(command.shipping_minor, currency=command.currency)
        wanted["shipping"] = {"amount": amount}
    payload = api.run(operations.REFUND, {"input": wanted, "key": command.key})["refundCreate"]
    client.refuse(client.user_errors(payload or {}))
    made = (payload or {}).get("refund") or {}
    return Accepted(reference=str(made.get("legacyResourceId", "")))


def _parts(
    transactions: Sequence[Json], command: WritebackCommand, *, order_id: str
) -> list[dict[str, Any]]:
    """The amount shared out over what the shop captured; the oldest first."""
    lacking = command.amount_minor
    parts = []
    for each in _captured(transactions, currency=command.currency):
        part = min(lacking, each.minor)
        if part > 0:
            parts.append(
                {
                    "orderId": order_id,
                    "parentId": each.id,
                    "gateway": each.gateway,
                    "kind": "REFUND",
                    "amount": to_decimal(part, currency=command.currency),
                }
            )
            lacking -= part
    if lacking:
        short = to_decimal(lacking, currency=command.currency)
        raise ChannelRefused(
            f"the shop has captured {short} {command.currency} less than is to be given back",
            remedy="capture the payment at the shop, or settle the refund there by hand",
            facts={"lacking_minor": lacking},
        )
    return parts


def _captured(transactions: Sequence[Json], *, currency: str) -> list[_Left]:
    done = [each for each in transactions if each["status"] == _SUCCESS]
    back: dict[str, int] = {}
    for each in done:
        if each["kind"] == "REFUND" and each["parentTransaction"]:
            parent = each["parentTransaction"]["id"]
            back[parent] = back.get(parent, 0) + _minor(each, currency)
    return [
        _Left(each["id"], each["gateway"] or "", _minor(each, currency) - back.get(each["id"], 0))
        for each in done
        if each["kind"] in _CAPTURED
    ]


def _minor(transaction: Json, currency: str) -> int:
    return to_minor(transaction["amountSet"]["shopMoney"]["amount"], currency=currency)
