"""Send requests to the Selling Partner API and read the answers; nothing is decided here.

Rates are those of the official models; each answer may name another (`x-amzn-RateLimit-Limit`).
"""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from oms.channels.amazon import tokens
from oms.channels.base import ChannelRefused, ChannelUnavailable, Window
from oms.channels.http import Answer, Line, line, waiting
from oms.channels.rates import Gate, Limit
from oms.connections import ChannelSettings, MissingSetting, SellingPartnerSettings

SEARCH: Final = Limit("searchOrders", per_second=0.0056, burst=20)
GET: Final = Limit("getOrder", per_second=0.5, burst=30)
CONFIRM: Final = Limit("confirmShipment", per_second=2.0, burst=10)
PICKUP: Final = Limit("updateShipmentStatus", per_second=5.0, burst=15)
SUBSCRIPTIONS: Final = Limit("notifications", per_second=1.0, burst=5)
INCLUDED: Final = ("BUYER", "RECIPIENT", "PROCEEDS", "CANCELLATION", "FULFILLMENT", "PACKAGES")
_TOO_MANY: Final = 429
_PER_PAGE: Final = 100

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Api:
    """The API for one seller over an open connection."""

    line: Line
    base: str
    access: SellingPartnerSettings
    gate: Gate

    def call(self, method: str, path: str, limit: Limit, *, body: Json | None = None) -> Answer:
        """Send one request; raises for anything but success.

        A refused token is renewed once: what was refused was not carried out.
        """
        self.gate.enter(limit)
        answer, token = self._send(method, path, body)
        if answer.status in (401, 403) and tokens.forget(self.access, token):
            self.gate.enter(limit)
            answer, _ = self._send(method, path, body)
        if answer.status == _TOO_MANY:
            self.gate.turned_away(limit)
            raise ChannelUnavailable(
                f"{self.line.channel} answered {_TOO_MANY} to {limit.operation}",
                facts=waiting(1 / limit.per_second),
            )
        if (named := _rate(answer)) is not None and named != limit.per_second:
            self.gate.learn(limit, named)
        if answer.status == 404:
            raise ChannelRefused(
                f"{self.line.channel} has no {path.partition('?')[0]}",
                field=f"channels.{self.line.channel}.api_url",
                remedy="check that the order is of this seller and of this region's endpoint",
                facts={"missing": True},
            )
        self.line.require_success(answer)
        return answer

    def _send(self, method: str, path: str, body: Json | None) -> tuple[Answer, str]:
        token = tokens.access_token(self.line, self.access)
        headers = {"x-amz-access-token": token}
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        return self.line.call(method, self.base + path, content=content, headers=headers), token


@contextmanager
def connected(
    channel: str, settings: ChannelSettings, *, gate: Gate, timeout_s: float
) -> Generator[Api]:
    """The API for a few requests."""
    access = access_of(channel, settings)
    with line(
        channel=channel, settings_key="selling_partner.refresh_token", timeout_s=timeout_s
    ) as opened:
        yield Api(opened, settings.api_url.rstrip("/"), access, gate)


def access_of(channel: str, settings: ChannelSettings) -> SellingPartnerSettings:
    """The seller's access. Raises `MissingSetting`."""
    if settings.selling_partner is None:
        setting = f"channels.{channel}.selling_partner"
        raise MissingSetting(f"{setting} is not set", field=setting)
    return settings.selling_partner


def search(api: Api, window: Window, token: str) -> Json:
    """One page of the orders that were changed within the window."""
    asked = {
        "lastUpdatedAfter": _moment(window.since),
        "lastUpdatedBefore": _moment(window.until),
        "marketplaceIds": ",".join(api.access.marketplace_ids),
        "includedData": ",".join(INCLUDED),
        "maxResultsPerPage": str(_PER_PAGE),
    }
    if token:
        asked["paginationToken"] = token
    path = f"/orders/2026-01-01/orders?{urlencode(asked, safe=',:')}"
    return _object(api, api.call("GET", path, SEARCH))


def order(api: Api, order_id: str) -> Json:
    """One order as it is now."""
    included = ",".join(INCLUDED)
    path = f"/orders/2026-01-01/orders/{quote(order_id, safe='')}?includedData={included}"
    said = _object(api, api.call("GET", path, GET)).get("order")
    if not isinstance(said, dict):
        raise ChannelUnavailable(f"{api.line.channel} answered something that is not an order")
    return said


def confirm(api: Api, order_id: str, wanted: Json) -> None:
    """Tell of a package, or correct one that was told under the same reference (v0, 204)."""
    path = f"/orders/v0/orders/{quote(order_id, safe='')}/shipmentConfirmation"
    api.call("POST", path, CONFIRM, body=wanted)


def pickup_status(api: Api, order_id: str, wanted: Json) -> None:
    """Tell how far an order is that is collected in a store (v0, 204)."""
    path = f"/orders/v0/orders/{quote(order_id, safe='')}/shipment"
    api.call("POST", path, PICKUP, body=wanted)


def orders_of(page: Json) -> Sequence[Json]:
    """The orders of a search's page."""
    listed = page.get("orders")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def next_token(page: Json) -> str:
    """What fetches the page after this one; empty at the end."""
    pagination = page.get("pagination")
    token = pagination.get("nextToken") if isinstance(pagination, dict) else None
    return token if isinstance(token, str) else ""


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rate(answer: Answer) -> float | None:
    """The rate that the answer names, if it names one that can be."""
    try:
        named = float(answer.headers.get("x-amzn-ratelimit-limit", ""))
    except ValueError:
        return None
    return named if 0 < named < 1_000 else None


def _object(api: Api, answer: Answer) -> Json:
    said = answer.json()
    if not isinstance(said, dict):
        raise ChannelUnavailable(f"{api.line.channel} answered something that is no JSON object")
    return said
