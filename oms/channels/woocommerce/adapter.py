"""WooCommerce behind the `Channel` protocol."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oms.channels.base import Accepted, Caps, Hint, RawRequest, WritebackCommand, active_secrets
from oms.channels.models import WritebackKind
from oms.channels.woocommerce import mapping, signature, telling
from oms.channels.woocommerce.polling import WooCommercePoller
from oms.channels.woocommerce.stock import WooCommerceStock
from oms.channels.woocommerce.subscribing import WooCommerceSubscriptions
from oms.connections import ChannelSettings
from oms.orders.new_order import NewOrder

TOPICS: Final = frozenset({"order.created", "order.updated", mapping.DELETED_TOPIC})


@dataclass(frozen=True, slots=True)
class WooCommerce:
    """One WooCommerce site."""

    code: str
    settings: ChannelSettings
    timeout_s: float = 20.0

    @property
    def caps(self) -> Caps:
        """Everything."""
        return Caps(push=True, stock=True, tells=frozenset(WritebackKind))

    def verify(self, request: RawRequest, *, now: datetime) -> None:  # noqa: ARG002 - WooCommerce signs no time
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
    def stock(self) -> WooCommerceStock:
        """The channel as a keeper of stock figures."""
        return WooCommerceStock(self.code, self.settings, self.timeout_s)

    @property
    def poller(self) -> WooCommercePoller:
        """The channel as one that can be asked for its orders."""
        return WooCommercePoller(self.code, self.settings, self.timeout_s)

    @property
    def subscriptions(self) -> WooCommerceSubscriptions:
        """The site's webhooks."""
        return WooCommerceSubscriptions(self.code, self.settings, self.timeout_s)
