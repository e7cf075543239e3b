"""Make any text fit a line: clean it, measure it, shrink it, and only then cut it."""

import unicodedata
from functools import cache
from importlib.resources import files
from itertools import groupby
from threading import Lock
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR: Final = "LabelSans"
BOLD: Final = "LabelSans-Bold"
ELLIPSIS: Final = "…"
LONGEST: Final = 200
"""Characters of one line that are looked at; what is beyond would be cut anyway."""

_FILES: Final = {REGULAR: "DejaVuSansCondensed.ttf", BOLD: "DejaVuSansCondensed-Bold.ttf"}
_EAST_ASIAN: Final = (  # names that PDF readers know; the fonts themselves are not embedded
    (range(0x1100, 0x1200), "HYGothic-Medium"),
    (range(0xAC00, 0xD7B0), "HYGothic-Medium"),
    (range(0x3040, 0x3100), "HeiseiKakuGo-W5"),
    (range(0x3000, 0x3040), "STSong-Light"),
    (range(0x3400, 0xA000), "STSong-Light"),
    (range(0xFF00, 0xFFF0), "STSong-Light"),
)
_loading = Lock()


def _glyphs() -> frozenset[int]:
    """The characters that our own fonts can draw, which are loaded at the first call."""
    with _loading:  # loaded twice, a font would change under a label that is being drawn
        return _load()


@cache
def _load() -> frozenset[int]:
    folder = files("carriers.labels") / "fonts"
    drawn: list[set[int]] = []
    for name, file in _FILES.items():
        with (folder / file).open("rb") as source:
            font = TTFont(name, source)
        pdfmetrics.registerFont(font)
        drawn.append(set(font.face.charToGlyph))
    for name in {name for _, name in _EAST_ASIAN}:
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return frozenset(set.intersection(*drawn))


def clean(text: str) -> str:
    """One line of composed characters: no control characters, no runs of space."""
    encodable = text[:LONGEST].encode("utf-8", "replace").decode("utf-8")
    composed = unicodedata.normalize("NFC", encodable)
    spaced = (
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in composed
    )
    return " ".join("".join(spaced).split())


def font_runs(text: str, *, bold: bool) -> list[tuple[str, str]]:
    """The text as (font, piece) pairs; a character that no font has becomes a question mark.

    Latin, Greek and Cyrillic come from fonts embedded in the label. Chinese, Japanese and
    Korean use the PDF reader's own fonts. Scripts that need shaping are not drawn.
    """
    drawn = _glyphs()
    ours = BOLD if bold else REGULAR

    def font_of(char: str) -> str | None:
        if ord(char) in drawn:
            return ours
        return next((name for codes, name in _EAST_ASIAN if ord(char) in codes), None)

    placed = [(font_of(char), char) for char in text]
    known = [(font or ours, char if font else "?") for font, char in placed]
    return [
        (font, "".join(char for _, char in run))
        for font, run in groupby(known, key=lambda pair: pair[0])
    ]


def width_of(text: str, *, size: float, bold: bool) -> float:
    """How wide a line is, in the unit of `size`."""
    return sum(pdfmetrics.stringWidth(run, font, size) for font, run in font_runs(text, bold=bold))


def fitted(
    text: str, *, width: float, size: int, smallest: int, bold: bool = False, keep: str = ""
) -> tuple[str, int]:
    """The text and the size at which it fits a width.

    It is shrunk down to `smallest` and then cut with an ellipsis. What must not be lost, such
    as a postcode, is passed as `keep`: it follows the text and is cut last.
    """
    text, keep = clean(text), clean(keep)
    whole = f"{text} {keep}".strip()
    for tried in range(size, smallest - 1, -1):
        if width_of(whole, size=tried, bold=bold) <= width:
            return whole, tried
    start, end = (text, f" {keep}") if keep else (text, "")
    while start or end:
        line = f"{start.rstrip()}{ELLIPSIS}{end}"
        if width_of(line, size=smallest, bold=bold) <= width:
            return line, smallest
        start, end = (start[:-1], end) if start else ("", end[:-1])
    return "", smallest
