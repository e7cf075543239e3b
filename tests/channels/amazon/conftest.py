"""One seller for all tests; each places orders of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.sandbox.config import ShopConfig
from api.sandbox.doubles import SECRETS
from tests.sandbox.running import Sandbox, sandbox

SPECS = Path(__file__).parents[4] / "shared/contracts/specs"


@pytest.fixture(scope="session")
def seller() -> Iterator[Sandbox]:
    """The seller, held against the official models where they are at hand."""
    shops = {"amazon": ShopConfig(kind="amazon", secret=SECRETS["amazon"], page_size=2)}
    with sandbox(shops=shops, channel_schemas=SPECS if SPECS.is_dir() else None) as running:
        yield running
