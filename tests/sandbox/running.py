"""The sandbox and an order desk that listens to it, over real HTTP on this machine."""

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from api.sandbox.app import Options, app, state_for
from api.sandbox.config import SandboxConfig, ShopConfig
from api.sandbox.orders import ShopOrder
from api.sandbox.serving import serving
from oms import clock
from oms.channels.base import Channel, Hint, RawRequest
from oms.channels.registry import build
from oms.connections import ChannelSettings
from oms.errors import OmsError
from oms.orders.new_order import NewOrder

SECRETS = {
    "shopify": "shop secret",
    "woocommerce": "woo secret",
    "reference": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


@dataclass
class Sandbox:
    """A running sandbox: its address and a client for its control API."""

    url: str
    http: httpx2.Client

    def place(self, channel: str, **order: Any) -> ShopOrder:
        """Place an order with one line of two units, unless told otherwise."""
        wanted = {"channel": channel, "lines": [{"sku": "MUG", "quantity": 2}], **order}
        answer = self.http.post("/control/orders", json=wanted)
        assert answer.status_code == 201, answer.text
        return ShopOrder.model_validate(answer.json()["order"])

    def order(self, order: ShopOrder) -> ShopOrder:
        """The order as it is now."""
        answer = self.http.get(f"/control/orders/{order.channel}/{order.id}")
        return ShopOrder.model_validate(answer.json())

    def stock(self, channel: str, sku: str) -> dict[str, int]:
        """A shop's own figures for an article, by place."""
        answer = self.http.get("/control/stock", params={"channel": channel, "sku": sku})
        return {each["place"]: each["quantity"] for each in answer.json()}

    def set_stock(
        self, channel: str, sku: str, quantity: int, *, place: str = "", parent: int = 0
    ) -> None:
        """Set a figure by hand; an article that the shop lacks is added."""
        wanted = {"channel": channel, "sku": sku, "place": place, "quantity": quantity}
        self.http.put("/control/stock", json=wanted | {"parent": parent}).raise_for_status()

    def fault(self, channel: str, mode: str, **how: float) -> None:
        """Let the next request, or the next `times`, go wrong."""
        wanted = {"channel": channel, "mode": mode, **how}
        self.http.put("/control/faults", json=wanted).raise_for_status()

    def channel(
        self, code: str, kind: str | None = None, *, timeout_s: float = 0.5, **changes: Any
    ) -> Channel:
        """The adapter that talks to one of the shops, short of patience."""
        kind = kind or code
        path = "/webhooks" if kind == "reference" else ""
        settings: dict[str, Any] = {
            "kind": kind,
            "secrets": [SECRETS[kind]],
            "api_url": f"{self.url}/{code}{path}",
            "access_token": "sandbox-token",
            "consumer_key": "ck_sandbox",
            "consumer_secret": "cs_sandbox",
            "locations": {"Riverside": "S01", "S01": "S01"},
        }
        adapter = build(code, ChannelSettings.model_validate(settings | changes))
        return type(adapter)(code, adapter.settings, timeout_s=timeout_s)  # type: ignore[call-arg]


@dataclass
class Desk:
    """An order desk that checks and reads every message as the real one does."""

    channels: Mapping[str, Channel]
    refusals: int = 0
    hints: list[Hint] = field(default_factory=list)
    orders: list[NewOrder] = field(default_factory=list)
    errors: list[OmsError] = field(default_factory=list)

    def take(self, channel: Channel, request: RawRequest) -> int:
        """Take one message in and say which status it deserves."""
        if self.refusals > 0:
            self.refusals -= 1
            return 503
        try:
            channel.verify(request, now=clock.now())
            hint = channel.hint(request)
            assert channel.wants(hint.topic)
            order = channel.to_order(request.body, topic=hint.topic)
        except OmsError as error:
            self.errors.append(error)
            return 401
        self.hints.append(hint)
        self.orders.append(order)
        return 200


@contextmanager
def sandbox(
    *,
    desk_url: str = "http://127.0.0.1:9",
    shops: Mapping[str, ShopConfig] | None = None,
    schema: Path | None = None,
    **options: Any,
) -> Generator[Sandbox]:
    """A sandbox with the three shops."""
    config = SandboxConfig(
        oms_url=desk_url,
        shops=shops or {kind: ShopConfig(kind=kind, secret=SECRETS[kind]) for kind in SECRETS},
        retry_s=0.05,
    )
    chosen = Options(config=config, port=0, shopify_schema=schema, **options)
    with serving(app(state_for(chosen))) as url, httpx2.Client(base_url=url) as http:
        yield Sandbox(url, http)


@contextmanager
def desk(channels: Mapping[str, Channel]) -> Generator[tuple[str, Desk]]:
    """A desk and its address."""
    standing = Desk(channels)
    application = FastAPI()

    @application.post("/v1/webhooks/{code}")
    async def take(code: str, request: Request) -> Response:
        headers = tuple((name.lower(), value) for name, value in request.headers.items())
        raw = RawRequest(headers, await request.body())
        return JSONResponse({}, standing.take(standing.channels[code], raw))

    with serving(application) as url:
        yield url, standing


def wait_until(true: Callable[[], object], *, at_most_s: float = 15.0) -> None:
    """Wait for something that another thread brings about."""
    end = time.monotonic() + at_most_s
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)
