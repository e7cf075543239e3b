"""`oms storage` as it is typed."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from api.cli import application
from oms.db import transaction
from oms.errors import Invalid
from oms.storage.kept import KEPT
from oms.storage.partitions import SCHEMA
from tests.oms.storage.ages import a_past, rows


def oms(*arguments: str) -> Result:
    return CliRunner().invoke(application("storage"), ["storage", *arguments])


def test_status_shows_partitions_and_asks_for_what_is_missing(live_database: str) -> None:
    answer = oms("status")
    assert answer.exit_code == 0, answer.output
    assert "made until" in answer.stdout
    found = json.loads(oms("status", "--json").stdout)
    assert [one["table"] for one in found] == [kept.table for kept in KEPT]
    with transaction() as session:
        for part in found[0]["partitions"][1:]:
            session.execute(text(f"DROP TABLE {SCHEMA}.{part['name']}"))
    answer = oms("status")
    assert answer.exit_code == 1
    assert "the next partition is missing: run `oms storage maintain`" in answer.stdout
    assert oms("maintain").stdout.count("0 rows moved") == len(found[0]["partitions"]) - 1
    assert oms("maintain").stdout == "every partition was there\n"
    assert oms("status").exit_code == 0


def test_a_dry_run_says_what_would_leave_and_changes_nothing(
    live_database: str, tmp_path: Path
) -> None:
    a_past()
    before = rows("stock_movements")
    said = oms("archive", "--dry-run", "--older-than", "400d", "--to", str(tmp_path)).stdout
    assert said.count("would be archived") == len(KEPT)
    assert rows("stock_movements") == before
    assert len(json.loads(oms("archive", "--dry-run", "--json").stdout)) == 3  # audit stays longer
    assert oms("archive", "--dry-run", "--older-than", "9000d").stdout == "nothing is old enough\n"


def test_archive_says_each_step_and_then_has_nothing_to_do(
    live_database: str, tmp_path: Path
) -> None:
    a_past()
    answer = oms("archive", "--older-than", "400", "--to", str(tmp_path))
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.count("dropped") == len(KEPT)
    assert "audit; rows that are still needed and stay: 1" in answer.stdout
    assert rows("stock_movements") == []
    answer = oms("archive", "--older-than", "400d", "--to", str(tmp_path))
    assert answer.stdout == "nothing is old enough\n"
    assert json.loads(oms("archive", "--to", str(tmp_path), "--json").stdout) == {
        "archived": [],
        "held_back": [],
    }


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("--older-than", "6d", "--to", "x"), "older-than"),
        (("--older-than", "soon", "--to", "x"), "older-than"),
        ((), "to"),
    ],
)
def test_what_is_typed_wrong_is_named(
    live_database: str, arguments: tuple[str, ...], field: str
) -> None:
    answer = oms("archive", *arguments)
    assert isinstance(answer.exception, Invalid)
    assert answer.exception.field == field
    assert answer.exception.remedy
