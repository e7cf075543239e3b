"""The demo's processes find settings that fit together, and secrets that stay."""

import json
import stat
from pathlib import Path

import pytest

from api.demo.files import write_private
from api.demo.keeping import FILE as SECRETS
from api.demo.keeping import kept
from api.demo.network import network
from api.demo.preparing import BOOK, SANDBOX, SETTINGS, prepare
from api.sandbox.book import read_book
from api.sandbox.config import read_config
from oms.channels import registry, stores
from oms.errors import Invalid
from oms.settings import settings
from tests.demo.conftest import SANDBOX as SANDBOX_URL
from tests.demo.conftest import WEB


@pytest.mark.usefixtures("demo_settings")
def test_the_settings_are_read_and_make_three_channels(data_dir: Path) -> None:
    read = settings()
    assert read.public_url == WEB
    assert read.tracking_poll_seconds == 5
    assert read.simulated_carrier_speed == 4320.0
    assert read.simulated_carrier_ledger == data_dir / "simulated-carrier.sqlite3"
    assert sorted(registry.configured()) == ["reference", "shopify", "woocommerce"]
    assert read.channels["shopify"].api_url == f"{SANDBOX_URL}/shopify"
    assert read.channels["woocommerce"].api_url == f"{SANDBOX_URL}/woocommerce"
    assert read.channels["reference"].api_url == f"{SANDBOX_URL}/reference/webhooks"


@pytest.mark.usefixtures("demo_settings")
def test_the_shops_hold_the_same_secrets(data_dir: Path) -> None:
    shops = read_config(data_dir / SANDBOX)
    assert shops.oms_url == WEB
    for channel, ours in settings().channels.items():
        theirs = shops.shops[channel]
        assert theirs.kind == ours.kind
        assert [one.get_secret_value() for one in ours.secrets] == [theirs.secret]
    token = settings().channels["shopify"].access_token
    assert token is not None
    assert token.get_secret_value() == shops.shops["shopify"].access_token
    woo = settings().channels["woocommerce"]
    assert woo.consumer_key is not None
    assert woo.consumer_secret is not None
    assert woo.consumer_key.get_secret_value() == shops.shops["woocommerce"].consumer_key
    assert woo.consumer_secret.get_secret_value() == shops.shops["woocommerce"].consumer_secret


@pytest.mark.usefixtures("demo_settings")
def test_the_carriers_and_their_stand_ins_hold_the_same_secrets(data_dir: Path) -> None:
    played = read_config(data_dir / SANDBOX).carriers
    assert sorted(played) == ["easypost", "sendcloud", "ups"]
    assert settings().compare_carriers == ("simulated", "easypost", "ups")
    for code, ours in settings().carriers.items():
        theirs = played[code]
        assert ours.kind == theirs.kind
        assert (ours.base_url or "").startswith(f"{SANDBOX_URL}/carriers/{code}")
        assert ours.webhook_keys(carrier=code) == (theirs.webhook_secret,)
        user, password = {
            "easypost": ("api_key", None),
            "sendcloud": ("public_key", "secret_key"),
            "ups": ("client_id", "client_secret"),
        }[code]
        assert ours.secret(user, carrier=code) == theirs.user
        if password:
            assert ours.secret(password, carrier=code) == theirs.password
    assert settings().carriers["ups"].secret("account", carrier="ups") == played["ups"].account


@pytest.mark.usefixtures("demo_settings")
def test_every_pickup_place_of_the_shops_is_a_store_of_ours(data_dir: Path) -> None:
    book = read_book(data_dir / BOOK)
    assert [store.code for store in book.stores] == [
        place.code for place in network().locations if place.can_pickup
    ]
    channels = settings().channels
    for store in book.stores:
        assert stores.mapped(channels["shopify"], [store.name]) == store.code
        called = store.channel_locations["woocommerce"]
        assert stores.mapped(channels["woocommerce"], [called]) == store.code
    assert channels["reference"].locations == {}  # it calls our stores by our codes


def test_the_shops_sell_what_is_listed(data_dir: Path) -> None:
    book = read_book(data_dir / BOOK)
    sold = {
        (channel, one.on(channel)): one.sku
        for one in book.skus
        for channel in ("shopify", "woocommerce", "reference")
    }
    listed = {(one.channel, one.channel_sku): one.sku for one in network().listings}
    assert sold == listed
    assert len(book.addresses) >= 400


def test_secrets_stay_and_addresses_follow(data_dir: Path) -> None:
    before = {file.name: file.read_text() for file in data_dir.iterdir()}
    prepare(data_dir, web_url=WEB, sandbox_url=SANDBOX_URL)
    assert {file.name: file.read_text() for file in data_dir.iterdir()} == before

    moved = "http://127.0.0.1:28080"
    prepare(data_dir, web_url=moved, sandbox_url=SANDBOX_URL)
    after = {file.name: file.read_text() for file in data_dir.iterdir()}
    assert after[SECRETS] == before[SECRETS]
    assert after[SETTINGS] == before[SETTINGS].replace(WEB, moved)
    assert json.loads(after[SANDBOX]) == json.loads(before[SANDBOX]) | {"oms_url": moved}


def test_two_demos_share_no_secret(data_dir: Path, tmp_path: Path) -> None:
    one = kept(data_dir, places=["S01"])
    other = kept(tmp_path, places=["S01"])
    assert one.shops["shopify"] != other.shops["shopify"]
    assert one.places["S01"].device_token != other.places["S01"].device_token
    assert len({one.operator_password, one.api_key, other.operator_password, other.api_key}) == 4


def test_a_new_location_gets_secrets_and_the_others_keep_theirs(data_dir: Path) -> None:
    before = kept(data_dir)
    after = kept(data_dir, places=["S99"])
    assert after.places.keys() - before.places.keys() == {"S99"}
    assert {code: after.places[code] for code in before.places} == before.places
    assert kept(data_dir) == after


def test_a_broken_file_of_secrets_is_not_replaced(data_dir: Path) -> None:
    (data_dir / SECRETS).write_text('{"shops": {}')
    with pytest.raises(Invalid, match=r"demo-secrets\.json is not as it was written"):
        kept(data_dir)
    assert (data_dir / SECRETS).read_text() == '{"shops": {}'


def test_every_file_is_for_its_owner_only(data_dir: Path) -> None:
    files = sorted(data_dir.iterdir())
    assert [file.name for file in files] == [SECRETS, SANDBOX, BOOK, SETTINGS]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_private_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    with path.open() as reader:
        write_private(path, "new")
        assert reader.read() == "old"
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
