"""Ask the reference channel for its orders: `orders.requested`, answered with a page of them.

Signed as every event is. A receiver that does not know the question refuses it; then `poll = false`
in its settings leaves the channel to its webhooks.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from oms import clock
from oms.channels.base import (
    ChannelRefused,
    ChannelUnavailable,
    Found,
    Hint,
    Page,
    Window,
)
from oms.channels.hints import body_digest, clean, key_of, moment_or_none
from oms.channels.http import line
from oms.channels.reference import signature
from oms.connections import ChannelSettings
from oms.ids import new_id

_LAG: Final = timedelta(seconds=5)
_UNKNOWN: Final = frozenset({400, 404, 405, 422, 501})
_TOPIC: Final = "order.updated"
_REMEDY: Final = "answer with orders as the webhooks carry them; see docs/integrations/reference.md"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReferencePoller:
    """Orders of one's own shop, till or kiosk."""

    channel: str
    settings: ChannelSettings
    keys: Sequence[bytes]
    timeout_s: float

    @property
    def lag(self) -> timedelta:
        """How long after a change the channel is sure to show it."""
        return _LAG

    def page(self, window: Window, token: str) -> Page:
        """Orders changed within the window, as many as the channel gives at once."""
        asked = {"since": window.since.isoformat(), "until": window.until.isoformat()}
        said = self._ask(asked | ({"token": token} if token else {}))
        onward = said.get("token")
        found = tuple(_found(order) for order in _orders(said))
        return Page(found, onward if isinstance(onward, str) else "")

    def fetch(self, reference: str) -> Found:
        """One order as it is now."""
        found = [_found(order) for order in _orders(self._ask({"ids": [reference]}))]
        if len(found) != 1:
            raise ChannelRefused(f"{self.channel} has no order {reference}", remedy=_REMEDY)
        return found[0]

    def _ask(self, data: Json) -> Json:
        now = clock.now()
        event = {"type": "orders.requested", "timestamp": now.isoformat(), "data": data}
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            **signature.sign(body, identifier=f"orders:{new_id()}", now=now, keys=self.keys),
        }
        with line(channel=self.channel, settings_key="secrets", timeout_s=self.timeout_s) as opened:
            answer = opened.call("POST", self.settings.api_url, content=body, headers=headers)
            if answer.status in _UNKNOWN:
                raise ChannelRefused(
                    f"{self.channel} does not answer orders.requested ({answer.status})",
                    field=f"channels.{self.channel}.poll",
                    remedy="answer it as docs/integrations/reference.md describes, or set this to"
                    " false and rely on the webhooks alone",
                )
            opened.require_success(answer)
        said = answer.json()
        if not isinstance(said, dict) or not isinstance(said.get("orders"), list):
            raise ChannelUnavailable(f"{self.channel} answered orders.requested without orders")
        return said


def _orders(said: Json) -> list[Json]:
    return [order for order in said["orders"] if isinstance(order, dict)]


def _found(order: Json) -> Found:
    """The order in an event's clothes: so it is read as one that was sent."""
    updated = order.get("updated_at")
    # What names no moment is kept all the same, and parked when it is read: others go on.
    dated = moment_or_none(updated)
    topic = "order.cancelled" if order.get("cancelled") is True else _TOPIC
    data = {key: value for key, value in order.items() if key != "cancelled"}
    event = {"type": topic, "timestamp": updated, "data": data}
    body = json.dumps(event, sort_keys=True, separators=(",", ":")).encode()
    reference = clean(str(order.get("id", "")), most=120)
    key = key_of("polled", reference, str(updated), body_digest(body))
    return Found(Hint(key, topic, reference, dated, {}), body, dated or clock.now())
