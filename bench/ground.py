"""The ground of the capture benchmarks: a durable PostgreSQL, a network, web processes, orders."""

import base64
import hashlib
import hmac
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import psycopg

from api.stack.ports import free_port
from bench.database import a_server

SECRET = b"bench-secret"
CHANNEL = "shop"
LOCATIONS = 20
SKUS = 5_000
LOCATION_ID = "('0191' || lpad(to_hex({number}), 28, '0'))::uuid"
ROOT = Path(__file__).parents[1]
_CHANNELS = {
    CHANNEL: {
        "kind": "shopify",
        "secrets": [SECRET.decode()],
        "api_url": "http://127.0.0.1:9",
        "access_token": "none",
    }
}
_NETWORK = """
INSERT INTO locations (id, code, name, kind, street, city, region, postcode, country, latitude,
    longitude, time_zone, cut_off, can_ship, can_pickup, can_curbside, can_returns,
    parcel_cost_minor, line_cost_minor, pickup_cost_minor, handling_days, active, created_at)
SELECT {location_id}, 'S' || lpad(n::text, 4, '0'), 'Store ' || n, 'store', '1 High Street', 'Town',
    '', '10001', 'US', 30 + 15 * random(), -120 + 45 * random(), 'America/New_York', '15:00', true,
    true, false, false, 190, 60, 100, 0, true, now()
FROM generate_series(1, {locations}) n;
INSERT INTO products (sku, name, category, weight_g, length_mm, width_mm, height_mm, price_minor,
    currency, created_at)
SELECT 'SKU' || lpad(n::text, 6, '0'), 'Article ' || n, '', 100 + (n % 20) * 50, 200, 100, 50, 1999,
    'USD', now()
FROM generate_series(1, {skus}) n;
INSERT INTO listings (channel, channel_sku, sku, price_minor, currency, published)
SELECT '{channel}', sku, sku, 1999, 'USD', true FROM products;
INSERT INTO tariff_sheets (id, name, currency, effective_from, sheet)
VALUES (uuidv7(), 'bench', 'USD', '2020-01-01', '{tariff}');
VACUUM ANALYZE locations, products, listings, tariff_sheets;
"""
_STOCK = """
INSERT INTO stock_balances (sku, location_id, on_hand, reserved, safety)
SELECT sku, id, {units}, 0, 0 FROM products, locations;
INSERT INTO stock_movements (sku, location_id, kind, on_hand_delta, reserved_delta, cause_type,
    actor, at)
SELECT sku, id, 'receive', {units}, 0, 'opening', 'bench', now() FROM products, locations;
VACUUM ANALYZE stock_balances, stock_movements;
"""
_LEDGER = ("INTO stock_movements",)
_TARIFF = {
    "zone_miles": [50, 150, 300, 600, 1000, 1400, 1800],
    "max_weight_g": [450, 2000, 10_000],
    "cents": [[450 + 20 * zone + 300 * band for zone in range(8)] for band in range(3)],
    "transit_days": [1, 2, 2, 3, 4, 4, 5, 5],
}


