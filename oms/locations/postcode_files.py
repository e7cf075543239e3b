"""Read a table of postcodes and their coordinates from a CSV file, plain or compressed.

A postcode that is there several times, once for each of its places, counts with their middle.
"""

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from oms.errors import Invalid
from oms.locations.geography import plain_postcode
from oms.upserting import Row

MOST_CHARACTERS: Final = 12
COLUMNS: Final = {
    "postcode": ("postcode", "postal_code", "zip", "zipcode"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng"),
    "country": ("country", "country_code"),
    "population": ("population",),
}
"""By what names each column is known; all others are passed over."""
_OPTIONAL: Final = "population"


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that was not taken."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Postcodes:
    """What a file says. `places` are sums of latitude and longitude, and of how many.

    `people` are those who live there, if the file says so; the map does without.
    """

    places: dict[tuple[str, str], tuple[float, float, int]] = field(default_factory=dict)
    people: dict[tuple[str, str], float] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """As the table of postcodes takes them."""
        for (country, postcode), (latitude, longitude, count) in self.places.items():
            yield {
                "country": country,
                "postcode": postcode,
                "latitude": round(latitude / count, 6),
                "longitude": round(longitude / count, 6),
            }


class _WrongCell(ValueError):
    """A cell cannot be used."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


def read(path: Path, *, country: str | None) -> Postcodes:
    """Read a file whose rows are of one country, or name theirs.

    Raises `Invalid` for a file that cannot be read as a table with the columns it needs; a single
    wrong row is among the faults and the others are read.
    """
    found = Postcodes()
    with _opened(path) as file:
        try:
            first = file.readline()
            delimiter = max(",;\t", key=first.count)
            names = [name.strip().lower() for name in first.strip().split(delimiter)]
            at = _positions(names, country=country)
            for number, cells in enumerate(csv.reader(file, delimiter=delimiter), start=2):
                if not cells:
                    continue
                try:
                    _take(found, cells, at, country)
                except _WrongCell as wrong:
                    found.faults.append(Fault(number, wrong.column, wrong.value, wrong.reason))
        except (UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile) as error:
            raise Invalid(
                f"{path} is no CSV file in UTF-8: {error}",
                field="file",
                remedy="save the table as CSV (UTF-8), compressed as .gz or not",
            ) from error
    return found


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
                yield file
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield file
    except FileNotFoundError as error:
        raise Invalid(f"there is no file {path}", field="file") from error
    except (IsADirectoryError, PermissionError) as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}", field="file") from error


def _positions(names: Sequence[str], *, country: str | None) -> dict[str, int]:
    at = {}
    for column, known in COLUMNS.items():
        places = [names.index(name) for name in known if name in names]
        if places:
            at[column] = places[0]
        elif column != _OPTIONAL and (column != "country" or country is None):
            raise Invalid(
                f"the first line names no column {column!r}",
                field=column,
                remedy="give --country CODE"
                if column == "country"
                else f"name it {' or '.join(known)}; docs/geography.md describes the file",
            )
    return at


def _take(found: Postcodes, cells: Sequence[str], at: dict[str, int], country: str | None) -> None:
    where = country or _country(_cell(cells, at, "country"))
    given = _cell(cells, at, "postcode")
    postcode = plain_postcode(given, country=where)
    if not postcode:
        raise _WrongCell("postcode", given, "is empty")
    if len(postcode) > MOST_CHARACTERS:
        raise _WrongCell("postcode", given, f"has more than {MOST_CHARACTERS} letters and digits")
    latitude = _degrees(cells, at, "latitude", most=90)
    longitude = _degrees(cells, at, "longitude", most=180)
    north, east, count = found.places.get((where, postcode), (0.0, 0.0, 0))
    if _OPTIONAL in at:
        before = found.people.get((where, postcode), 0.0)
        found.people[where, postcode] = before + _people(cells, at)
    found.places[where, postcode] = (north + latitude, east + longitude, count + 1)


def _cell(cells: Sequence[str], at: dict[str, int], column: str) -> str:
    place = at[column]
    if place >= len(cells):
        raise _WrongCell(column, "", "is missing")
    return cells[place].strip()


def _country(value: str) -> str:
    if len(value) != 2 or not (value.isascii() and value.isalpha() and value.isupper()):
        raise _WrongCell("country", value, "is no country code of two capital letters")
    return value


def _people(cells: Sequence[str], at: dict[str, int]) -> float:
    """How many live there; what is no number counts as none, because the map does without."""
    try:
        number = float(_cell(cells, at, _OPTIONAL))
    except ValueError:  # a missing cell is one as well
        return 0.0
    return number if 0 <= number < float("inf") else 0.0


def _degrees(cells: Sequence[str], at: dict[str, int], column: str, *, most: int) -> float:
    value = _cell(cells, at, column)
    try:
        degrees = float(value)
    except ValueError:
        raise _WrongCell(column, value, "is no number") from None
    if not -most <= degrees <= most:  # also refuses "nan"
        raise _WrongCell(column, value, f"is not between -{most} and {most}")
    return degrees
