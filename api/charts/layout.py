"""Where the bars and words of a chart go: horizontal bars, so that names have room on a phone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from api.charts.spec import Chart

WIDTH: Final = 440
"""In units that are pixels at most and shrink to a phone's width."""
COLOURS: Final = ("#1b5e8c", "#d9822b", "#3f8f5f", "#a23b4a", "#6f63a8", "#5b6472")
_INK: Final = "#111827"
_FAINT: Final = "#e5e7eb"
_BAR: Final = 15
_GROUP_GAP: Final = 10
_TITLE: Final = 30
_LEGEND: Final = 20
_NAME: Final = 15
_SIGN: Final = 6.6
"""About how wide a letter is."""
_VALUE_ROOM: Final = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; `y` is its middle."""

    x: float
    y: float
    text: str
    colour: str = _INK
    size: int = 12
    anchor: Literal["start", "end"] = "start"
    bold: bool = False


Shape = Bar | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """The shapes of a chart and the height that they take."""

    height: float
    shapes: tuple[Shape, ...]


def draw(chart: Chart) -> Drawing:
    """Lay a chart out. Bars begin at one line; below zero they go to its left."""
    shapes: list[Shape] = [Words(0, _TITLE / 2, chart.title, size=14, bold=True)]
    legend, y = _legend(chart, _TITLE)
    shapes += legend
    figures = [value for values in chart.series.values() for value in values]
    least, most = min([0.0, *figures]), max([0.0, *figures])
    room = WIDTH - _VALUE_ROOM
    scale = room / ((most - least) or 1)
    zero = -least * scale
    for at, group in enumerate(chart.groups):
        shapes.append(Words(0, y + _NAME / 2, _short(group)))
        y += _NAME
        for number, values in enumerate(chart.series.values()):
            value = values[at]
            shapes += _bar(value, chart.show(value), number, zero=zero, scale=scale, y=y)
            y += _BAR
        y += _GROUP_GAP
    return Drawing(height=y, shapes=tuple(shapes))


def _bar(
    value: float, told: str, number: int, *, zero: float, scale: float, y: float
) -> Iterator[Shape]:
    length = abs(value) * scale
    left = zero if value >= 0 else zero - length
    yield Bar(0, y + 1, WIDTH - _VALUE_ROOM, _BAR - 2, _FAINT)
    if value:
        yield Bar(left, y + 1, max(length, 1), _BAR - 2, COLOURS[number % len(COLOURS)])
    yield Words(WIDTH, y + _BAR / 2, told, anchor="end")


def _legend(chart: Chart, y: float) -> tuple[list[Shape], float]:
    """The names of the series, in as many rows as they need."""
    shapes: list[Shape] = []
    x = 0.0
    for number, name in enumerate(chart.series):
        wide = 18 + _SIGN * len(name) + 14
        if x and x + wide > WIDTH:
            x, y = 0.0, y + _LEGEND
        shapes.append(Bar(x, y + 2, 12, 12, COLOURS[number % len(COLOURS)]))
        shapes.append(Words(x + 18, y + 8, _short(name)))
        x += wide
    return shapes, y + _LEGEND + _GROUP_GAP


def _short(name: str) -> str:
    most = int(WIDTH / _SIGN) - 4
    return name if len(name) <= most else name[: most - 1] + "…"
