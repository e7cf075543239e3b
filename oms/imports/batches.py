"""What an import hands to the code that knows a kind of row, and what it gets back."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from oms.imports.checking import Row
from oms.imports.faults import Fault
from oms.imports.layouts import Layout


@dataclass(frozen=True, slots=True)
class Batch:
    """Checked rows of one import."""

    layout: Layout
    columns: Sequence[str]
    rows: Sequence[Row]
    import_id: UUID
    actor: str
    prepared: Any = None
    """What the kind's `prepare` has made of the rows."""

    def cells(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each row's line and its values by column; columns the file lacks have their defaults."""
        absent = {
            column.name: column.default
            for column in self.layout.columns
            if column.name not in self.columns
        }
        for line, values in self.rows:
            cells = absent.copy()
            cells.update(zip(self.columns, values, strict=True))
            yield line, cells

    def absent(self) -> Collection[str]:
        """Columns that the file leaves out: what is there already keeps its value."""
        return [one.name for one in self.layout.columns if one.name not in self.columns]


@dataclass(slots=True)
class Outcome:
    """What became of the rows."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)


def unknown(line: int, column: str, value: str, what: str) -> Fault:
    """The fault of a row that names something which does not exist."""
    return Fault(line, column, value, f"there is no such {what}", f"import the {what} first")
