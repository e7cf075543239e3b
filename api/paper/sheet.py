"""A sheet of paper: texts that fit where they stand, rules and barcodes, over several pages."""

from collections.abc import Callable
from io import BytesIO
from typing import Final

from reportlab.lib.pagesizes import A4, LETTER
from reportlab.pdfgen.canvas import Canvas

from carriers.labels.code128 import bars, modules
from carriers.labels.text import clean, fitted, font_runs

MARGIN: Final = 42
_LETTER_COUNTRIES: Final = frozenset(("US", "CA", "MX", "PR", "PH", "CL", "CO"))
_MOST_MODULE: Final = 1.2
"""Points; the narrowest bar is never wider, so that short codes stay short."""


class Paper:
    """A document that grows from the top; measures are points, `y` runs downwards.

    `head` draws what every page begins with and returns where its content starts.
    """

    def __init__(self, *, title: str, country: str, head: Callable[["Paper"], float]) -> None:
        self._stream = BytesIO()
        self.width, self.height = LETTER if country in _LETTER_COUNTRIES else A4
        self._canvas = Canvas(
            self._stream, pagesize=(self.width, self.height), invariant=True, lang="en"
        )
        self._canvas.setTitle(clean(title))
        self._head = head
        self.page = 1
        self.y = head(self)

    @property
    def inner(self) -> float:
        """How wide the content is."""
        return self.width - 2 * MARGIN

    def room(self, height: float) -> None:
        """Begin another page unless so much is left on this one."""
        if self.y + height > self.height - MARGIN:
            self._canvas.showPage()
            self.page += 1
            self.y = self._head(self)

    def text(
        self,
        text: str,
        *,
        x: float,
        y: float,
        size: int = 10,
        width: float | None = None,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        """One line on its baseline, shrunk or cut to its width; `right` ends it at `x`."""
        room = width or (x - MARGIN if right else self.width - MARGIN - x)
        line, smaller = fitted(text, width=room, size=size, smallest=min(7, size), bold=bold)
        runs = font_runs(line, bold=bold)
        if right:
            x -= sum(self._canvas.stringWidth(run, font, smaller) for font, run in runs)
        drawn = self._canvas.beginText(x, self.height - y)
        for font, run in runs:
            drawn.setFont(font, smaller)
            drawn.textOut(run)
        self._canvas.drawText(drawn)

    def rule(self, y: float, *, thickness: float = 0.6) -> None:
        """A line across the content."""
        self._canvas.setLineWidth(thickness)
        self._canvas.line(MARGIN, self.height - y, self.width - MARGIN, self.height - y)

    def barcode(self, text: str, *, x: float, y: float, width: float, height: float) -> None:
        """A Code 128 symbol that hangs from `y`; nothing for what no scanner would read."""
        if not (text and text.isascii() and text.isprintable()):
            return
        module = min(_MOST_MODULE, width / modules(text))
        for at, wide in bars(text):
            self._canvas.rect(
                x + at * module,
                self.height - y - height,
                wide * module,
                height,
                stroke=0,
                fill=1,
            )

    def content(self) -> bytes:
        """The finished PDF; the same marks give the same bytes."""
        self._canvas.save()
        return self._stream.getvalue()
