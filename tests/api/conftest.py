"""The application as a whole on a database of its own, asked over HTTP."""

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from tests.api.asking import Api
from tests.oms.shop import Shop, a_shop, fill


@pytest.fixture
def shop(live_database: str) -> Shop:
    """Three locations with five mugs and five lamps each."""
    with transaction() as session:
        made = a_shop(session)
        fill(session, made)
    return made


@pytest.fixture
def client(live_database: str) -> TestClient:
    """The application without its background listener; errors are answers, as for any caller."""
    return TestClient(create_app(), raise_server_exceptions=False)


@pytest.fixture
def api(client: TestClient, shop: Shop) -> Api:
    """A program that may do everything."""
    with transaction() as session:
        key = enrolling.issue_key(session, name="everything", scopes=list(Scope))
    return Api(client, key)
