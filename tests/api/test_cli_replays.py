"""`oms replay` and `oms simulate` as they are typed, and the examples of docs/replay.md."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from api.cli import application
from oms import clock, db
from oms.db import transaction
from oms.network import loading
from oms.ordering import placing
from oms.settings import settings
from oms.sourcing import routing_orders
from tests.builders import a_new_order, an_address
from tests.channel_settings import CHANNELS
from tests.oms.simulation.conftest import EXAMPLE

GUIDE = (Path(__file__).parents[2] / "docs" / "replay.md").read_text(encoding="utf-8")
[RESTS, DEMAND] = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
MORNING = datetime(2026, 11, 27, 15, tzinfo=UTC)
DENVER = {"city": "Denver", "postcode": "80202", "latitude": None, "longitude": None}
NEW_YORK = {"city": "New York", "postcode": "10001", "latitude": None, "longitude": None}
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
REPLAY = "replay --day 2026-11-27 --policy ./store-rests.json"
SIMULATE = (
    "simulate network.json --weeks 2 --policies at-once.json,store-rests.json"
    " --seed 7 --orders-per-day 2 --start 2026-11-02"
)


def oms(command: str, *more: str) -> Result:
    words = [*command.split(), *more]
    return CliRunner().invoke(application(words[0]), words)


def plain(text: str) -> list[str]:
    """Lines without the ids, which are never the same, and without what stands at their ends."""
    return [UUID.sub("ID", line).rstrip() for line in text.strip().splitlines()]


def example(command: str) -> list[str]:
    """What the guide shows below a command."""
    pattern = rf"^\$ oms {re.escape(command)}\n(.*?)^```"
    [shown] = re.findall(pattern, GUIDE, re.DOTALL | re.MULTILINE)
    return plain(shown)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of the guide, where the command is typed."""
    (tmp_path / "network.json").write_text(EXAMPLE)
    (tmp_path / "store-rests.json").write_text(RESTS)
    (tmp_path / "at-once.json").write_text('{"name": "at once"}')
    (tmp_path / "demand.json").write_text(DEMAND)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def day(own_database: str) -> Iterator[None]:
    """The network of the guide with the six orders of a morning."""
    baskets: list[tuple[dict[str, Any], dict[str, int]]] = [
        (DENVER, {"MUG-SAGE": 1}),
        (DENVER, {"MUG-SAGE": 2}),
        (NEW_YORK, {"MUG-SAGE": 1, "LAMP-OAK": 1}),
        (DENVER, {"LAMP-OAK": 1}),
        (NEW_YORK, {"MUG-SAGE": 4}),
        (DENVER, {"MUG-SAGE": 1, "LAMP-OAK": 2}),
    ]
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("DATABASE_URL", own_database)
        environ.setenv("TRIBUTARY_CHANNELS", json.dumps(CHANNELS))
        settings.cache_clear()
        db.close_engine()
        with clock.at(MORNING), transaction() as session:
            loading.load(session, json.loads(EXAMPLE), actor="test")
        for minute, (home, wanted) in enumerate(baskets):
            with clock.at(MORNING + timedelta(minutes=minute)):
                with transaction() as session:
                    new = a_new_order(wanted, address=an_address(region="", **home))
                    order_id = placing.place(session, new, actor="test").id
                routing_orders.route(order_id, actor="system")
        yield
        db.close_engine()
    settings.cache_clear()


def test_the_documented_replay_is_what_is_printed(day: None, folder: Path) -> None:
    answer = oms(REPLAY)
    assert answer.exit_code == 0, answer.output
    assert plain(answer.stdout) == example(REPLAY)
    assert answer.stderr == "6 of 6 replayed\n"


def test_a_policy_is_put_in_force_with_the_replay_that_was_printed(day: None, folder: Path) -> None:
    report = oms(REPLAY, "--json").stdout
    assert oms(REPLAY, "--json").stdout == report
    (folder / "replay.json").write_text(report)
    added = oms("policy add store-rests.json --replay replay.json")
    assert added.exit_code == 0, added.output
    [row] = json.loads(oms("policy list --json").stdout)
    assert (row["replay"]["days"], row["replay"]["by"]) == (["2026-11-27"], "cli")
    told = oms("policy list").stdout
    assert "2026-11-27 against as decided: 6 decisions, 6 reproduced" in told
    wrong = oms("policy add at-once.json --replay replay.json")
    assert wrong.exit_code == 2
    assert "the replay is of another policy: name differs" in wrong.stderr
    by_name = oms("replay --day 2026-11-27 --policy", "store rests@1", "--against", "standard")
    assert "store rests@1 against standard" in by_name.stdout


