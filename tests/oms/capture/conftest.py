"""A shop on a database of its own, with some postcodes on the map."""

import pytest

from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from oms.locations.models import Postcode
from tests.oms.shop import Shop, a_shop, fill


@pytest.fixture
def shop(live_database: str) -> Shop:
    """Three locations with five mugs and five lamps each."""
    with transaction() as session:
        made = a_shop(session)
        fill(session, made)
        session.add(Postcode(country="US", postcode="10002", latitude=40.7, longitude=-73.9))
        session.add(Postcode(country="US", postcode="02116", latitude=42.3, longitude=-71.0))
    return made


@pytest.fixture
def till(shop: Shop) -> str:
    """A till's service key."""
    with transaction() as session:
        return enrolling.issue_key(session, name="till", scopes=[Scope.ORDERS_WRITE])
