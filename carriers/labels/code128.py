"""Code 128 (ISO/IEC 15417): one encoding, drawn as bars in a PDF and spelt out in ZPL."""

from typing import Any, Final

from reportlab.graphics.barcode.code128 import Code128

from carriers.base import Refused

MODULE_DOTS: Final = (4, 3, 2, 1)
"""Widths of the narrowest bar to try, in printer dots, the easiest to scan first."""
QUIET_MODULES: Final = 10
_START_C: Final = 105
_TO_C_FROM_B: Final = 99
_TO_B_FROM_C: Final = 100
_ZPL_SPELLING: Final = {30: ">0", 62: "><", 94: ">="}
"""How ^BC wants the characters >, ^ and ~ of subset B; all others stand for themselves."""


def symbols(text: str) -> list[int]:
    """The symbol values from start to stop, checksum included.

    Subset C packs digits in pairs where that is shorter. Raises `Refused` for text that is
    empty or holds anything but printable ASCII, which scanners would not give back unchanged.
    """
    values: list[int] = _encoded(text).encoded
    return values


def bars(text: str) -> list[tuple[int, int]]:
    """Where each bar begins and how wide it is, in modules from the left of the symbol."""
    drawn: list[tuple[int, int]] = []
    at = 0
    for element in _encoded(text).decompose():
        width = "abcd".index(element.lower()) + 1
        if element.isupper():  # reportlab writes bars in capitals and spaces in small letters
            drawn.append((at, width))
        at += width
    return drawn


def modules(text: str) -> int:
    """How many narrow bars wide the symbol is, without its quiet zones."""
    return 11 * len(symbols(text)) + 2  # every symbol has 11 modules, the stop has 13


def module_dots(text: str, *, width_dots: int) -> int:
    """The widest module, in dots, with which the symbol and its quiet zones fit a width.

    Raises `Refused` when not even one dot does.
    """
    total = modules(text) + 2 * QUIET_MODULES
    for dots in MODULE_DOTS:
        if total * dots <= width_dots:
            return dots
    raise Refused(f"{text!r} is too long for a barcode on this label", code="unprintable")


def zpl_field(text: str) -> str:
    """The symbol as ^BC field data in mode N, with every start and change of subset spelt out.

    So the printer draws the very symbol that the PDF shows. Zebra's ZPL II Programming Guide,
    "Code 128 Invocation Characters", lists the codes. `^` and `~` do not occur in the result.
    """
    start, *rest = symbols(text)[:-2]
    paired = start == _START_C
    spelt = [">;" if paired else ">:"]
    for value in rest:
        if paired and value == _TO_B_FROM_C:
            paired = False
            spelt.append(">6")
        elif paired:
            spelt.append(f"{value:02d}")
        elif value == _TO_C_FROM_B:
            paired = True
            spelt.append(">5")
        else:
            spelt.append(_ZPL_SPELLING.get(value) or chr(value + 32))
    return "".join(spelt)


def _encoded(text: str) -> Any:  # reportlab's methods have no types
    if not text or not all(" " <= char <= "~" for char in text):
        raise Refused(
            f"{text!r} cannot be a barcode: use letters without accents, digits and signs",
            code="unprintable",
        )
    barcode: Any = Code128(text)
    barcode.validate()
    barcode.encode()
    return barcode
