"""`oms stock` and `oms feed` as they are typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import application
from oms.channels.stock import Figure
from oms.db import transaction
from oms.errors import Invalid
from oms.publishing import drifting, owing
from oms.publishing.drifting import Gap
from tests.builders import a_listing
from tests.oms.publishing.stocked import owed, told
from tests.oms.shop import Shop

GAP = Gap(("S-MUG", ""), "MUG", published=15, found=40, sellable=15)


def oms(command: str, *arguments: str) -> Result:
    return CliRunner().invoke(application(command), [command, *arguments])


@pytest.fixture(autouse=True)
def _listed(shop: Shop) -> None:
    with transaction() as session:
        a_listing(session, channel="shopify", channel_sku="S-MUG", sku="MUG")
        told(session, {("S-MUG", ""): Figure(0)})


def test_drift_is_listed_and_open_drift_is_an_exit_code() -> None:
    assert oms("stock", "drift").stdout == "No drift was found.\n"
    assert oms("stock", "drift", "--open").exit_code == 0
    with transaction() as session:
        drifting.record(session, channel="shopify", gaps=[GAP])
    answer = oms("stock", "drift", "--json")
    assert answer.exit_code == 0
    [row] = json.loads(answer.stdout)
    assert (row["channel_sku"], row["published"], row["found"]) == ("S-MUG", 15, 40)
    assert oms("stock", "drift", "--open", "--channel", "shopify").exit_code == 1
    assert oms("stock", "drift", "--open", "--channel", "reference").exit_code == 0
    with transaction() as session:
        drifting.repaired(session, channel="shopify", skus=["MUG"])
    assert oms("stock", "drift", "--open").stdout == "No drift is open.\n"
    assert json.loads(oms("stock", "drift", "--json").stdout)[0]["repaired_at"]


def test_status_says_how_each_channel_stands() -> None:
    with transaction() as session:
        owing.owe(session, channels=["shopify"], skus=["MUG"])
    rows = {row["channel"]: row for row in json.loads(oms("stock", "status", "--json").stdout)}
    assert set(rows) == {"reference", "shopify", "woocommerce"}
    assert (rows["shopify"]["owed"], rows["woocommerce"]["owed"]) == (1, 0)
    assert "shopify" in oms("stock", "status").stdout


def test_everything_is_owed_again_on_demand() -> None:
    assert oms("stock", "publish", "--channel", "shopify").exit_code == 0
    with transaction() as session:
        assert owed(session) == {("shopify", "MUG"): 1}


def test_an_unknown_channel_is_refused() -> None:
    answer = oms("stock", "publish", "--channel", "etsy")
    assert isinstance(answer.exception, Invalid)
    assert answer.exception.field == "--channel"


def test_feeds_are_written_whole_and_replace_what_was_there(tmp_path: Path) -> None:
    for name, command in (("p.csv", "products"), ("p.jsonl", "products"), ("l", "local-inventory")):
        target = tmp_path / name
        target.write_text("what was there")
        assert oms("feed", command, str(target)).exit_code == 0
        assert "MUG" in target.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["l", "p.csv", "p.jsonl"]
    listed = tmp_path / "channel.jsonl"
    assert "1 lines" in oms("feed", "products", str(listed), "--channel", "shopify").stdout
    assert json.loads(listed.read_text())["id"] == "S-MUG"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("products", "range.xml"), "FILE"),
        (("products", "nowhere/range.csv"), "FILE"),
        (("local-inventory", "f.jsonl", "--channel", "etsy"), "--channel"),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(
    arguments: tuple[str, ...], field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = oms("feed", *arguments)
    assert isinstance(answer.exception, Invalid)
    assert answer.exception.field == field
    assert answer.exception.remedy or "cannot be written" in answer.exception.message
    assert list(tmp_path.iterdir()) == []
