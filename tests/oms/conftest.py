"""A small shop for tests of the business."""

import pytest
from sqlmodel import Session

from tests.oms.shop import Shop, a_shop


@pytest.fixture
def shop(session: Session) -> Shop:
    """Three locations, two articles, a tariff; no stock yet."""
    return a_shop(session)
