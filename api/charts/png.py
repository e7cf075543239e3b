"""Paint charts as one PNG picture, in two columns."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from api.charts.layout import WIDTH, Bar, Drawing, draw
from api.charts.spec import Chart

_SCALE: Final = 2
_MARGIN: Final = 24
_HEAD: Final = 40
_COLUMNS: Final = 2
_ANCHORS: Final = {"start": "lm", "end": "rm"}


def write_png(path: Path, title: str, charts: Sequence[Chart]) -> None:
    """Draw the charts below a title into a file; the same charts give the same picture."""
    columns = _columned([draw(chart) for chart in charts])
    heights = [sum(one.height + _MARGIN for one in column) for column in columns]
    size = (
        _SCALE * (len(columns) * (WIDTH + _MARGIN) + _MARGIN),
        _SCALE * round(max(heights, default=0) + _HEAD + _MARGIN),
    )
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    pen.text((_SCALE * _MARGIN, _SCALE * _HEAD / 2), title, "#111827", _font(17), anchor="lm")
    for number, column in enumerate(columns):
        x, y = _MARGIN + number * (WIDTH + _MARGIN), float(_HEAD)
        for drawing in column:
            _paint(pen, drawing, x=x, y=y)
            y += drawing.height + _MARGIN
    picture.save(path, format="PNG", optimize=True)


def _columned(drawings: Sequence[Drawing]) -> list[list[Drawing]]:
    """Put each into the column that is shorter so far."""
    columns: list[list[Drawing]] = [[] for _ in range(min(_COLUMNS, len(drawings)))]
    for drawing in drawings:
        min(columns, key=lambda column: sum(one.height for one in column)).append(drawing)
    return columns


def _paint(pen: ImageDraw.ImageDraw, drawing: Drawing, *, x: float, y: float) -> None:
    for shape in drawing.shapes:
        left, top = _SCALE * (x + shape.x), _SCALE * (y + shape.y)
        if isinstance(shape, Bar):
            right, bottom = left + _SCALE * shape.width, top + _SCALE * shape.height
            pen.rectangle((left, top, max(left, right - 1), bottom - 1), fill=shape.colour)
        else:
            pen.text(
                (left, top), shape.text, shape.colour, _font(shape.size), _ANCHORS[shape.anchor]
            )


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The face that comes with Pillow, so that every machine draws the same."""
    return ImageFont.load_default(_SCALE * size)
