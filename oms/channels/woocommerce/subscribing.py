"""See that a WooCommerce site sends us its orders: it switches a webhook off after five failures.

https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks. One that a person has paused
stays paused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from oms.channels.woocommerce import client
from oms.connections import ChannelSettings

TOPICS: Final = ("order.created", "order.updated", "order.deleted")
_ACTIVE: Final = "active"
_DISABLED: Final = "disabled"


@dataclass(frozen=True, slots=True)
class WooCommerceSubscriptions:
    """One site's webhooks to our door."""

    channel: str
    settings: ChannelSettings
    timeout_s: float

    def mend(self, url: str) -> Sequence[str]:
        """Switch on what was switched off, make what is missing; in words, what that was."""
        mended: list[str] = []
        with client.connected(self.channel, self.settings, timeout_s=self.timeout_s) as api:
            ours = [
                each
                for each in client.webhooks(api)
                if str(each.get("delivery_url", "")).rstrip("/") == url
            ]
            for topic in TOPICS:
                known = {str(each.get("status")): each for each in ours if each["topic"] == topic}
                if not known:
                    client.make_webhook(api, self._wanted(topic, url))
                    mended.append(f"{topic} was not told and is from now on")
                elif known.keys() == {_DISABLED}:
                    number = str(known[_DISABLED]["id"])
                    client.switch_on_webhook(api, number)
                    mended.append(f"{topic} was switched off and is on again")
        return mended

    def _wanted(self, topic: str, url: str) -> client.Json:
        return {
            "name": f"Tributary {topic}",
            "topic": topic,
            "delivery_url": url,
            "secret": self.settings.secrets[0].get_secret_value(),
            "status": _ACTIVE,
        }
