"""What a file can be like: encodings, delimiters, quotes, headers; and Parquet."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.errors import Invalid
from oms.imports.doubles import Doubles
from oms.imports.layouts import PRODUCTS, STOCK
from oms.imports.sheets import Sheet, inspect, pieces


def sheet(folder: Path, content: str | bytes, name: str = "stock.csv") -> Sheet:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return inspect(path, STOCK)


def rows(found: Sheet) -> list[tuple[int, list[str]]]:
    return [(line, list(cells)) for piece in pieces(found, rows=2) for line, cells in piece]


HEADER = "location,sku,units\n"


@pytest.mark.parametrize(
    "content",
    [
        HEADER + "S01,MUG,5\n",
        "\ufeff" + HEADER + "S01,MUG,5\n",
        "location;sku;units\r\nS01;MUG;5\r\n",
        "Location\tSKU\t units\nS01\tMUG\t5",
        HEADER + '\n"S01","MUG","5"\n\n',
    ],
    ids=["plain", "byte order mark", "semicolons", "tabs and capitals", "quotes and blank lines"],
)
def test_a_table_is_read_however_a_program_saves_it(tmp_path: Path, content: str) -> None:
    [(_, cells)] = rows(sheet(tmp_path, content))
    assert cells == ["S01", "MUG", "5"]


def test_a_row_is_named_by_the_line_on_which_it_begins(tmp_path: Path) -> None:
    found = sheet(tmp_path, HEADER + 'S01,"A\nB",5\nS01,C,6\n\nS01,"D, E",7\n')
    assert rows(found) == [
        (2, ["S01", "A\nB", "5"]), (4, ["S01", "C", "6"]), (6, ["S01", "D, E", "7"]),
    ]  # fmt: skip
    assert found.columns == ("location", "sku", "units")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty: its first line must name the columns"),
        ("location,sku\n", "the column 'units' is missing"),
        ("location\n", "the column 'sku' is missing (also units)"),
        ("location,sku,unit\nS01,MUG,5\n", "there is no column 'unit'; is it 'units'?"),
        ("location,sku,units,units\n", "the column 'units' is there twice"),
        (HEADER.encode() + b"S01,M\xfcG,5\n", "line 2 is not UTF-8: byte 0xfc"),
        (HEADER.encode("utf-16"), "the file is UTF-16, not UTF-8"),
    ],
)  # fmt: skip
def test_a_table_that_is_not_as_its_layout_wants_is_refused(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(Invalid) as refused:
        sheet(tmp_path, content)
    assert (refused.value.message, bool(refused.value.remedy)) == (message, True)


def test_a_quotation_mark_that_never_closes_is_told_with_its_line(tmp_path: Path) -> None:
    found = sheet(tmp_path, HEADER + 'S01,MUG,5\nS01,"LAMP,5\n')
    with pytest.raises(Invalid, match="line 3: the row cannot be told from the next"):
        rows(found)


def test_a_file_of_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"ends neither in \.csv nor in \.parquet"):
        sheet(tmp_path, HEADER, "stock.xlsx")


def test_parquet_is_read_like_its_csv(tmp_path: Path) -> None:
    path = tmp_path / "stock.parquet"
    table = pa.table(
        {
            "location": pa.array(["S01", "S02", None]).dictionary_encode(),
            "sku": ["MUG", "LAMP", "RUG"],
            "units": [5.0, None, 7.0],
            "safety": pa.array([1, 2, 3], pa.int16()),
        }
    )
    pq.write_table(table, path)
    found = inspect(path, STOCK)
    assert (found.rows, found.columns) == (3, ("location", "sku", "units", "safety"))
    assert rows(found) == [
        (1, ["S01", "MUG", "5", "1"]), (2, ["S02", "LAMP", "", "2"]), (3, ["", "RUG", "7", "3"]),
    ]  # fmt: skip


def test_what_only_calls_itself_parquet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="is no Parquet file"):
        sheet(tmp_path, HEADER, "stock.parquet")


def test_rows_that_belong_together_stay_in_one_piece(tmp_path: Path) -> None:
    found = sheet(tmp_path, HEADER + "".join(f"S0{at // 3},K{at},1\n" for at in range(9)))
    sizes = [len(piece) for piece in pieces(found, rows=2, together=["location"])]
    assert sizes == [3, 3, 3]


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=6))
def test_doubles_are_those_that_a_dictionary_finds(pieces: list[list[str]]) -> None:
    found, seen, line = Doubles(), dict[str, int](), 0
    for names in pieces:
        lines = list(range(line, line + len(names)))
        line += len(names)
        wanted = {}
        for at, name in enumerate(names):
            if name in seen:
                wanted[at] = seen[name]
            else:
                seen[name] = lines[at]
        assert found.note(names, lines) == wanted


def test_every_column_says_what_it_means() -> None:
    assert all(column.what for column in (*STOCK.columns, *PRODUCTS.columns))
