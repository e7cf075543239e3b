"""Give a report out: on the terminal, as one HTML file, as a PNG picture."""

from pathlib import Path
from typing import Final, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.table import Table as Printed

from api.charts.png import write_png
from api.charts.svg import svg
from api.reports.page import Page, Table
from oms.errors import Invalid

_FILE_WIDTH: Final = 200

_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals.update(svg=svg)


def html(page: Page) -> str:
    """The report as one HTML document that asks for nothing else; the same page, the same text."""
    return _ENVIRONMENT.get_template("report.html").render(page=page)


def save(page: Page, *, html_file: Path | None, png_file: Path | None) -> None:
    """Write the files that are wanted."""
    if html_file is not None:
        html_file.write_text(html(page), encoding="utf-8")
    if png_file is not None:
        write_png(png_file, page.title, list(page.charts()))


def require_folders(*files: Path | None) -> None:
    """Refuse files whose folder is not there, before any work is done for them."""
    for file in files:
        if file is not None and not file.absolute().parent.is_dir():
            raise Invalid(
                f"{file} cannot be written: its folder is not there",
                field=str(file),
                remedy="make the folder, or name another file",
            )


def show(page: Page) -> None:
    """Print the report; its tables hold what its charts show."""
    console = Console(highlight=False, soft_wrap=True, markup=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH  # nobody's screen is too narrow for it
    console.print(page.title)
    for words in page.words:
        console.print(words)
    for section in page.sections:
        console.print(f"\n{section.title}")
        for words in section.words:
            console.print(words)
        if section.table is not None:
            console.print(_printed(section.table))


def _printed(table: Table) -> Printed:
    printed = Printed(box=None)
    for at, name in enumerate(table.head):
        justify: Literal["left", "right"] = "right" if at and not table.words_only else "left"
        printed.add_column(name, justify=justify, overflow="fold")
    for row in table.rows:
        printed.add_row(*row)
    return printed
