"""The shops' common state: orders, webhooks waiting to go out, faults.

Everything runs in one event loop and no step awaits halfway, so nothing needs a lock.
"""

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from api.carrier_sandbox.playing import Played
from api.sandbox import (
    amazon_documents,
    reference_documents,
    shopify_documents,
    woocommerce_documents,
)
from api.sandbox.book import Book
from api.sandbox.config import SandboxConfig
from api.sandbox.faults import Faults
from api.sandbox.journal import Journal
from api.sandbox.orders import Happened, ShopOrder, Webhook
from api.sandbox.shopify_schema import Schema
from oms import clock
from oms.errors import NotFound

_DOCUMENTS = {
    "shopify": shopify_documents,
    "woocommerce": woocommerce_documents,
    "reference": reference_documents,
    "amazon": amazon_documents,
}


@dataclass(slots=True)
class State:
    """What the sandbox holds while it runs."""

    config: SandboxConfig
    journal: Journal
    book: Book = field(default_factory=Book)
    faults: Faults = field(default_factory=Faults)
    schema: Schema | None = None
    orders_per_minute: float = 0.0
    chance: random.Random = field(default_factory=random.Random)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    carriers: dict[str, Played] = field(default_factory=dict)
    channel_schemas: Path | None = None
    """Folder of the channels' official models."""
    tokens: dict[str, str] = field(default_factory=dict)
    """Amazon: the access token of each seller that is good now."""
    hidden: dict[str, datetime] = field(default_factory=dict)
    """Amazon: until when a message of the queue is in somebody's hands."""
    subscriptions: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """WooCommerce: each shop's webhooks."""
    keys: dict[tuple[str, str], tuple[str, dict[str, Any]]] = field(default_factory=dict)
    """Idempotency keys that Shopify shops have seen, with the request and the answer."""

    def kind(self, channel: str) -> str:
        """Which kind of shop a channel is. Raises `NotFound`."""
        shop = self.config.shops.get(channel)
        if shop is None:
            known = ", ".join(sorted(self.config.shops))
            raise NotFound(
                f"there is no shop {channel!r} here", field="channel", remedy=f"one of {known}"
            )
        return shop.kind

    def order(self, channel: str, order_id: str) -> ShopOrder | None:
        """The order of this id in a shop."""
        return self.journal.orders.get((channel, order_id))

    def orders(self, channel: str | None = None) -> list[ShopOrder]:
        """The orders of one shop or of all, oldest first."""
        found = (o for o in self.journal.orders.values() if channel in (None, o.channel))
        return sorted(found, key=lambda order: order.placed_at)

    def touched(self, order: ShopOrder, happened: Happened, *, send: bool = True) -> Webhook:
        """Keep a changed order and tell of it by webhook, at once or when asked to."""
        order.updated_at = later(order.updated_at, clock.now())
        self.journal.keep(order)
        documents = _DOCUMENTS[self.kind(order.channel)]
        topic, body, headers = documents.message(order, happened)
        webhook = Webhook(
            id=str(uuid4()),
            channel=order.channel,
            topic=topic,
            order_id=order.id,
            body=body,
            made_at=clock.now(),
            headers=headers,
            status=self.waiting(order.channel) if send else "held",
        )
        self.journal.keep(webhook)
        self.wake.set()
        return webhook

    def waiting(self, channel: str) -> Literal["pending", "queued"]:
        """How a message waits: to be sent, or to be taken."""
        return "queued" if self.kind(channel) == "amazon" else "pending"

    def repeat(self, webhook: Webhook) -> Webhook:
        """The very same message once more, as from a shop that missed our thanks."""
        copy = webhook.model_copy(
            update={"id": f"{webhook.id}/{uuid4().hex[:4]}", "attempts": 0, "answer": ""}
        )
        if copy.status != "held":
            copy.status = self.waiting(copy.channel)
        self.journal.keep(copy)
        self.wake.set()
        return copy

    def send_again(self, webhook: Webhook) -> Webhook:
        """Send a message that was held or given up; repeat one that was delivered."""
        if webhook.status == "delivered":
            return self.repeat(webhook)
        if webhook.status not in ("pending", "queued"):
            webhook.status, webhook.attempts = self.waiting(webhook.channel), 0
            self.journal.keep(webhook)
            self.wake.set()
        return webhook


def later(before: datetime, now: datetime) -> datetime:
    """The moment of a change: now, but never before the last one."""
    return max(before, now)
