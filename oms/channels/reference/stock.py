"""Stock of the reference channel: `stock.changed` tells it, `stock.requested` asks it.

Both are signed events to the channel's one address. Levels are whole numbers to be set, not
differences, and carry the moment at which they were true: the receiver keeps the newest.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oms import clock
from oms.channels.base import ChannelRefused
from oms.channels.http import Answer, line
from oms.channels.reference import signature
from oms.channels.stock import Figure, Place, Refusal, Spot, Telling, chunks
from oms.connections import ChannelSettings
from oms.ids import new_id

_MOST_AN_EVENT: Final = 500
_HAS_IT: Final = 409

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReferenceStock:
    """The stock figures of one's own shop, till or kiosk."""

    channel: str
    settings: ChannelSettings
    keys: Sequence[bytes]
    timeout_s: float

    def places(self, codes: Collection[str]) -> Sequence[Place]:
        """Each of our locations, by the channel's name for it if the settings map one."""
        names = {code: name for name, code in reversed(self.settings.locations.items())}
        return [Place(names.get(code, code), frozenset({code})) for code in sorted(codes)]

    def most(self, places: Sequence[Place]) -> int:
        """As many as one request takes, at all of their places."""
        return max(1, _MOST_AN_EVENT // max(len(places), 1))

    def read(self, skus: Collection[str], places: Sequence[Place]) -> Mapping[Spot, Figure]:
        """What the channel answers to `stock.requested`; a spot that it leaves out has none yet.

        A receiver that does not know the question is told, and never compared.
        """
        found = {(sku, place.id): Figure(None) for sku in skus for place in places}
        unread = {spot: Figure(None, unread=True) for spot in found}
        for part in chunks(sorted(set(skus)), _MOST_AN_EVENT):
            try:
                answer = self._post(
                    "stock.requested", {"skus": part}, identifier=f"stock:{new_id()}"
                )
            except ChannelRefused as error:
                if error.field is not None:  # the address or the secret, not the question
                    raise
                return unread
            levels = _levels(answer.json())
            if levels is None:
                return unread
            for level in levels:
                spot = (str(level.get("sku", "")), str(level.get("location", "")))
                quantity = level.get("quantity")
                if spot in found and isinstance(quantity, int):
                    found[spot] = Figure(quantity)
        return found

    def write(self, telling: Telling) -> Mapping[Spot, Refusal]:
        """Post the levels; those that the answer lists as refused were not taken."""
        refused: dict[Spot, Refusal] = {}
        for number, part in enumerate(chunks(telling.levels, _MOST_AN_EVENT)):
            levels = [
                {"sku": level.spot[0], "location": level.spot[1], "quantity": level.quantity}
                for level in part
            ]
            identifier = f"stock:{telling.key}:{number}"
            answer = self._post(
                "stock.changed",
                {"levels": levels},
                identifier=identifier,
                at=telling.as_of,
            )
            body = answer.json()
            listed = body.get("refused") if isinstance(body, dict) else None
            known = {level.spot for level in part}
            for each in listed if isinstance(listed, list) else ():
                spot = (str(each.get("sku", "")), str(each.get("location", "")))
                if spot in known:
                    refused[spot] = Refusal(str(each.get("reason") or "refused")[:300])
        return refused

    def _post(
        self, kind: str, data: Json, *, identifier: str, at: datetime | None = None
    ) -> Answer:
        now = clock.now()
        event = {"type": kind, "timestamp": (at or now).isoformat(), "data": data}
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            **signature.sign(body, identifier=identifier, now=now, keys=self.keys),
        }
        with line(channel=self.channel, settings_key="secrets", timeout_s=self.timeout_s) as opened:
            answer = opened.call("POST", self.settings.api_url, content=body, headers=headers)
            if answer.status != _HAS_IT:
                opened.require_success(answer)
        return answer


def _levels(body: object) -> list[Json] | None:
    """The levels in an answer; None from a receiver that keeps no figures to be read."""
    levels = body.get("levels") if isinstance(body, dict) else None
    if not isinstance(levels, list):
        return None
    return [level for level in levels if isinstance(level, dict)]
