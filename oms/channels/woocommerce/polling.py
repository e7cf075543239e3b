"""Ask a WooCommerce site for its orders, so that a webhook that was lost costs nothing.

Pages are not numbered through: an order that changes meanwhile moves to the end and would pull
another over the edge of a page. Each page begins at the last change of the one before it instead.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from oms import clock
from oms.channels.base import Found, Hint, Page, Window
from oms.channels.documents import utc_moment
from oms.channels.hints import body_digest, clean, key_of
from oms.channels.woocommerce import client
from oms.connections import ChannelSettings

_LAG: Final = timedelta(seconds=10)
_TOPIC: Final = "order.updated"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WooCommercePoller:
    """One site's orders."""

    channel: str
    settings: ChannelSettings
    timeout_s: float
    size: int = 50
    """Orders of one page; the site gives at most a hundred."""

    @property
    def lag(self) -> timedelta:
        """How long after a change the site is sure to show it: its clock may be behind."""
        return _LAG

    def page(self, window: Window, token: str) -> Page:
        """Orders changed since the window's beginning, or since where a token left off."""
        after, number = _place(token) if token else (window.since, 1)
        with client.connected(self.channel, self.settings, timeout_s=self.timeout_s) as api:
            listed = client.changed_orders(api, after=_written(after), page=number, size=self.size)
        found = tuple(_found(order) for order in listed)
        dated = [each.changed_at for each in found if each.hint.occurred_at is not None]
        if len(found) < self.size or (dated and dated[-1] >= window.until):
            return Page(found)
        # Seconds are the finest that the site tells, and "after" leaves its own second out.
        onward = dated[-1] - timedelta(seconds=1) if dated else after
        if onward > after:
            return Page(found, f"{_written(onward)}|1")
        return Page(found, f"{_written(after)}|{number + 1}")

    def fetch(self, reference: str) -> Found:
        """One order as it is now."""
        with client.connected(self.channel, self.settings, timeout_s=self.timeout_s) as api:
            return _found(client.order(api, reference))


def _found(order: Json) -> Found:
    body = json.dumps(order, sort_keys=True, separators=(",", ":")).encode()
    reference = clean(str(order.get("id", "")), most=120)
    modified = order.get("date_modified_gmt")
    dated: datetime | None
    try:
        dated = utc_moment(modified)
    except ValueError:
        dated = None  # kept all the same, and parked when it is read: others go on
    key = key_of("polled", reference, str(modified), body_digest(body))
    return Found(Hint(key, _TOPIC, reference, dated, {}), body, dated or clock.now())


def _written(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def _place(token: str) -> tuple[datetime, int]:
    moment, _, number = token.partition("|")
    return utc_moment(moment), int(number)
