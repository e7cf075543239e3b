"""Ask Amazon for its orders: what changed in a window, or one that a notification names."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from oms.channels.amazon import client, mapping
from oms.channels.base import Found, Page, Window
from oms.channels.rates import Gate
from oms.connections import ChannelSettings

_LAG: Final = timedelta(minutes=2, seconds=30)
"""`lastUpdatedBefore` must lie two minutes back; clocks differ."""


@dataclass(frozen=True, slots=True)
class AmazonPoller:
    """One seller's orders."""

    channel: str
    settings: ChannelSettings
    gate: Gate
    timeout_s: float

    @property
    def lag(self) -> timedelta:
        """How long after a change the search is sure to show it."""
        return _LAG

    def page(self, window: Window, token: str) -> Page:
        """Up to a hundred orders that were changed within the window, FBA's among them."""
        with client.connected(
            self.channel, self.settings, gate=self.gate, timeout_s=self.timeout_s
        ) as api:
            answer = client.search(api, window, token)
        found = tuple(mapping.found(order) for order in client.orders_of(answer))
        return Page(found, client.next_token(answer))

    def fetch(self, reference: str) -> Found:
        """One order as it is now."""
        with client.connected(
            self.channel, self.settings, gate=self.gate, timeout_s=self.timeout_s
        ) as api:
            return mapping.found(client.order(api, reference))
