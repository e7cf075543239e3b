"""The ground of the capture benchmarks: a durable PostgreSQL, a network, web processes, orders."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psycopg

from api.stack.ports import free_port
from bench.database import a_server
from oms.access.secrets import token_hash

SECRET = b"bench-secret"
SERVICE_KEY = "oms_live_bench"
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
INSERT INTO service_keys (id, name, key_hash, scopes, created_at)
VALUES (uuidv7(), 'till', '{key_hash}', ARRAY['orders:write'], now());
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
            _run(
                connection,
                _STOCK.format(units=units, key_hash=token_hash(SERVICE_KEY)),
                without=() if ledger else _LEDGER,
            )
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
