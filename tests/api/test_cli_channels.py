"""`oms channels`: what there is, whether it keeps the protocol, what asking found."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from api.cli import application
from oms import clock
from oms.channels.poll_models import ChannelRepair, RepairKind
from oms.db import transaction
from oms.errors import Invalid, NotFound
from oms.ids import new_id
from oms.settings import settings
from tests.channel_settings import CHANNELS

RUNNER = CliRunner()


def oms(*words: str) -> tuple[int, str]:
    result = RUNNER.invoke(application("channels"), ["channels", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_list_names_every_channel_with_what_it_can_do() -> None:
    _, text = oms("list")
    lines = {line.split()[0]: line for line in text.splitlines()[1:]}
    assert lines.keys() == {"shopify", "woocommerce", "reference"}
    assert lines["shopify"].split()[1:5] == ["shopify", "webhooks", "no", "yes"]
    assert lines["reference"].split()[1:5] == ["reference", "webhooks", "yes", "yes"]


def test_verify_asks_everything_of_a_stand_in_and_exits_0() -> None:
    # In a process of its own: it serves a stand-in beside, whose thread is none of pytest's.
    words = [sys.executable, "-m", "api.cli", "channels", "verify", "reference"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    text = done.stdout
    assert "broken" not in text
    assert text.count("kept") >= 10
    assert "its double cannot play later_failure" in text


def test_an_unknown_channel_names_those_that_there_are() -> None:
    with pytest.raises(NotFound, match="configured: reference, shopify, woocommerce"):
        oms("verify", "etsy")


def test_drift_lists_what_was_missed(live_database: str) -> None:
    assert oms("drift") == (0, "Nothing was missed in 7 days.\n")
    with transaction() as session:
        session.add(
            ChannelRepair(
                channel="shopify",
                kind=RepairKind.MISSED_ORDER,
                reference="5001",
                message_id=new_id(),
                changed_at=clock.now() - timedelta(minutes=9),
                found_at=clock.now(),
            )
        )
    assert "missed order" in oms("drift", "shopify")[1]
    [row] = json.loads(oms("drift", "--json")[1])
    assert (row["channel"], row["reference"], row["kind"]) == ("shopify", "5001", "missed_order")
    _, text = oms("status")
    assert "never asked" in text


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = {"etsy": {"kind": "package", "api_url": "https://etsy.example"}}
    monkeypatch.setenv("TRIBUTARY_CHANNELS", json.dumps(CHANNELS | mine))
    settings.cache_clear()
    with pytest.raises(Invalid, match="no installed package offers a channel 'etsy'") as caught:
        oms("verify", "etsy")
    assert caught.value.field == "channels.etsy.package"