@dataclass(frozen=True, slots=True)
class Ground:
    """A running database with a network in it."""

    url: str
    folder: Path

    def do(self, statement: str) -> None:
        """Run a statement."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def ground(
    *,
    units: int | str = 1_000_000,
    places: int = LOCATIONS,
    skus: int = SKUS,
    ledger: bool = True,
) -> Iterator[Ground]:
    """PostgreSQL with durable commits and the settings of `oms up`, seeded.

    `units` may be an expression over `sku` and the location's `id`. Without `ledger` balances have
    no movements behind them: enough for what only reads balances, and millions are quicker made.
    """
    with a_server() as (url, folder):
        with psycopg.connect(url, autocommit=True) as connection:
            network(connection, locations=places, skus=skus)
            _run(connection, _STOCK.format(units=units), without=() if ledger else _LEDGER)
        yield Ground(url, folder)


def network(connection: psycopg.Connection, *, locations: int, skus: int) -> None:
    """Locations, articles, what the channel lists, and a tariff."""
    seed = _NETWORK.format(
        locations=locations,
        location_id=LOCATION_ID.format(number="n"),
        skus=skus,
        channel=CHANNEL,
        tariff=json.dumps(_TARIFF),
    )
    _run(connection, seed)


def _run(connection: psycopg.Connection, statements: str, *, without: Sequence[str] = ()) -> None:
    for statement in statements.split(";\n"):
        if statement.strip() and not any(words in statement for words in without):
            connection.execute(statement.encode())


@contextmanager
def web(place: Ground, *, module: Sequence[str] = ("api.cli", "api", "--port")) -> Iterator[int]:
    """A web process; yields its port."""
    port = free_port()
    log = (place.folder / f"web-{port}.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", *module, str(port)],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": place.url,
            "TRIBUTARY_CHANNELS": json.dumps(_CHANNELS),
        },
        stdout=log,
        stderr=log,
    )
    try:
        _await(f"http://127.0.0.1:{port}/healthz", process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(url, trust_env=False).status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


class Orders:
    """Makes signed order webhooks, each as long as a shop's: two lines, some five kilobytes."""

    def __init__(self, *, seed: int, skus: int = SKUS) -> None:
        self._skus = skus
        self._chance = random.Random(seed)
        self._next = 10_000_000 * (1 + seed)

    def make(self, count: int, *, skus: str = "uniform") -> list[bytes]:
        """So many different requests; `skus` is uniform, zipf or hot (one in every order)."""
        picks = self._picks(2 * count, skus)
        return [self._request(*sorted(picks[2 * at : 2 * at + 2])) for at in range(count)]

    def _picks(self, count: int, skus: str) -> list[int]:
        if skus == "zipf":
            weights = [1 / rank**1.1 for rank in range(1, self._skus + 1)]
            return [1 + at for at in self._chance.choices(range(self._skus), weights, k=count)]
        if skus == "hot":
            return [1 if at % 2 else self._chance.randint(2, self._skus) for at in range(count)]
        return [self._chance.randint(1, self._skus) for _ in range(count)]

    def _request(self, first: int, second: int) -> bytes:
        self._next += 1
        now = datetime.now(UTC).isoformat(timespec="seconds")
        body = json.dumps(_order(self._next, now, (first, second), self._chance)).encode()
        signature = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest()).decode()
        head = (
            f"POST /v1/webhooks/{CHANNEL} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nX-Shopify-Topic: orders/create\r\n"
            "X-Shopify-Shop-Domain: shop.example.com\r\nX-Shopify-Api-Version: 2026-07\r\n"
            f"X-Shopify-Event-Id: event-{self._next}\r\nX-Shopify-Webhook-Id: {self._next}\r\n"
            f"X-Shopify-Triggered-At: {now}\r\nX-Shopify-Hmac-Sha256: {signature}\r\n\r\n"
        )
        return head.encode() + body


def _order(
    number: int, now: str, skus: tuple[int, int], chance: random.Random
) -> dict[str, object]:
    money = {"shop_money": {"amount": "39.98", "currency_code": "USD"},
             "presentment_money": {"amount": "39.98", "currency_code": "USD"}}  # fmt: skip
    address = {
        "first_name": "Sample", "last_name": f"Customer {number}", "address1": "5 Main Street",
        "address2": "", "city": "Springfield", "province": "Illinois", "province_code": "IL",
        "zip": "62701", "country": "United States", "country_code": "US", "phone": "5550100",
        "latitude": 30 + 15 * chance.random(), "longitude": -120 + 45 * chance.random(),
    }  # fmt: skip
    return {
        "id": number, "admin_graphql_api_id": f"gid://shopify/Order/{number}",
        "name": f"#{number}", "order_number": number, "created_at": now, "updated_at": now,
        "cancelled_at": None, "confirmed": True, "test": False, "currency": "USD",
        "presentment_currency": "USD", "taxes_included": False, "financial_status": "paid",
        "fulfillment_status": None, "total_price": "39.98", "total_price_set": money,
        "current_total_price": "39.98", "current_total_price_set": money,
        "total_shipping_price_set": money, "source_name": "web",
        "email": f"customer{number}@example.com", "phone": None,
        "note_attributes": [{"name": f"field {at}", "value": "x" * 40} for at in range(12)],
        "client_details": {"user_agent": "Mozilla/5.0 " + "x" * 120, "browser_ip": "192.0.2.1"},
        "customer": {"id": number, "first_name": "Sample", "last_name": f"Customer {number}",
                     "email": f"customer{number}@example.com", "phone": None},
        "billing_address": address, "shipping_address": address,
        "shipping_lines": [{"id": number, "code": "Standard", "title": "Standard",
                            "source": "shopify", "price": "5.00", "discounted_price": "5.00",
                            "tax_lines": [], "discount_allocations": []}],
        "line_items": [
            {
                "id": 10 * number + at, "sku": f"SKU{sku:06}", "variant_id": 4_000_000 + sku,
                "title": f"Article {sku}", "name": f"Article {sku}", "quantity": 1,
                "current_quantity": 1, "fulfillable_quantity": 1, "fulfillment_service": "manual",
                "requires_shipping": True, "gift_card": False, "taxable": True, "price": "19.99",
                "price_set": {"shop_money": {"amount": "19.99", "currency_code": "USD"}},
                "total_discount": "0.00", "properties": [], "discount_allocations": [],
                "tax_lines": [{"title": "Tax", "price": "1.20", "rate": 0.06}],
            }
            for at, sku in enumerate(skus)
        ],
        "fulfillments": [], "refunds": [],
    }  # fmt: skip
