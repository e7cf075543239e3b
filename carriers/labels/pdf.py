"""Draw a label as a PDF page of 4 × 6 inches, black on white."""

from io import BytesIO
from typing import Final

from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas

from carriers.labels.code128 import bars
from carriers.labels.layout import DOTS_PER_INCH, HEIGHT, WIDTH, Bars, Rule, Text, lay_out
from carriers.labels.sheet import Sheet
from carriers.labels.text import clean, font_runs

_POINT: Final = inch / DOTS_PER_INCH
"""Points in one printer dot: edges on whole dots print sharp."""
_INSET: Final = 0.02
"""Dots by which an edge stays inside its dot: some printers fill every dot that is touched, and
then a rounding error would make a bar one dot too wide."""


def shipping_label_pdf(sheet: Sheet) -> bytes:
    """The label as PDF; the same sheet gives the same bytes."""
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=(WIDTH * _POINT, HEIGHT * _POINT), invariant=True)
    canvas.setTitle(clean(f"{sheet.carrier} {sheet.barcode}"))
    for mark in lay_out(sheet):
        match mark:
            case Rule():
                _fill(canvas, mark)
            case Bars():
                for at, width in bars(mark.text):
                    x = mark.x + at * mark.module
                    _fill(canvas, Rule(x, mark.y, width * mark.module, mark.height))
            case Text():
                _draw_text(canvas, mark)
    canvas.save()
    return stream.getvalue()


def _fill(canvas: Canvas, rule: Rule) -> None:
    canvas.rect(
        (rule.x + _INSET) * _POINT,
        (HEIGHT - rule.y - rule.height + _INSET) * _POINT,
        (rule.width - 2 * _INSET) * _POINT,
        (rule.height - 2 * _INSET) * _POINT,
        stroke=0,
        fill=1,
    )


def _draw_text(canvas: Canvas, line: Text) -> None:
    drawn = canvas.beginText(line.x * _POINT, (HEIGHT - line.y) * _POINT)
    for font, run in font_runs(line.text, bold=line.bold):
        drawn.setFont(font, line.size * _POINT)
        drawn.textOut(run)
    canvas.drawText(drawn)
