"""Write a label in ZPL II for a 203 dpi printer: text and bars as commands, no bitmap."""

from typing import Final

from carriers.labels.code128 import zpl_field
from carriers.labels.layout import HEIGHT, WIDTH, Bars, Mark, Rule, Text, lay_out
from carriers.labels.sheet import Sheet

_HEX: Final = {"^": "_5E", "~": "_7E", "_": "_5F"}
"""^FH writes these as hexadecimal: two begin commands, the third begins the hexadecimal."""


def shipping_label_zpl(sheet: Sheet) -> bytes:
    """The label as ZPL II in UTF-8 (^CI28).

    Names print in the printer's own font 0, which has Latin, Greek and Cyrillic; for other
    scripts use the PDF or load a font into the printer.
    """
    commands = [
        "^XA",
        "^CI28",
        f"^PW{WIDTH}",
        f"^LL{HEIGHT}",
        "^LH0,0",
        *(_command(mark) for mark in lay_out(sheet)),
        "^PQ1",
        "^XZ",
    ]
    return ("\n".join(command for command in commands if command) + "\n").encode()


def _command(mark: Mark) -> str:
    match mark:
        case Rule():
            line = min(mark.width, mark.height)
            return f"^FO{mark.x},{mark.y}^GB{mark.width},{mark.height},{line}^FS"
        case Bars():
            return (
                f"^FO{mark.x},{mark.y}^BY{mark.module}"
                f"^BCN,{mark.height},N,N,N,N^FD{zpl_field(mark.text)}^FS"
            )
        case Text(text=""):
            return ""
        case Text():
            escaped = "".join(_HEX.get(char, char) for char in mark.text)
            return f"^FT{mark.x},{mark.y}^A0N,{mark.size},{mark.size}^FH^FD{escaped}^FS"
