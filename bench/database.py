"""A PostgreSQL of its own for a benchmark: migrated, durable, tuned as `oms up` does it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from pathlib import Path

import psycopg

import oms.tables  # noqa: F401 - foreign keys name tables of every concept
from api.stack.postgres import running_postgres
from oms import clock, db, migrating
from oms.catalogue import entering as catalogue
from oms.db import transaction
from oms.locations import entering as locations
from oms.locations.models import LocationKind
from oms.settings import settings


@contextmanager
def a_server() -> Iterator[tuple[str, Path]]:
    """Its address, and the temporary folder in which its data stay until they are removed."""
    with (
        tempfile.TemporaryDirectory(prefix="tributary-bench-") as folder,
        running_postgres(Path(folder)) as (server, _),
    ):
        migrating.migrate(server.url)
        yield server.url, Path(folder)


@contextmanager
def a_database() -> Iterator[str]:
    """Its address; `oms.db` uses it."""
    with a_server() as (url, _):
        os.environ["DATABASE_URL"] = url
        settings.cache_clear()
        yield url
        db.close_engine()


def a_network(*, skus: int, places: int) -> tuple[list[str], list[str]]:
    """Made-up products and locations; their SKUs and codes."""
    names = [f"SKU-{number:06}" for number in range(skus)]
    codes = [f"L{number:04}" for number in range(places)]
    with transaction() as session:
        catalogue.enter_products(
            session,
            [
                {"sku": sku, "name": f"Article {sku}", "category": "", "weight_g": 300,
                 "length_mm": 100, "width_mm": 100, "height_mm": 100, "price_minor": 1250,
                 "currency": "USD"}
                for sku in names
            ],
        )  # fmt: skip
        locations.enter_locations(
            session,
            [
                {"code": code, "name": code, "kind": LocationKind.STORE, "street": "1 High Street",
                 "city": "New York", "region": "NY", "postcode": "10001", "country": "US",
                 "latitude": 40.7, "longitude": -74.0, "time_zone": "America/New_York",
                 "cut_off": time(15), "can_ship": True, "can_pickup": False,
                 "can_curbside": False, "can_returns": False, "capacity_parcels": None,
                 "parcel_cost_minor": 0, "line_cost_minor": 0, "pickup_cost_minor": 0,
                 "handling_days": 1, "active": True}
                for code in codes
            ],
        )  # fmt: skip
    return names, codes


def empty(url: str, tables: str) -> None:
    """Empty tables."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {tables} CASCADE")


def about() -> str:
    """Where and when this was measured."""
    assert clock.now().tzinfo is UTC
    return f"{os.cpu_count()} cores, {datetime.now(UTC):%Y-%m-%d}"
