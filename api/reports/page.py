"""A report in parts that text, HTML and pictures are made of alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.charts.spec import Chart


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text; the first column names each row, the others are figures."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words_only: bool = False
    """Whether the columns hold words, so that they are not set like figures."""


@dataclass(frozen=True, slots=True)
class Section:
    """A title, what is to be said, perhaps a chart, and the same figures as a table."""

    title: str
    words: Sequence[str] = ()
    chart: Chart | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report."""

    title: str
    words: Sequence[str]
    sections: Sequence[Section]

    def charts(self) -> Iterator[Chart]:
        """Its charts, in their sequence."""
        for section in self.sections:
            if section.chart is not None:
                yield section.chart
