"""The sandbox as the double of a channel, for `oms channels verify` and our own tests.

It is handled by its control endpoints alone, as any other double would be by its own.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import entry_points
from typing import Any, Final

import httpx2
from pydantic import SecretStr

from api.sandbox.app import Options, app, state_for
from api.sandbox.book import Book, BookStore
from api.sandbox.config import SandboxConfig, ShopConfig
from api.sandbox.orders import ShopOrder
from api.sandbox.serving import serving
from api.sandbox.signing import signature
from oms import clock
from oms.channels.amazon.adapter import Amazon
from oms.channels.base import Channel, RawRequest, ToldLine
from oms.channels.conformance.subject import (
    DOUBLES,
    DoubleFactory,
    Example,
    Fault,
    Sample,
    Subject,
)
from oms.channels.rates import LocalGate
from oms.channels.reference.adapter import Reference
from oms.channels.registry import build
from oms.channels.shopify.adapter import Shopify
from oms.channels.stock import Spot
from oms.channels.woocommerce.adapter import WooCommerce
from oms.connections import ChannelSettings, SellingPartnerSettings
from oms.errors import NotFound

SECRETS: Final = {
    "shopify": "shop secret",
    "woocommerce": "woo secret",
    "reference": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "amazon": "Atzr|refresh token of the sandbox",
}
_STORE: Final = BookStore("S01", "Riverside", 40.7, -74.0)
_PLACES: Final = {"shopify": "gid://shopify/Location/101", "reference": "S01"}
_SILENCE_S: Final = 1.3
_PATIENCE_S: Final = 1.0
_PLAYED: Final = frozenset(Fault) - {Fault.LATER_FAILURE}
_AN_HOUR: Final = 60

Adapter = Callable[[str, ChannelSettings], Channel]


@dataclass
class SandboxDouble:
    """One shop of a running sandbox."""

    code: str
    kind: str
    http: httpx2.Client
    official: Sequence[Example] = ()
    articles: int = field(default=0)

    @property
    def faults(self) -> frozenset[Fault]:
        """All but a fact that is turned down later: none of these shops does that."""
        return _PLAYED

    def place(self) -> Sample:
        """A new order of two mugs, placed an hour ago; its message is held back."""
        wanted = {
            "channel": self.code,
            "lines": [{"sku": "MUG", "quantity": 2}],
            "send": False,
            "minutes_ago": _AN_HOUR,
        }
        placed = self._call("POST", "/control/orders", wanted)
        order = ShopOrder.model_validate(placed["order"])
        lines = tuple(ToldLine(line.id, line.quantity) for line in order.lines)
        return Sample(order.id, lines, self._request(placed["webhook"]))

    def fault(self, fault: Fault) -> None:
        """Let the next request meet this."""
        wanted = {"channel": self.code, "mode": fault.value, "seconds": _SILENCE_S}
        self._call("PUT", "/control/faults", wanted)

    def effects(self, order_id: str) -> Sequence[str]:
        """What the order received and what the shop wrote to its buyer."""
        order = ShopOrder.model_validate(
            self._call("GET", f"/control/orders/{self.code}/{order_id}")
        )
        return [f"{each.kind} {each.tracking_number}" for each in order.received] + order.mails

    def examples(self) -> Sequence[Example]:
        """Official examples, where they are at hand."""
        return self.official

    def article(self, units: int) -> Spot:
        """A fresh article at the store, or in the shop's one figure."""
        self.articles += 1
        spot = (f"VERIFY-{self.articles}", _PLACES.get(self.kind, ""))
        wanted = {"channel": self.code, "sku": spot[0], "place": spot[1], "quantity": units}
        self._call("PUT", "/control/stock", wanted)
        return spot

    def units(self, spot: Spot) -> int | None:
        """What the shop shows."""
        found = self._call("GET", f"/control/stock?channel={self.code}&sku={spot[0]}")
        return next((each["quantity"] for each in found if each["place"] == spot[1]), None)

    def _request(self, webhook: dict[str, Any]) -> RawRequest | None:
        """The message as it would reach our door now."""
        if self.kind == "amazon":
            return None
        body = webhook["body"].encode()
        proof = signature(
            self.kind,
            secret=SECRETS[self.kind],
            identifier=webhook["id"],
            body=body,
            now=clock.now(),
        )
        headers = {"content-type": "application/json", **webhook["headers"], **proof}
        return RawRequest(tuple((name.lower(), value) for name, value in headers.items()), body)

    def _call(self, method: str, path: str, body: object = None) -> Any:
        answer = self.http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def sandbox_double(
    code: str, kind: str, *, examples: Sequence[Example] = (), **options: Any
) -> Generator[Subject]:
    """A channel of a built-in kind, against the sandbox."""
    shop = ShopConfig.model_validate({"kind": kind, "secret": SECRETS[kind]})
    config = SandboxConfig(oms_url="http://127.0.0.1:9", shops={code: shop})
    state = state_for(Options(config=config, port=0, **options))
    state.book = replace(state.book or Book(), stores=(_STORE,))
    with serving(app(state)) as url, httpx2.Client(base_url=url, trust_env=False) as http:
        settings = settings_for(code, kind, url)
        double = SandboxDouble(code, kind, http, examples)
        yield Subject(lambda: _impatient(build(code, settings)), double)


def settings_for(code: str, kind: str, url: str, **changes: Any) -> ChannelSettings:
    """Settings that lead to a shop of a sandbox."""
    path = "/webhooks" if kind == "reference" else ""
    access = SellingPartnerSettings(
        client_id="sandbox",
        client_secret=SecretStr("cs_sandbox"),
        refresh_token=SecretStr(SECRETS["amazon"]),
        token_url=f"{url}/{code}/auth/o2/token",
        marketplace_ids=("ATVPDKIKX0DER",),
    )
    wanted: dict[str, Any] = {
        "kind": kind,
        "secrets": () if kind == "amazon" else (SECRETS[kind],),
        "api_url": f"{url}/{code}{path}",
        "access_token": "sandbox-token",
        "consumer_key": "ck_sandbox",
        "consumer_secret": "cs_sandbox",
        "locations": {"S01": "S01", "Riverside": "S01"},
        "selling_partner": access if kind == "amazon" else None,
    }
    return ChannelSettings.model_validate(wanted | changes)


def doubled(channel: Channel) -> AbstractContextManager[Subject]:
    """A configured channel and its double. Raises `NotFound` if its package brings none."""
    kind = channel.settings.kind
    if kind != "package":
        return sandbox_double(channel.code, kind)
    name = channel.settings.package or channel.code
    installed = entry_points(group=DOUBLES)
    if name not in installed.names:
        raise NotFound(
            f"the package of {channel.code} offers no double to verify it against",
            field="CODE",
            remedy=f"let it offer one as the entry point {name!r} in {DOUBLES};"
            " oms.channels.conformance.subject says what it must do",
        )
    factory: DoubleFactory = installed[name].load()
    return factory(channel)


def _impatient(channel: Channel) -> Channel:
    """The adapter with a short time-out, and rates that are its own."""
    match channel:
        case Shopify() | WooCommerce() | Reference():
            return replace(channel, timeout_s=_PATIENCE_S)
        case Amazon():
            return replace(channel, timeout_s=_PATIENCE_S, gate=LocalGate(channel.code))
        case _:
            return channel
