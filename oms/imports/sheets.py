"""A table in a file: what it is, whether it can be read at all, and its rows in pieces."""

import codecs
import csv
import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TextIO

from oms.errors import Invalid
from oms.imports.layouts import Layout

CSV: Final = ".csv"
PARQUET: Final = ".parquet"
_BLOCK_BYTES: Final = 1 << 20
_DELIMITERS: Final = ",;\t"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_GUIDE: Final = "docs/imports.md describes the columns"

RawRow = tuple[int, Sequence[str]]
"""Where a row is in its file, and its cells."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that is as its layout wants it, as far as its first line tells."""

    path: Path
    form: str
    """`.csv` or `.parquet`."""
    digest: str
    """SHA-256 of its bytes, in hexadecimal."""
    size_bytes: int
    rows: int
    """About how many: line breaks inside quotes are counted too."""
    columns: tuple[str, ...]
    delimiter: str = ","


def form_of(file_name: str) -> str:
    """`.csv` or `.parquet`, by the file's ending."""
    form = Path(file_name).suffix.lower()
    if form not in (CSV, PARQUET):
        raise Invalid(
            f"{file_name!r} ends neither in .csv nor in .parquet",
            field="file",
            remedy="save the table as CSV (UTF-8) or as Parquet, and name the file so",
        )
    return form


def inspect(path: Path, layout: Layout, *, file_name: str | None = None) -> Sheet:
    """Look at a file once from end to end: its fingerprint, its encoding and its header.

    Raises `Invalid` for what no single row is to blame for.
    """
    form = form_of(file_name or path.name)
    try:
        digest, breaks = _fingerprint(path, as_text=form == CSV)
        size = path.stat().st_size
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}", field="file") from error
    if form == PARQUET:
        names, rows = _parquet().inspect(path)
        delimiter = ","
    else:
        names, delimiter = _header(path)
        rows = max(0, breaks - 1)
    columns = tuple(name.strip().lower() for name in names)
    _check_columns(columns, layout)
    return Sheet(path, form, digest, size, rows, columns, delimiter)


def pieces(sheet: Sheet, *, rows: int, together: Collection[str] = ()) -> Iterator[list[RawRow]]:
    """The rows in pieces of about so many. Rows that agree in `together` stay in one piece."""
    places = [sheet.columns.index(name) for name in together]

    def group(row: RawRow) -> list[str]:
        return [row[1][place] for place in places if place < len(row[1])]

    piece: list[RawRow] = []
    for row in _rows(sheet, block=rows):
        if len(piece) >= rows and not (places and group(row) == group(piece[-1])):
            yield piece
            piece = []
        piece.append(row)
    if piece:
        yield piece


def _rows(sheet: Sheet, *, block: int) -> Iterator[RawRow]:
    if sheet.form == PARQUET:
        batches = _parquet().batches(sheet.path, rows=block)
        yield from enumerate((cells for batch in batches for cells in batch), start=1)
        return
    with _text(sheet.path) as file:
        reader = csv.reader(file, delimiter=sheet.delimiter, strict=True)
        begins = 1
        try:
            for cells in reader:
                if begins > 1 and cells:
                    yield begins, cells
                begins = reader.line_num + 1
        except csv.Error as error:
            raise Invalid(
                f"line {begins}: the row cannot be told from the next ({error})",
                field="file",
                remedy="a quotation mark that opens a cell must close it, and inside it is"
                " written twice",
            ) from error


def _header(path: Path) -> tuple[list[str], str]:
    with _text(path) as file:
        first = file.readline()
        delimiter = max(_DELIMITERS, key=first.count)
        file.seek(0)
        names = next(csv.reader(file, delimiter=delimiter), [])
    if not any(names):
        raise Invalid(
            "the file is empty: its first line must name the columns",
            field="file",
            remedy=_GUIDE,
        )
    return names, delimiter


def _check_columns(columns: Sequence[str], layout: Layout) -> None:
    known = [column.name for column in layout.columns]
    for name in columns:
        if name not in known:
            [close] = get_close_matches(name, known, 1) or [""]
            raise Invalid(
                f"there is no column {name!r}" + (f"; is it {close!r}?" if close else ""),
                field=name or "header",
                remedy=f"the columns are {', '.join(known)}",
            )
        if columns.count(name) > 1:
            raise Invalid(
                f"the column {name!r} is there twice", field=name, remedy="leave one of them out"
            )
    missing = [one.name for one in layout.columns if one.required and one.name not in columns]
    if missing:
        raise Invalid(
            f"the column {missing[0]!r} is missing"
            + (f" (also {', '.join(missing[1:])})" if missing[1:] else ""),
            field=missing[0],
            remedy=_GUIDE,
        )


def _fingerprint(path: Path, *, as_text: bool) -> tuple[str, int]:
    """SHA-256 and the number of lines, after a look at whether all of it is text."""
    digest = hashlib.sha256()
    decode = codecs.getincrementaldecoder("utf-8")().decode
    breaks, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            if as_text:
                if last == b"\n" and not breaks:
                    _refuse_utf_16(block)
                _decodable(decode, block, line=breaks + 1)
            breaks += block.count(b"\n")
            last = block[-1:]
    return digest.hexdigest(), breaks + (last != b"\n")


def _refuse_utf_16(block: bytes) -> None:
    if block.startswith(_UTF_16):
        raise Invalid(
            "the file is UTF-16, not UTF-8", field="file", remedy="save it as 'CSV UTF-8'"
        )


def _decodable(decode: Callable[[bytes], str], block: bytes, *, line: int) -> None:
    try:
        decode(block)
    except UnicodeDecodeError as error:
        at = line + error.object[: error.start].count(b"\n")
        raise Invalid(
            f"line {at} is not UTF-8: byte 0x{error.object[error.start]:02x}",
            field="file",
            remedy="save the table as 'CSV UTF-8'; other encodings lose letters",
        ) from error


def _text(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", newline="")


def _parquet() -> Any:
    """Loaded when the first such file comes: not every process that may import needs it."""
    return import_module("oms.imports.parquet")
