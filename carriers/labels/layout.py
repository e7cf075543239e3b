"""Lay out a shipping label: where each text, rule and bar stands, in dots of a 203 dpi printer.

PDF and ZPL draw the same marks, so the two look alike and fit alike. The origin is the top
left corner; a text stands on its baseline.
"""

from dataclasses import dataclass
from typing import Final

from carriers.base import Address
from carriers.labels.code128 import module_dots, modules
from carriers.labels.sheet import Sheet
from carriers.labels.text import fitted

DOTS_PER_INCH: Final = 203
WIDTH: Final = 4 * DOTS_PER_INCH
HEIGHT: Final = 6 * DOTS_PER_INCH
MARGIN: Final = 30
INNER: Final = WIDTH - 2 * MARGIN

_POSTCODE_FIRST: Final = frozenset(
    ("AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "IT", "LU", "NL", "NO", "PL", "PT", "SE")
)


@dataclass(frozen=True, slots=True)
class Text:
    """One line that fits where it stands."""

    x: int
    y: int
    size: int
    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A filled rectangle."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Bars:
    """A Code 128 symbol; `module` is the width of its narrowest bar."""

    x: int
    y: int
    height: int
    module: int
    text: str


Mark = Text | Rule | Bars


def lay_out(sheet: Sheet) -> list[Mark]:
    """Everything on the sheet, top to bottom. Raises `Refused` for an unprintable barcode."""
    return [
        *_heading(sheet),
        Rule(0, 212, WIDTH, 4),
        _line("FROM", x=MARGIN, y=246, size=20, bold=True),
        *_address(sheet.sender, x=MARGIN + 90, top=246, step=32, size=26),
        Rule(0, 424, WIDTH, 4),
        _line("SHIP TO", x=MARGIN, y=460, size=22, bold=True),
        *_address(sheet.recipient, x=MARGIN + 40, top=510, step=47, size=42),
        Rule(0, 766, WIDTH, 10),
        *_barcode(sheet),
        Rule(0, 1064, WIDTH, 4),
        *_foot(sheet),
    ]


def address_lines(address: Address) -> list[tuple[str, str]]:
    """The address as its country writes it: lines, each with an ending that is never cut."""
    if address.country in _POSTCODE_FIRST:
        town = (f"{address.postcode} {address.city}", address.region)
    else:
        town = (address.city, f"{address.region} {address.postcode}".strip())
    lines = [
        (address.name, ""),
        (address.company, ""),
        (address.street, ""),
        (address.street_2, ""),
        town,
        (address.country, ""),
    ]
    return [(text, keep) for text, keep in lines if text.strip() or keep]


def _heading(sheet: Sheet) -> list[Mark]:
    corner, text_x = 160, MARGIN + 185
    weight = f"{sheet.weight_g / 1000:.2f} kg · ships {sheet.ship_on.isoformat()}"
    mark, size = fitted(sheet.mark, width=corner - 24, size=140, smallest=30, bold=True)
    return [
        *_frame(x=MARGIN, y=MARGIN, side=corner, thickness=6),
        Text(MARGIN + 24, MARGIN + 130, size, mark, bold=True),
        _line(sheet.service.upper(), x=text_x, y=86, size=54, bold=True),
        _line(sheet.carrier, x=text_x, y=136, size=34),
        _line(weight, x=text_x, y=184, size=32),
    ]


def _address(address: Address, *, x: int, top: int, step: int, size: int) -> list[Mark]:
    return [
        _line(text, x=x, y=top + step * row, size=size, smallest=18, bold=row == 0, keep=keep)
        for row, (text, keep) in enumerate(address_lines(address))
    ]


def _barcode(sheet: Sheet) -> list[Mark]:
    module = module_dots(sheet.barcode, width_dots=INNER)
    x = (WIDTH - module * modules(sheet.barcode)) // 2
    return [
        _line(sheet.barcode_title, x=MARGIN, y=806, size=24, bold=True),
        Bars(x, 822, 180, module, sheet.barcode),
        _line(sheet.barcode, x=x, y=1044, size=36, smallest=18, bold=True),
    ]


def _foot(sheet: Sheet) -> list[Mark]:
    notes = (f"Ref {sheet.reference}", *sheet.notes[:3])
    lines: list[Mark] = [
        _line(note, x=MARGIN, y=1096 + 27 * row, size=24) for row, note in enumerate(notes)
    ]
    return [*lines, _line(sheet.footer, x=MARGIN, y=1206, size=24, bold=True)]


def _line(
    text: str,
    *,
    x: int,
    y: int,
    size: int,
    smallest: int = 16,
    bold: bool = False,
    keep: str = "",
) -> Text:
    room = WIDTH - MARGIN - x
    fits, smaller = fitted(text, width=room, size=size, smallest=smallest, bold=bold, keep=keep)
    return Text(x, y, smaller, fits, bold)


def _frame(*, x: int, y: int, side: int, thickness: int) -> list[Mark]:
    far = side - thickness
    return [
        Rule(x, y, side, thickness),
        Rule(x, y + far, side, thickness),
        Rule(x, y, thickness, side),
        Rule(x + far, y, thickness, side),
    ]
