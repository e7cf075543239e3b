"""Send requests to WooCommerce's REST API (wc/v3) and read the answers; nothing is decided here."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from oms.channels.base import ChannelRefused, ChannelUnavailable
from oms.channels.http import Line, line
from oms.connections import ChannelSettings, MissingSetting

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Api:
    """The REST API of one site over an open connection."""

    line: Line
    base: str

    def call(self, method: str, path: str, body: Json | None = None) -> Any:
        """Send one request and return the answer's JSON; raises for anything but success."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        content = json.dumps(body).encode() if body is not None else None
        answer = self.line.call(method, self.base + path, content=content, headers=headers)
        if answer.status == 404:
            raise ChannelRefused(
                f"{self.line.channel} has no {path.removeprefix('/')}",
                field=f"channels.{self.line.channel}.api_url",
                remedy="check that the order still exists, and that the setting is the address"
                " of the site with permalinks switched on",
            )
        self.line.require_success(answer)
        return answer.json()


@contextmanager
def connected(channel: str, settings: ChannelSettings, *, timeout_s: float) -> Generator[Api]:
    """The site's REST API for a few requests."""
    if settings.consumer_key is None or settings.consumer_secret is None:
        missing = "consumer_key" if settings.consumer_key is None else "consumer_secret"
        raise MissingSetting(
            f"channels.{channel}.{missing} is not set",
            field=f"channels.{channel}.{missing}",
            remedy="make a key with read and write access under WooCommerce, Settings, Advanced,"
            " REST API",
        )
    auth = (
        settings.consumer_key.get_secret_value(),
        settings.consumer_secret.get_secret_value(),
    )
    base = f"{settings.api_url.rstrip('/')}/wp-json/wc/v3"
    with line(
        channel=channel, settings_key="consumer_key", timeout_s=timeout_s, auth=auth
    ) as opened:
        yield Api(opened, base)


def order(api: Api, order_id: str) -> Json:
    """The order as the shop has it."""
    return _object(api, api.call("GET", _path(order_id)))


def changed_orders(api: Api, *, after: str, page: int, size: int) -> Sequence[Json]:
    """Orders changed after a moment (UTC, without zone), the oldest change first."""
    asked = {
        "modified_after": after,
        "dates_are_gmt": "true",
        "orderby": "modified",
        "order": "asc",
        "status": "any",
        "per_page": str(size),
        "page": str(page),
    }
    found = api.call("GET", f"/orders?{urlencode(asked)}")
    if not isinstance(found, list):
        raise ChannelUnavailable(f"{api.line.channel} answered something that is no list of orders")
    return [each for each in found if isinstance(each, dict)]


def update(api: Api, order_id: str, changes: Json) -> Json:
    """Change the order and return it as it is afterwards."""
    return _object(api, api.call("PUT", _path(order_id), changes))


def notes(api: Api, order_id: str) -> Sequence[str]:
    """The texts of the order's notes."""
    found = api.call("GET", f"{_path(order_id)}/notes")
    return [str(note.get("note", "")) for note in found or () if isinstance(note, dict)]


def add_note(api: Api, order_id: str, text: str, *, to_customer: bool) -> None:
    """Add a note; the shop e-mails it if it is for the customer."""
    api.call("POST", f"{_path(order_id)}/notes", {"note": text, "customer_note": to_customer})


def refunds(api: Api, order_id: str) -> Sequence[Json]:
    """The order's refunds; an order has few, and a page holds a hundred."""
    found = api.call("GET", f"{_path(order_id)}/refunds?per_page=100")
    return [each for each in found or () if isinstance(each, dict)]


def refund(api: Api, order_id: str, wanted: Json) -> Json:
    """Make a refund and return it."""
    return _object(api, api.call("POST", f"{_path(order_id)}/refunds", wanted))


def webhooks(api: Api) -> Sequence[Json]:
    """The site's webhooks; a site has few, and a page holds a hundred."""
    found = api.call("GET", "/webhooks?per_page=100")
    return [each for each in found or () if isinstance(each, dict) and "topic" in each]


def make_webhook(api: Api, wanted: Json) -> None:
    """Make a webhook."""
    api.call("POST", "/webhooks", wanted)


def switch_on_webhook(api: Api, number: str) -> None:
    """Switch a webhook on again."""
    api.call("PUT", f"/webhooks/{quote(number, safe='')}", {"status": "active"})


def _path(order_id: str) -> str:
    return f"/orders/{quote(order_id, safe='')}"


def _object(api: Api, body: object) -> Json:
    if not isinstance(body, dict):
        raise ChannelUnavailable(f"{api.line.channel} answered something that is not an order")
    return body
