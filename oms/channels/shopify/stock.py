"""Read and set a Shopify shop's stock, location by location.

Shopify lowers a figure itself when it sells. A level is therefore set only from the very figure
that was read (`changeFromQuantity`), and under an idempotency key, which the API asks for since
version 2026-04 (https://shopify.dev/docs/api/usage/idempotent-requests).
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from oms.channels.base import ChannelRefused, ChannelUnavailable
from oms.channels.shopify import client, operations
from oms.channels.shopify.client import Api
from oms.channels.stock import (
    REST,
    Figure,
    Place,
    Refusal,
    Spot,
    StockLevel,
    Telling,
    chunks,
    places_from,
)
from oms.connections import ChannelSettings

_MOST_POINTS_A_QUERY: Final = 900
"""Shopify refuses a query of more than 1,000 points, reckoned from the page sizes asked for."""
_MOST_POINTS_AT_ONCE: Final = 1_500
"""A shop's bucket holds 2,000; what is read at once must fit into it."""
_MOST_LOCATIONS: Final = 140
_MOST_A_MUTATION: Final = 250
_STALE: Final = frozenset({"CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE"})
_LATER: Final = "IDEMPOTENCY_CONCURRENT_REQUEST"
_ANEW: Final = frozenset(
    {"IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"}
)

Json = Mapping[str, Any]


