"""Read and set a WooCommerce site's stock: one figure an article, by the product's id.

The API replaces a figure blindly. Between our reading and our writing the shop may sell; what is
lost by that is found when the order arrives, and at the latest by the reconciliation.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from oms.channels.base import ChannelUnavailable
from oms.channels.stock import Figure, Place, Refusal, Spot, StockLevel, Telling, chunks
from oms.channels.woocommerce import client
from oms.channels.woocommerce.client import Api
from oms.connections import ChannelSettings

_MOST_A_REQUEST: Final = 100
"""WooCommerce's limit for a page and for a batch."""
_MOST_SKUS: Final = 40
"""Of one request; they travel in the address, which servers cut at some thousand letters."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WooCommerceStock:
    """One site's inventory."""

    channel: str
    settings: ChannelSettings
    timeout_s: float

    def places(self, codes: Collection[str]) -> Sequence[Place]:
        """All of our locations behind one figure."""
        return [Place("", frozenset(codes))]

    def most(self, places: Sequence[Place]) -> int:
        """As many as one request takes, at all of their places."""
        return max(1, _MOST_A_REQUEST // max(len(places), 1))

    def read(self, skus: Collection[str], places: Sequence[Place]) -> Mapping[Spot, Figure]:
        """What the site has, found by SKU, else by the product's id."""
        found: dict[str, Figure] = {}
        with client.connected(self.channel, self.settings, timeout_s=self.timeout_s) as api:
            for part in chunks(sorted(set(skus)), _MOST_SKUS):
                for product in _products(api, sku=",".join(part)):
                    sku = str(product.get("sku", ""))
                    if sku in part:
                        twice = sku in found
                        found[sku] = _figure(product, several=twice)
                ids = [sku for sku in part if sku not in found and sku.isdecimal()]
                for product in _products(api, include=",".join(ids)) if ids else ():
                    found[str(product["id"])] = _figure(product, several=False)
        return {(sku, place.id): figure for sku, figure in found.items() for place in places}

    def write(self, telling: Telling) -> Mapping[Spot, Refusal]:
        """Set the figures in batches; an article that the site refuses holds up no other."""
        parents: dict[str, list[StockLevel]] = {}
        for level in telling.levels:
            parents.setdefault(level.now.ref.rpartition("/")[0], []).append(level)
        refused: dict[Spot, Refusal] = {}
        with client.connected(self.channel, self.settings, timeout_s=self.timeout_s) as api:
            for parent, levels in parents.items():
                for part in chunks(levels, _MOST_A_REQUEST):
                    refused.update(_batch(api, parent, part))
        return refused


def _products(api: Api, **filters: str) -> list[Json]:
    query = urlencode({**filters, "per_page": _MOST_A_REQUEST, "status": "any"})
    answer = api.call("GET", f"/products?{query}")
    if not isinstance(answer, list):
        raise ChannelUnavailable(f"{api.line.channel} answered something that is no product list")
    return [product for product in answer if isinstance(product, dict)]


def _figure(product: Json, *, several: bool) -> Figure:
    """A variation may leave its stock to its product (`manage_stock` is then `parent`)."""
    parent = product.get("parent_id") or 0
    fault = ""
    if several:
        fault = "several articles of the shop carry this SKU"
    elif product.get("manage_stock") == "parent":
        fault = "its stock is kept for all variations together; manage it at the variation"
    elif product.get("type") == "variable":
        fault = "it is sold in variations only; list these instead"
    # A figure that the site does not manage is none: it sells without end.
    quantity = product.get("stock_quantity") if product.get("manage_stock") is True else None
    return Figure(
        int(quantity) if quantity is not None else None,
        ref=f"{parent}/{product['id']}" if parent else str(product["id"]),
        fault=fault,
    )


def _batch(api: Api, parent: str, levels: Sequence[StockLevel]) -> dict[Spot, Refusal]:
    path = f"/products/{parent}/variations/batch" if parent else "/products/batch"
    ids = {int(level.now.ref.rpartition("/")[2]): level for level in levels}
    changes = [
        {"id": number, "manage_stock": True, "stock_quantity": level.quantity}
        for number, level in ids.items()
    ]
    answer = api.call("POST", path, {"update": changes})
    updated = answer.get("update") if isinstance(answer, dict) else None
    if not isinstance(updated, list):
        raise ChannelUnavailable(f"{api.line.channel} did not say what it has updated")
    told = {item.get("id"): item for item in updated if isinstance(item, dict)}
    refused: dict[Spot, Refusal] = {}
    for number, level in ids.items():
        item = told.get(number)
        if item is None:
            refused[level.spot] = Refusal("the shop did not say whether it took it", again=True)
        elif error := item.get("error"):
            refused[level.spot] = Refusal(f"{error.get('code', '')} {error.get('message', '')}")
    return refused
