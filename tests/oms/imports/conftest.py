"""A shop in a database of its own: imports commit."""

import pytest

from oms.db import transaction
from tests.oms.shop import Shop, a_shop


@pytest.fixture
def shop(live_database: str) -> Shop:
    """Three locations, three articles, a tariff; no stock yet."""
    with transaction() as session:
        return a_shop(session)
