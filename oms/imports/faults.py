"""What is wrong with one row of a file, and the file in which a person reads it."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TextIO

COLUMNS: Final = ("line", "column", "value", "reason", "remedy")
_LONGEST_VALUE: Final = 200
_PIECE_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row was not taken. `line` is that of the file, or the row's number in Parquet."""

    line: int
    column: str
    value: str
    reason: str
    remedy: str

    def as_row(self) -> tuple[int, str, str, str, str]:
        """The fault in the sequence of `COLUMNS`; a value of any length is cut to be readable."""
        value = self.value.replace("\x00", "\\0")
        if len(value) > _LONGEST_VALUE:
            value = value[: _LONGEST_VALUE - 1] + "…"
        return self.line, self.column, value, self.reason, self.remedy


def write(faults: Iterable[Fault], to: TextIO) -> None:
    """Write an errors file: CSV with one row a fault, in the sequence of the imported file."""
    to.writelines(csv_text(faults))


def csv_text(faults: Iterable[Fault]) -> Iterator[str]:
    """The errors file in pieces, however long it is."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, fault in enumerate(faults, start=1):
        writer.writerow(fault.as_row())
        if number % _PIECE_ROWS == 0:
            yield page.getvalue()
            page.seek(0)
            page.truncate()
    yield page.getvalue()
