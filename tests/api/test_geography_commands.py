"""`oms geography`: the map of postcodes is loaded from tables of any country."""

import gzip
from pathlib import Path

import pytest
from click.testing import Result
from sqlmodel import col, select
from typer.testing import CliRunner

from api.cli import application
from oms.db import transaction
from oms.errors import Invalid, NotFound
from oms.locations.models import Postcode

pytestmark = pytest.mark.usefixtures("live_database")


def oms(*words: str) -> Result:
    return CliRunner().invoke(application(words[0]), list(words))


def a_file(folder: Path, text: str, name: str = "codes.csv") -> str:
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return str(path)


def on_the_map() -> list[tuple[str, str, float, float]]:
    with transaction() as session:
        rows = session.exec(select(Postcode).order_by(col(Postcode.postcode))).all()
        return [(row.country, row.postcode, row.latitude, row.longitude) for row in rows]


def test_a_table_is_loaded_and_loading_it_again_changes_nothing(tmp_path: Path) -> None:
    text = "zip,city,lat,lon\n00501,Holtsville,40.8,-73.0\n10002,New York,40.7,-74.0\n"
    file = a_file(tmp_path, text, "zips.csv.gz")
    for told in ("2 postcodes added, 0 changed, 0 as", "0 postcodes added, 0 changed, 2 as"):
        done = oms("geography", "load", file, "--country", "us")
        assert (done.exit_code, done.stdout) == (0, f"{told} they were, 0 rows wrong\n")
    assert on_the_map() == [("US", "00501", 40.8, -73.0), ("US", "10002", 40.7, -74.0)]


def test_codes_of_any_country_are_found_however_they_are_written(tmp_path: Path) -> None:
    text = (
        "country;postal_code;latitude;longitude\nNL;1012 AB;52.0;4.0\nNL;1012ab;53.0;5.0\n"
        "PL;00-950;52.2;21.0\nJP;100-0001;35.7;139.8\n"
    )
    assert oms("geography", "load", a_file(tmp_path, text)).exit_code == 0
    assert on_the_map() == [
        ("PL", "00950", 52.2, 21.0),
        ("JP", "1000001", 35.7, 139.8),
        ("NL", "1012AB", 52.5, 4.5),  # the middle of its two places
    ]
    found = oms("geography", "find", "100-0014", "--country", "jp")
    assert found.stdout == "35.7000, 139.8000 (the middle of all that begin with 10000)\n"
    assert oms("geography", "find", "00-950", "--country", "PL").stdout == "52.2000, 21.0000\n"
    nowhere = oms("geography", "find", "9999", "--country", "NL").exception
    assert isinstance(nowhere, NotFound)


def test_wrong_rows_are_named_and_the_others_are_in(tmp_path: Path) -> None:
    text = (
        "postcode,latitude,longitude\n10001,40.7,-74.0\n,40.7,-74.0\n10002,north,-74.0\n"
        "10003,91,-74.0\n10004,40.7,nan\n10005,40.7\n1234567890123,1,1\n"
    )
    done = oms("geography", "load", a_file(tmp_path, text), "--country", "DE")
    assert done.exit_code == 3
    assert done.stdout == "1 postcodes added, 0 changed, 0 as they were, 6 rows wrong\n"
    assert done.stderr.splitlines() == [
        "  line 3 postcode: '' is empty",
        "  line 4 latitude: 'north' is no number",
        "  line 5 latitude: '91' is not between -90 and 90",
        "  line 6 longitude: 'nan' is not between -180 and 180",
        "  line 7 longitude: '' is missing",
        "  and 1 more",
    ]
    assert on_the_map() == [("DE", "10001", 40.7, -74.0)]


def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path) -> None:
    for text, words, field in (
        ("code,latitude,longitude\n", ["--country", "US"], "postcode"),
        ("postcode,lat\n", ["--country", "US"], "longitude"),
        ("", ["--country", "US"], "postcode"),
        ("postcode,lat,lon\n", [], "country"),
        ("postcode,lat,lon\n", ["--country", "USA"], "country"),
    ):
        refused = oms("geography", "load", a_file(tmp_path, text), *words).exception
        assert isinstance(refused, Invalid)
        assert (refused.field, bool(refused.remedy)) == (field, True)
    assert on_the_map() == []


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("postcode,lat,lon\n1,1,1,Köln\n".encode("latin-1"))
    (tmp_path / "plain.csv.gz").write_text("postcode,lat,lon\n")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"postcode,lat,lon\n" * 99)[:-9])
    for name in ("latin.csv", "plain.csv.gz", "cut.csv.gz", "none.csv", "."):
        refused = oms("geography", "load", str(tmp_path / name), "--country", "DE").exception
        assert isinstance(refused, Invalid), name
        assert refused.field == "file"


def test_the_codes_of_a_whole_country_are_loaded(shared: Path) -> None:
    done = oms("geography", "load", str(shared / "data/zips_us.csv.gz"), "--country", "US")
    assert done.stdout == "33,187 postcodes added, 0 changed, 0 as they were, 0 rows wrong\n"
    found = oms("geography", "find", "99501-0001", "--country", "US").stdout
    assert found.startswith("61.2")
