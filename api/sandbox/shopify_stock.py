"""Shopify's inventory as far as an order desk keeps it: figures by item and location.

A write sets all or nothing, wants an idempotency key, and refuses to overwrite a figure that is
no longer what the caller read.
"""

import json
import re
from collections.abc import Callable
from typing import Final

from api.sandbox import stock
from api.sandbox.shopify_call import Call, Json

MUTATIONS: Final = frozenset({"inventorySetQuantities", "inventoryActivate"})
_KEYED: Final = MUTATIONS | {"refundCreate"}
_NAMES: Final = ("available", "on_hand")
_REASONS: Final = frozenset(
    {
        "correction", "cycle_count_available", "damaged", "movement_created", "other",
        "promotion", "quality_control", "received", "reservation_created", "restock",
        "safety_stock", "shrinkage",
    }
)  # fmt: skip
_SKU: Final = re.compile(r'sku:"((?:[^"\\]|\\.)*)"')
_NUMBER: Final = re.compile(r"(\d+)$")
_MOST: Final = 1_000_000_000


def lacks_key(call: Call) -> bool:
    """Whether a write comes without the idempotency key that the API asks for."""
    return call.root in _KEYED and not str(call.arguments("idempotent").get("key") or "").strip()


def _locations(call: Call) -> Json:
    nodes = [
        {"id": id_, "name": name} for id_, name in stock.places(call.state, call.channel).items()
    ]
    return call.page("locations", nodes)


def _items(call: Call) -> Json:
    asked = call.arguments("inventoryItems")
    wanted = [re.sub(r"\\(.)", r"\1", sku) for sku in _SKU.findall(str(asked.get("query") or ""))]
    known = [sku for sku in stock.skus(call.state, call.channel) if sku in wanted]
    return call.page("inventoryItems", [_item(call, sku) for sku in known])


def _nodes(call: Call) -> list[Json | None]:
    """Variants by id; a variant has the number of its inventory item."""
    found: list[Json | None] = []
    for global_id in call.arguments("nodes").get("ids") or ():
        sku = _by_number(call, global_id)
        item = _item(call, sku) if sku is not None else None
        found.append(
            item and {"__typename": "ProductVariant", "id": global_id, "inventoryItem": item}
        )
    return found


def _item(call: Call, sku: str) -> Json:
    levels = [
        {"location": {"id": place}, "quantities": [{"quantity": figure}]}
        for place in stock.places(call.state, call.channel)
        if (figure := stock.figure(call.state, call.channel, sku, place)) is not None
    ]
    return {
        "id": f"gid://shopify/InventoryItem/{stock.item_id(call.channel, sku)}",
        "sku": sku,
        "tracked": True,
        "inventoryLevels": {"nodes": levels},
    }


def _set(call: Call) -> Json:
    wanted: Json = call.arguments("inventorySetQuantities").get("input") or {}
    return once(call, wanted, lambda: _set_all(call, wanted))


def _set_all(call: Call, wanted: Json) -> Json:
    if wanted.get("name") not in _NAMES:
        return _refused("INVALID_NAME", ["input", "name"], "The quantity name is invalid.")
    if wanted.get("reason") not in _REASONS:
        return _refused("INVALID_REASON", ["input", "reason"], "The specified reason is invalid.")
    levels: list[tuple[str, str, int]] = []
    errors = []
    for number, each in enumerate(wanted.get("quantities") or ()):
        sku = _by_number(call, each["inventoryItemId"])
        place = str(each["locationId"])
        fault = _fault(call, each, sku, place)
        if (sku, place) in [(level[0], level[1]) for level in levels]:
            fault = "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"
        if fault or sku is None:
            field = ["input", "quantities", str(number), "quantity"]
            errors.append({"code": fault, "field": field, "message": fault.lower()})
        else:
            levels.append((sku, place, int(each["quantity"])))
    if errors:
        return {"inventoryAdjustmentGroup": None, "userErrors": errors}
    for sku, place, quantity in levels:
        stock.put(call.state, call.channel, sku, quantity, place=place)
    group = {"id": f"gid://shopify/InventoryAdjustmentGroup/{len(call.state.keys)}"}
    return {"inventoryAdjustmentGroup": group, "userErrors": []}


def _fault(call: Call, each: Json, sku: str | None, place: str) -> str:
    """The code of what is wrong with one level."""
    if sku is None:
        return "INVALID_INVENTORY_ITEM"
    if place not in stock.places(call.state, call.channel):
        return "INVALID_LOCATION"
    now = stock.figure(call.state, call.channel, sku, place)
    if now is None:
        return "ITEM_NOT_STOCKED_AT_LOCATION"
    if int(each["quantity"]) < 0:
        return "INVALID_QUANTITY_NEGATIVE"
    if int(each["quantity"]) > _MOST:
        return "INVALID_QUANTITY_TOO_HIGH"
    if "changeFromQuantity" not in each:
        return "COMPARE_QUANTITY_REQUIRED"
    expected = each["changeFromQuantity"]
    return "CHANGE_FROM_QUANTITY_STALE" if expected not in (None, now) else ""


def _activate(call: Call) -> Json:
    asked = call.arguments("inventoryActivate")
    sku = _by_number(call, asked.get("inventoryItemId"))
    place = str(asked.get("locationId"))
    if sku is None or place not in stock.places(call.state, call.channel):
        error = {"field": ["inventoryItemId"], "message": "The inventory item was not found."}
        return {"inventoryLevel": None, "userErrors": [error]}

    def activate() -> Json:
        if stock.figure(call.state, call.channel, sku, place) is None:
            stock.put(call.state, call.channel, sku, int(asked.get("available") or 0), place=place)
        number = stock.item_id(call.channel, sku)
        level = {"id": f"gid://shopify/InventoryLevel/{number}?inventory_item_id={number}"}
        return {"inventoryLevel": level, "userErrors": []}

    return once(call, asked, activate)


def once(call: Call, wanted: Json, act: Callable[[], Json]) -> Json:
    """Carry out once per key; the same key with other values is refused."""
    key = (call.channel, str(call.arguments("idempotent")["key"]))
    content = json.dumps(wanted, sort_keys=True)
    if key in call.state.keys:
        before, payload = call.state.keys[key]
        if before != content:
            return _refused(
                "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
                None,
                "The same idempotency key cannot be used with different operation parameters.",
            )
        if payload["userErrors"]:
            return _refused(
                "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
                None,
                "A previous request with this idempotency key failed.",
            )
        return payload
    payload = act()
    call.state.keys[key] = (content, payload)
    return payload


def _by_number(call: Call, global_id: object) -> str | None:
    found = _NUMBER.search(str(global_id))
    return stock.sku_of(call.state, call.channel, int(found.group(1))) if found else None


def _refused(code: str, field: list[str] | None, message: str) -> Json:
    error = {"code": code, "field": field, "message": message}
    return {"inventoryAdjustmentGroup": None, "inventoryLevel": None, "userErrors": [error]}


FIELDS: Final[dict[str, Callable[[Call], object]]] = {
    "locations": _locations,
    "inventoryItems": _items,
    "nodes": _nodes,
    "inventorySetQuantities": _set,
    "inventoryActivate": _activate,
}
