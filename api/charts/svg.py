"""Paint a chart as inline SVG: no style sheet, no font, no address, read aloud by its title."""

from html import escape
from typing import Final

from api.charts.layout import WIDTH, Bar, Drawing, Shape, Words, draw
from api.charts.spec import Chart

_FONTS: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


def svg(chart: Chart, *, name: str) -> str:
    """The chart as an `svg` element. `name` makes the ids of its title unlike others' on the page.

    The same chart gives the same text.
    """
    drawing: Drawing = draw(chart)
    shapes = "\n".join(_painted(shape) for shape in drawing.shapes)
    return (
        f'<svg viewBox="0 0 {WIDTH} {_plain(drawing.height)}" role="img"'
        f' aria-labelledby="{name}-title" font-family="{_FONTS}">\n'
        f'<title id="{name}-title">{escape(chart.title)}</title>\n{shapes}\n</svg>'
    )


def _painted(shape: Shape) -> str:
    if isinstance(shape, Bar):
        return (
            f'<rect x="{_plain(shape.x)}" y="{_plain(shape.y)}" width="{_plain(shape.width)}"'
            f' height="{_plain(shape.height)}" fill="{shape.colour}"/>'
        )
    return _written(shape)


def _written(words: Words) -> str:
    bold = ' font-weight="600"' if words.bold else ""
    return (
        f'<text x="{_plain(words.x)}" y="{_plain(words.y)}" font-size="{words.size}"{bold}'
        f' fill="{words.colour}" text-anchor="{words.anchor}" dominant-baseline="central">'
        f"{escape(words.text)}</text>"
    )


def _plain(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