@dataclass(slots=True)
class ShopifyStock:
    """One shop's inventory."""

    channel: str
    settings: ChannelSettings
    timeout_s: float
    locations: int = _MOST_LOCATIONS
    """How many the shop has, ours or not, as `places` found them."""

    def places(self, codes: Collection[str]) -> Sequence[Place]:
        """The shop's locations that the settings connect to ours."""
        with client.connected(self.channel, self.settings, timeout_s=self.timeout_s) as api:
            named = _locations(api)
        self.locations = len(named)
        places = places_from(self.settings, named, codes=codes)
        if not places:
            raise ChannelRefused(
                f"{self.channel} has no location that the settings connect to one of ours",
                field=f"channels.{self.channel}.stock_locations",
                remedy="name the shop's location there, with our location's code or with"
                f' "{REST}" for all; or set channels.{self.channel}.publish_stock to false',
                facts={"theirs": [names[1] for _, names in named][:20]},
            )
        return places

    def most(self, places: Sequence[Place]) -> int:  # noqa: ARG002 - every location of the shop counts
        """As many as the shop's bucket of points holds."""
        return max(1, min(_MOST_POINTS_AT_ONCE // self._points(), 50))

    def read(self, skus: Collection[str], places: Sequence[Place]) -> Mapping[Spot, Figure]:
        """What the shop has available, found by SKU, else by the variant's id."""
        found: dict[Spot, Figure] = {}
        size = max(1, _MOST_POINTS_A_QUERY // self._points() - 1)
        with client.connected(self.channel, self.settings, timeout_s=self.timeout_s) as api:
            for part in chunks(sorted(set(skus)), min(size, 50)):
                items = _items(api, part, levels=self.locations)
                for sku, item in items.items():
                    found.update(_figures(sku, item, places))
        return found

    def write(self, telling: Telling) -> Mapping[Spot, Refusal]:
        """Set the levels; one that the shop refuses holds up no other."""
        refused: dict[Spot, Refusal] = {}
        with client.connected(self.channel, self.settings, timeout_s=self.timeout_s) as api:
            for part in chunks(telling.levels, _MOST_A_MUTATION):
                known = [level for level in part if level.now.quantity is not None]
                refused.update(_set(api, known, telling.key))
                for level in part:
                    if level.now.quantity is None and (no := _activate(api, level, telling.key)):
                        refused[level.spot] = no
        return refused

    def _points(self) -> int:
        """What an article costs to read: itself, a page of levels, and three objects a level."""
        return 3 + 3 * self.locations


def _locations(api: Api) -> list[tuple[str, tuple[str, str]]]:
    """Each location's id, with the number and the name by which the settings may call it."""
    found: list[tuple[str, tuple[str, str]]] = []
    after = None
    while True:
        page = api.run(operations.STOCK_PLACES, {"after": after})["locations"]
        found.extend((node["id"], (node["id"], node["name"])) for node in page["nodes"])
        if len(found) > _MOST_LOCATIONS:
            raise ChannelRefused(
                f"{api.line.channel} has more than {_MOST_LOCATIONS} locations",
                field=f"channels.{api.line.channel}.publish_stock",
                remedy="set it to false; no single query may read as many figures",
            )
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def _items(api: Api, skus: Sequence[str], *, levels: int) -> dict[str, Json]:
    """The inventory item of each SKU; of one that several items carry, an item with a fault."""
    query = " OR ".join(f"sku:{_quoted(sku)}" for sku in skus)
    most = len(skus) + 1
    variables = {"items": most, "levels": levels, "query": query}
    nodes = api.run(operations.STOCK, variables)["inventoryItems"]["nodes"]
    if len(nodes) >= most and len(skus) > 1:  # some SKU is carried twice, and another left out
        half = len(skus) // 2
        return _items(api, skus[:half], levels=levels) | _items(api, skus[half:], levels=levels)
    carried = Counter(node["sku"] for node in nodes)
    found: dict[str, Json] = {
        node["sku"]: {**node, "several": carried[node["sku"]] > 1}
        for node in nodes
        if node["sku"] in skus
    }
    numbers = [sku for sku in skus if sku not in found and sku.isdecimal()]
    if numbers:
        ids = [client.gid("ProductVariant", number) for number in numbers]
        variables = {"ids": ids, "levels": levels}
        variants = api.run(operations.VARIANT_STOCK, variables)["nodes"]
        for number, variant in zip(numbers, variants, strict=True):
            if variant and variant.get("inventoryItem"):
                found[number] = {**variant["inventoryItem"], "several": False}
    return found


def _figures(sku: str, item: Json, places: Sequence[Place]) -> dict[Spot, Figure]:
    levels = {
        level["location"]["id"]: level["quantities"][0]["quantity"]
        for level in item["inventoryLevels"]["nodes"]
        if level["quantities"]
    }
    fault = ""
    if item["several"]:
        fault = "several articles of the shop carry this SKU"
    elif not item["tracked"]:
        fault = "the shop does not track this article's quantity; switch it on there"
    return {
        (sku, place.id): Figure(
            levels.get(place.id), ref=item["id"], fault=fault, absent=place.id not in levels
        )
        for place in places
    }


def _set(api: Api, levels: Sequence[StockLevel], key: str) -> dict[Spot, Refusal]:
    """Set what can be set. Shopify sets all or nothing, so what it refuses is left out anew."""
    refused: dict[Spot, Refusal] = {}
    left = list(levels)
    while left:
        errors = _try(api, left, key)
        if not errors:
            break
        named = {number for number in errors if number is not None}
        if not named:
            refusal = errors[None]
            return refused | {level.spot: refusal for level in left}
        refused |= {left[number].spot: errors[number] for number in named}
        left = [level for number, level in enumerate(left) if number not in named]
    return refused


def _try(api: Api, levels: Sequence[StockLevel], key: str) -> dict[int | None, Refusal]:
    """One attempt: why it failed, by the number of the level, or under None for all of them."""
    quantities = [
        {
            "inventoryItemId": level.now.ref,
            "locationId": level.spot[1],
            "quantity": level.quantity,
            "changeFromQuantity": level.now.quantity,
        }
        for level in levels
    ]
    variables = {
        "input": {"name": "available", "reason": "correction", "quantities": quantities},
        "key": _own_key(key, levels),
    }
    payload = api.run(operations.SET_STOCK, variables)["inventorySetQuantities"] or {}
    errors: dict[int | None, Refusal] = {}
    for error in payload.get("userErrors") or ():
        code = str(error.get("code") or "")
        if code == _LATER:
            raise ChannelUnavailable(f"{api.line.channel} still works on the same stock")
        said = f"{code} {error.get('message', '')}".strip()
        again = code in _STALE or code in _ANEW
        errors[_number_in(error.get("field"), most=len(levels))] = Refusal(said, again=again)
    return errors


def _activate(api: Api, level: StockLevel, key: str) -> Refusal | None:
    """Begin to stock the article at the location."""
    variables = {
        "item": level.now.ref,
        "place": level.spot[1],
        "units": level.quantity,
        "key": _own_key(key, [level]),
    }
    payload = api.run(operations.STOCK_AT, variables)["inventoryActivate"] or {}
    errors = payload.get("userErrors") or ()
    return Refusal("; ".join(str(error["message"]) for error in errors)) if errors else None


def _own_key(key: str, levels: Sequence[StockLevel]) -> str:
    """The telling's key for just these levels: another set of them may not come under the same."""
    return str(uuid5(NAMESPACE_URL, f"{key} {[level.spot for level in levels]}"))


def _number_in(field: object, *, most: int) -> int | None:
    """The position in `["input", "quantities", "3", "quantity"]`."""
    parts = field if isinstance(field, list) else []
    for part in parts:
        if str(part).isdecimal() and int(part) < most:
            return int(part)
    return None


def _quoted(sku: str) -> str:
    return '"' + sku.replace("\\", "\\\\").replace('"', '\\"') + '"'
