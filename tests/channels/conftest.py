"""One sandbox for all tests that write back; each test places orders of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.sandbox.config import ShopConfig
from api.sandbox.doubles import SECRETS as DOUBLES
from tests.sandbox.running import SECRETS, Sandbox, sandbox

AMAZON = DOUBLES["amazon"]

SCHEMA = Path(__file__).parents[3] / "shared/contracts/specs/shopify-admin_2026-07.json.gz"


@pytest.fixture(scope="session")
def shops() -> Iterator[Sandbox]:
    """The shops; Shopify is held against its official schema where that is at hand."""
    config = {
        **{kind: ShopConfig(kind=kind, secret=secret) for kind, secret in SECRETS.items()},
        "split": ShopConfig(kind="shopify", secret=SECRETS["shopify"], split=True),
    }
    with sandbox(shops=config, schema=SCHEMA if SCHEMA.exists() else None) as running:
        yield running


@pytest.fixture(scope="session")
def seller() -> Iterator[Sandbox]:
    """A seller on Amazon, held against the official models where they are at hand."""
    config = {"amazon": ShopConfig(kind="amazon", secret=AMAZON, page_size=2)}
    specs = SCHEMA.parent
    with sandbox(shops=config, channel_schemas=specs if specs.is_dir() else None) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A fault that one test switched on does not meet the next."""
    yield
    for name in {"shops", "seller"}.intersection(request.fixturenames):
        running: Sandbox = request.getfixturevalue(name)
        assert running.http.get("/control/faults").json() == {}