class Page(HTMLParser):
    """What a report consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_asks_for_nothing_and_has_each_chart_as_a_table(day: None, folder: Path) -> None:
    assert oms(REPLAY, "--html", "a.html", "--png", "a.png").exit_code == 0
    text = (folder / "a.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.addresses == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "url(" not in text
    assert "http" not in re.sub(r'http-equiv="', "", text)
    assert page.tags.count("svg") == page.tags.count("title") - 1 == 3
    assert page.tags.count("table") >= page.tags.count("svg")
    assert "USD 10.00" in text
    assert 'name="viewport"' in text
    assert "@media print" in text
    with Image.open(folder / "a.png") as picture:
        assert (picture.format, picture.width) == ("PNG", 1904)
        assert len(picture.convert("P").getcolors() or []) > 3
    assert oms(REPLAY, "--html", "b.html", "--png", "b.png").exit_code == 0
    for end in ("html", "png"):
        assert (folder / f"a.{end}").read_bytes() == (folder / f"b.{end}").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("--policy none.json", 2, "none.json cannot be read"),
        ("--policy network.json", 2, "name: is missing"),
        ("--policy standard --time-zone Mars", 1, "'Mars' is no time zone"),
        ("--policy standard --html none/a.html", 1, "its folder is not there"),
        ("--policy peak", 1, "there is no routing policy 'peak'"),
    ],
)
def test_what_is_wrong_is_said(
    day: None, folder: Path, arguments: str, code: int, words: str
) -> None:
    answer = oms(f"replay --day 2026-11-27 {arguments}")
    said = answer.stderr if code == 2 else getattr(answer.exception, "message", "")
    assert (answer.exit_code, words in said) == (code, True), answer.output


def test_a_day_without_decisions_is_told_as_one(day: None, folder: Path) -> None:
    answer = oms("replay --day 2026-11-28 --policy standard --png a.png --html a.html")
    assert answer.exit_code == 0, answer.output
    assert "0 decisions were made on this day (UTC)" in answer.stdout
    assert (folder / "a.png").exists()


def test_the_documented_simulation_is_what_is_printed(folder: Path) -> None:
    answer = oms(SIMULATE, "--html", "a.html", "--png", "a.png")
    assert answer.exit_code == 0, answer.output
    assert plain(answer.stdout) == example(SIMULATE)
    last = answer.stderr.splitlines()[-1]
    assert last.startswith("day 14 of 14, 2026-11-15  at once: 36 orders at USD 8.70; store rests:")
    page = Page((folder / "a.html").read_text(encoding="utf-8"))
    assert page.tags.count("svg") == 4
    assert (folder / "a.png").stat().st_size > 10_000


def test_a_simulation_that_was_killed_goes_on_to_the_same_bytes(folder: Path) -> None:
    short = SIMULATE.replace("--weeks 2", "--weeks 1").replace("-day 2", "-day 1")
    whole = oms(short, "--json")
    command = [sys.executable, "-m", "api.cli", *short.split(), "--json", "--state", "s.json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if line.startswith(b"day 3 of 7"):
                break
        child.kill()
        assert child.wait() == -signal.SIGKILL
    rest = oms(short, "--json", "--state", "s.json")
    assert rest.exit_code == 0, rest.output
    assert rest.stdout == whole.stdout
    assert len(rest.stderr.splitlines()) < 7


def test_the_documented_demand_file_is_simulated(folder: Path) -> None:
    answer = oms(
        "simulate network.json --weeks 1 --policies at-once.json --start 2026-11-02"
        " --demand demand.json --json"
    )
    [found] = json.loads(answer.stdout)["policies"]
    assert found["figures"]["decisions"] == 3
    assert found["figures"]["terms"]["handover"] == 150


def test_customers_come_by_the_population_of_a_table(folder: Path) -> None:
    (folder / "zips.csv").write_text(
        "zip,lat,lon,population\n80202,39.75,-105,900\n10001,40,-74,\n10002,41,-74,few\n"
    )
    quick = SIMULATE.replace(",store-rests.json", "").replace("--weeks 2", "--weeks 1")
    answer = oms(f"{quick} --postcodes zips.csv --json")
    report = json.loads(answer.stdout)
    assert "by the population" in report["demand"]
    (folder / "zips.csv").write_text("zip,lat,lon\n80202,39.75,-105\n")
    answer = oms(f"{quick} --postcodes zips.csv")
    assert "population" in getattr(answer.exception, "message", "")
