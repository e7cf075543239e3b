"""What a person with a scanner sees: pages rendered to pixels, and Code 128 read from the bars.

The symbol table is ISO/IEC 15417's and shares nothing with the code that draws the bars.
"""

import re
from itertools import groupby
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # it ships no types

PATTERNS = re.findall(
    r"\d{6}",
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 "
    "112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 "
    "311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 "
    "112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 "
    "122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 "
    "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232",
)
STOP = "2331112"
START_B, START_C, CODE_C, CODE_B = 104, 105, 99, 100
MARGIN_PT = 9


def page_of(pdf: bytes) -> pypdfium2.PdfPage:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return document[0]


def text_of(pdf: bytes) -> list[str]:
    text: str = page_of(pdf).get_textpage().get_text_range()
    return text.splitlines()


def pixels_of(pdf: bytes, *, dots_per_inch: int = 600) -> Any:
    return page_of(pdf).render(scale=dots_per_inch / 72, grayscale=True).to_numpy()


def scan(pixels: Any) -> set[str]:
    """Every text that a horizontal line across the page reads as Code 128."""
    black = pixels < 128
    rows = {row.tobytes(): row for row in black}.values()  # most rows repeat their neighbour
    return {text for row in rows if (text := read_row(row.tolist())) is not None}


def read_row(row: list[bool]) -> str | None:
    """The text of a row of pixels, black true; None unless it is a symbol in quiet zones."""
    runs = [(black, len(list(run))) for black, run in groupby(row)]
    if len(runs) < 3 or runs[0][0] or runs[-1][0]:
        return None
    bars = [length for _, length in runs[1:-1]]
    module = sum(bars[:6]) / 11
    widths = "".join(str(round(length / module)) for length in bars)
    if min(runs[0][1], runs[-1][1]) < 10 * module or not widths.endswith(STOP):
        return None
    symbols = [widths[at : at + 6] for at in range(0, len(widths) - len(STOP), 6)]
    if any(symbol not in PATTERNS for symbol in symbols):
        return None
    return decode([PATTERNS.index(symbol) for symbol in symbols])


def decode(values: list[int]) -> str:
    """The text of symbol values from start to checksum, which must agree."""
    *content, check = values
    assert (content[0] + sum(at * value for at, value in enumerate(content))) % 103 == check
    assert content[0] in {START_B, START_C}
    paired, text = content[0] == START_C, ""
    for value in content[1:]:
        if paired and value == CODE_B:
            paired = False
        elif paired:
            text += f"{value:02d}"
        elif value == CODE_C:
            paired = True
        else:
            text += chr(value + 32)
    return text
