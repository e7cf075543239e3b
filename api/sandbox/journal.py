"""The sandbox's memory: a file of JSON lines, so that its shops survive a restart.

Each line is the newest state of one order, webhook or stock figure; the last one counts. Opening
the file rewrites it without what is outdated.
"""

import json
import os
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from api.sandbox.orders import ShopOrder, StockFigure, Webhook

_KEPT_DELIVERED: Final = 500
_MOST_WEBHOOKS: Final = 2_000

Entry = ShopOrder | Webhook | StockFigure
_NAMES: Final[dict[type[Entry], str]] = {
    ShopOrder: "order",
    Webhook: "webhook",
    StockFigure: "stock",
}


class Journal:
    """An open file; without a folder, nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "sandbox.jsonl" if folder else None
        self.orders: dict[tuple[str, str], ShopOrder] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.figures: dict[tuple[str, str], dict[str, StockFigure]] = {}
        """Of each channel's article, by place."""
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._read(self._path)
            self._rewrite(self._path)

    def keep(self, entry: Entry) -> None:
        """Remember the newest state of an order, a webhook or a figure."""
        if isinstance(entry, ShopOrder):
            self.orders[entry.channel, entry.id] = entry
        elif isinstance(entry, StockFigure):
            self._place(entry)
        else:
            self.webhooks[entry.id] = entry
            if len(self.webhooks) > _MOST_WEBHOOKS:
                self._forget_delivered()
        if self._path:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(_written(entry))

    def _place(self, figure: StockFigure) -> None:
        self.figures.setdefault((figure.channel, figure.sku), {})[figure.place] = figure

    def _read(self, path: Path) -> None:
        if not path.exists():
            return
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
                if "order" in entry:
                    order = ShopOrder.model_validate(entry["order"])
                    self.orders[order.channel, order.id] = order
                elif "stock" in entry:
                    figure = StockFigure.model_validate(entry["stock"])
                    self._place(figure)
                else:
                    webhook = Webhook.model_validate(entry["webhook"])
                    self.webhooks[webhook.id] = webhook
            except (ValueError, KeyError, ValidationError):
                continue  # the last line of a file whose writer was killed

    def _forget_delivered(self) -> None:
        delivered = [each.id for each in self.webhooks.values() if each.status == "delivered"]
        for outdated in delivered[:-_KEPT_DELIVERED]:
            del self.webhooks[outdated]

    def _rewrite(self, path: Path) -> None:
        self._forget_delivered()
        fresh = path.with_suffix(".new")
        entries: list[Entry] = [
            *self.orders.values(),
            *self.webhooks.values(),
            *(figure for places in self.figures.values() for figure in places.values()),
        ]
        with fresh.open("w", encoding="utf-8") as file:
            file.writelines(_written(entry) for entry in entries)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def _written(entry: Entry) -> str:
    name = _NAMES[type(entry)]
    return json.dumps({name: entry.model_dump(mode="json")}) + "\n"
