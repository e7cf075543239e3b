"""Shopify behind the `Channel` protocol."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oms.channels.base import Accepted, Caps, Hint, RawRequest, WritebackCommand, active_secrets
from oms.channels.models import WritebackKind
from oms.channels.shopify import mapping, signature, telling
from oms.channels.shopify.stock import ShopifyStock
from oms.connections import ChannelSettings
from oms.orders.new_order import NewOrder

TOPICS: Final = frozenset({"orders/create", "orders/updated", mapping.CANCELLED_TOPIC})


@dataclass(frozen=True, slots=True)
class Shopify:
    """One Shopify shop."""

    code: str
    settings: ChannelSettings
    timeout_s: float = 20.0

    @property
    def caps(self) -> Caps:
        """Everything."""
        return Caps(push=True, stock=True, tells=frozenset(WritebackKind))

    def verify(self, request: RawRequest, *, now: datetime) -> None:  # noqa: ARG002 - Shopify signs no time
        """Raise `BadSignature` unless an active secret signed these bytes."""
        signature.verify(request, secrets=list(active_secrets(self.settings)))

    def hint(self, request: RawRequest) -> Hint:
        """What the message is about."""
        return signature.hint(request)

    def wants(self, topic: str) -> bool:
        """Whether messages of this topic carry an order."""
        return topic in TOPICS

    def to_order(self, body: bytes, *, topic: str) -> NewOrder:
        """Translate a message body."""
        return mapping.to_order(body, topic=topic, channel=self.code, settings=self.settings)

    def tell(self, command: WritebackCommand) -> Accepted:
        """Write one fact back, once."""
        return telling.tell(
            command, channel=self.code, settings=self.settings, timeout_s=self.timeout_s
        )

    @property
    def stock(self) -> ShopifyStock:
        """The channel as a keeper of stock figures."""
        return ShopifyStock(self.code, self.settings, self.timeout_s)

    @property
    def poller(self) -> None:
        """None: Shopify's orders come by webhook alone for now."""
        return None

    @property
    def subscriptions(self) -> None:
        """None: they are set up by hand."""
        return None
