"""`oms import` and `oms export` as a person runs them."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import application
from tests.oms.shop import Shop


def oms(*words: str) -> Result:
    return CliRunner().invoke(application(words[0]), list(words))


@pytest.fixture
def stock(tmp_path: Path, shop: Shop) -> Path:
    path = tmp_path / "stock.csv"
    path.write_text("location,sku,units\nS01,MUG,9\nS01,LAMP,5\n")
    return path


def test_an_import_tells_what_it_did_and_does_it_once(stock: Path) -> None:
    done = oms("import", "stock", str(stock))
    assert (done.exit_code, done.stdout) == (
        0,
        "0 added, 1 changed, 1 as they were, 0 rows wrong\n",
    )
    again = oms("import", "stock", str(stock))
    assert again.exit_code == 0
    assert "this very file was imported on" in again.stdout
    assert "nothing was changed (--again imports it anew)" in again.stdout
    facts = json.loads(oms("import", "stock", str(stock), "--json").stdout)
    assert (facts["imported_before"], facts["changed"], len(facts["sha256"])) == (True, 1, 64)


def test_wrong_rows_are_told_on_the_screen_and_in_a_file(stock: Path, tmp_path: Path) -> None:
    stock.write_text("location,sku,units\nS01,MUG,9\nS99,MUG,1\n")
    errors = tmp_path / "errors.csv"
    done = oms("import", "stock", str(stock), "--errors", str(errors))
    assert done.exit_code == 3
    assert "line 3 location: 'S99' there is no such location" in done.stderr
    assert errors.read_text().splitlines() == [
        "line,column,value,reason,remedy",
        "3,location,S99,there is no such location,import the location first",
    ]


def test_nothing_goes_in_with_atomic(stock: Path) -> None:
    stock.write_text("location,sku,units\nS01,MUG,9\nS99,MUG,1\n")
    done = oms("import", "stock", str(stock), "--atomic")
    assert done.exit_code == 2
    assert "refused: 1 row was wrong, so none was taken" in done.stderr


def test_a_file_that_cannot_be_read_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("location,sku,unit\n")
    done = oms("import", "stock", str(path))
    assert (done.exit_code, done.stderr) == (
        2,
        "refused: there is no column 'unit'; is it 'units'?\n"
        "  the columns are location, sku, units, safety\n",
    )
    assert oms("import", "stock", str(tmp_path / "none.csv")).exit_code == 2


def test_a_dry_run_says_what_would_happen(stock: Path) -> None:
    done = oms("import", "stock", str(stock), "--dry-run")
    assert done.stdout == "0 would be added, 1 would be changed, 1 as they were, 0 rows wrong\n"
    assert "1 changed" in oms("import", "stock", str(stock)).stdout


def test_an_export_comes_back_as_it_was(stock: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.parquet"
    assert oms("export", "stock", str(target)).stdout == f"6 rows of stock are in {target}\n"
    assert "6 as they were" in oms("import", "stock", str(target)).stdout
