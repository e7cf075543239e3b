"""A seeded database lets the newcomer in with what the credentials say, and is seeded once."""

import json
import re
import stat
from pathlib import Path

import httpx2
import pytest
from sqlmodel import col, select

from api.demo.credentials import FILE as CREDENTIALS
from api.demo.keeping import kept
from api.demo.seeding import seed
from oms.access import signing_in
from oms.audit.models import AuditRow
from oms.catalogue.models import Listing, Product
from oms.db import transaction
from oms.inventory.models import StockBalance
from oms.locations.models import Location
from oms.orders.models import Order
from oms.sourcing import tariffs
from tests.demo.conftest import WEB
from tests.demo.serving import web

pytestmark = pytest.mark.usefixtures("live_database", "demo_settings")


def test_the_whole_network_is_there(data_dir: Path) -> None:
    seed(data_dir)
    with transaction() as session:
        counts = {
            table.__name__: len(session.exec(select(table)).all())
            for table in (Location, Product, Listing, StockBalance)
        }
        assert counts == {"Location": 16, "Product": 200, "Listing": 600, "StockBalance": 2_991}
        assert tariffs.current(session, currency="USD").name == "Demo ground"


def test_a_second_seed_changes_nothing(data_dir: Path) -> None:
    seed(data_dir)
    credentials = (data_dir / CREDENTIALS).read_text()
    with transaction() as session:
        before = [row.model_dump() for row in session.exec(select(AuditRow))]
        session.get_one(Product, "MUG-SAGE").price_minor = 999
    seed(data_dir)
    assert (data_dir / CREDENTIALS).read_text() == credentials
    with transaction() as session:
        assert [row.model_dump() for row in session.exec(select(AuditRow))] == before
        assert session.get_one(Product, "MUG-SAGE").price_minor == 999
    assert [row["action"] for row in before] == ["network.loaded", "demo.seeded"]


def test_everybody_comes_in_with_the_kept_secrets(data_dir: Path) -> None:
    seed(data_dir)
    secrets = kept(data_dir)
    with transaction() as session:
        for code in ("S01", "W02"):
            mine = secrets.places[code]
            cookie = signing_in.associate(
                session, device_token=mine.device_token, badge="100", pin=mine.pin
            )
            assert isinstance(cookie, str)
            session.flush()
            assert signing_in.by_cookie(session, cookie).actor == f"associate:{code}:100"
        assert isinstance(
            signing_in.operator(session, login="operator", password=secrets.operator_password),
            str,
        )
        till = signing_in.by_key(session, secrets.api_key)
        assert till.scopes == {"orders:write", "orders:read", "stock:write", "stock:read"}
        people = signing_in.by_key(session, secrets.store_work_key)
        assert people.scopes == {"store:work"}


def test_a_database_that_was_seeded_with_other_secrets_gets_these(
    data_dir: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    seed(other)
    seed(data_dir)
    secrets = kept(data_dir)
    with transaction() as session:
        assert signing_in.by_key(session, secrets.api_key).name == "demo-till"
        mine = secrets.places["S01"]
        assert isinstance(
            signing_in.associate(
                session, device_token=mine.device_token, badge="100", pin=mine.pin
            ),
            str,
        )


def test_the_credentials_say_where_to_go_and_are_for_their_owner_only(data_dir: Path) -> None:
    seed(data_dir)
    secrets = kept(data_dir)
    text = (data_dir / CREDENTIALS).read_text()
    assert "Your store is Denver Union (S01)." in text
    assert f"{WEB}/enrol#{secrets.places['S01'].device_token}" in text
    assert f"badge 100 and PIN {secrets.places['S01'].pin}." in text
    assert f"Login operator, password {secrets.operator_password}" in text
    assert secrets.store_work_key not in text
    assert stat.S_IMODE((data_dir / CREDENTIALS).stat().st_mode) == 0o600


def test_the_order_in_the_credentials_can_be_placed_as_it_is(data_dir: Path) -> None:
    seed(data_dir)
    text = (data_dir / CREDENTIALS).read_text()
    key = re.search(r"Authorization: (Bearer \S+)'", text)
    body = re.search(r"-d '(.*)'", text)
    assert key is not None
    assert body is not None
    with web() as url:
        answer = httpx2.post(
            f"{url}/v1/orders",
            json=json.loads(body[1]),
            headers={"Authorization": key[1], "Idempotency-Key": "till-1234567890"},
        )
    assert answer.status_code == 201, answer.text
    with transaction() as session:
        order = session.exec(select(Order).order_by(col(Order.number))).one()
        place = session.get_one(Location, order.pickup_location_id)
        assert (str(order.id), place.code) == (answer.json()["order_id"], "S01")
        assert answer.json()["backordered"] == {}
