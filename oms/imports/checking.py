"""Check the rows of a file one by one: width, cells, and whether a row is there twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from oms.imports.doubles import Doubles
from oms.imports.faults import Fault
from oms.imports.layouts import Layout
from oms.imports.sheets import RawRow


class Row(NamedTuple):
    """A row whose cells are sound, in the sequence of the file's columns."""

    line: int
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A piece of a file: the rows that can be looked up now, and what was wrong with the others."""

    first: int
    """How many rows of the file came before it."""
    count: int
    rows: list[Row]
    faults: list[Fault]


class Checker:
    """Checks the pieces of one file in sequence; it remembers what the file has named."""

    def __init__(
        self, layout: Layout, columns: Sequence[str], *, together: Sequence[str] = ()
    ) -> None:
        self._columns = [layout.column(name) for name in columns]
        self._readers = [column.reader for column in self._columns]
        self._key = [at for at, name in enumerate(columns) if name in layout.key]
        self._named = Doubles()
        self._group = [columns.index(name) for name in together]
        self._groups = Doubles()

    def check(self, piece: Sequence[RawRow], *, first: int) -> Checked:
        """Read the cells of a piece, of which `first` rows came before."""
        rows: list[Row] = []
        faults: list[Fault] = []
        readers, width = self._readers, len(self._readers)
        for line, cells in piece:
            try:
                if len(cells) != width:
                    raise ValueError
                values = tuple([read(cell) for read, cell in zip(readers, cells, strict=True)])
            except ValueError:
                faults += self._faults(line, cells)
            else:
                rows.append(Row(line, values))
        rows = self._without_doubles(rows, faults)
        if self._group:
            rows = self._whole_groups(piece, rows, faults)
        return Checked(first, len(piece), rows, faults)

    def _whole_groups(
        self, piece: Sequence[RawRow], rows: list[Row], faults: list[Fault]
    ) -> list[Row]:
        """The rows of groups in which every row is sound and that the file names in one place."""
        cells = dict(piece)
        broken: dict[str, tuple[int, str]] = {}
        for fault in faults:
            broken.setdefault(self._group_of(cells[fault.line]), (fault.line, "is wrong"))
        begins: dict[str, int] = {}
        for line, values in piece:
            begins.setdefault(self._group_of(values), line)
        names = list(begins)
        for at, line in self._groups.note(names, list(begins.values())).items():
            broken[names[at]] = (line, "belongs to the same order and does not stand beside it")
        sound = []
        for row in rows:
            found = broken.get(self._group_of(cells[row.line]))
            if found is None:
                sound.append(row)
                continue
            line, why = found
            faults.append(
                Fault(
                    row.line,
                    "",
                    " ".join(cells[row.line][at] for at in self._group),
                    f"is left out because line {line} {why}",
                    "an order is taken whole; keep its rows together and mend the wrong one",
                )
            )
        return sound

    def _group_of(self, cells: Sequence[str]) -> str:
        return "\x1f".join(cells[at].strip() for at in self._group if at < len(cells))

    def _without_doubles(self, rows: list[Row], faults: list[Fault]) -> list[Row]:
        key = self._key
        names = ["\x1f".join([str(row.values[at]) for at in key]) for row in rows]
        doubled = self._named.note(names, [row.line for row in rows])
        if not doubled:
            return rows
        for at, line in sorted(doubled.items()):
            faults.append(
                Fault(
                    rows[at].line,
                    " + ".join(self._columns[one].name for one in key),
                    " ".join(str(rows[at].values[one]) for one in key),
                    f"is there already, on line {line}, which is the one that counts",
                    "leave one of the two rows out",
                )
            )
        return [row for at, row in enumerate(rows) if at not in doubled]

    def _faults(self, line: int, cells: Sequence[str]) -> list[Fault]:
        """Everything that is wrong with the cells of a row."""
        if len(cells) != len(self._columns):
            return [
                Fault(
                    line,
                    "",
                    ",".join(cells),
                    f"has {len(cells)} cells, and the header names {len(self._columns)} columns",
                    "a cell that holds the delimiter must stand in quotation marks",
                )
            ]
        found = []
        for column, cell in zip(self._columns, cells, strict=True):
            try:
                column.reader(cell)
            except ValueError as error:
                found.append(Fault(line, column.name, cell, str(error), f"give {column.what}"))
        return found
