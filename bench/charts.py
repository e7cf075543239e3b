"""Charts of the benchmarks as SVG files beside their tables: grouped bars and lines.

    charts.bars(docs / "x.svg", title="…", unit="ms", groups=("1", "8"), series={"ours": (1, 2)})

Nothing in them names fonts, addresses or the time of drawing, so that the same figures give the
same file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

DOCS: Final = Path(__file__).parents[1] / "docs" / "benchmarks"
_BEGIN: Final = "<!-- measured -->"
_END: Final = "<!-- end of measured -->"
_COLOURS: Final = ("#1b5e8c", "#e08e2b", "#4f9d69", "#a23b4a", "#7a6fb0", "#6b7280")
_STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "tributary",
    "svg.fonttype": "path",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#e5e7eb",
    "axes.axisbelow": True,
    "font.size": 10,
}


def bars(
    path: Path,
    *,
    title: str,
    unit: str,
    groups: Sequence[str],
    series: Mapping[str, Sequence[float]],
    bar: float | None = None,
    log: bool = False,
) -> None:
    """A group of bars for each of `groups`, one of each series; `bar` draws the line to reach."""
    with mpl.rc_context(_STYLE):
        figure, axes = _paper(title, unit, log=log)
        width = 0.8 / len(series)
        for at, (name, values) in enumerate(series.items()):
            places = [group + width * (at + 0.5) - 0.4 for group in range(len(groups))]
            drawn = axes.bar(places, values, width * 0.92, label=name, color=_colour(at))
            axes.bar_label(drawn, fmt=_label, padding=2, fontsize=8)
        axes.set_xticks(range(len(groups)), groups)
        axes.margins(y=0.12)
        _finish(path, figure, axes, bar=bar)


def lines(
    path: Path,
    *,
    title: str,
    unit: str,
    across: str,
    at: Sequence[float],
    series: Mapping[str, Sequence[float]],
    bar: float | None = None,
    log: bool = False,
    log_across: bool = False,
) -> None:
    """A line for each series over the numbers `at`; `across` says what these are.

    With `log_across` these are few and multiply; each of them is named below.
    """
    with mpl.rc_context(_STYLE):
        figure, axes = _paper(title, unit, log=log)
        for number, (name, values) in enumerate(series.items()):
            axes.plot(at, values, marker="o", label=name, color=_colour(number))
        axes.set_xlabel(across)
        if log_across:
            axes.set_xscale("log")
            axes.set_xticks(at, [f"{number:,}" for number in at])
            axes.minorticks_off()
        else:
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        if not log:
            axes.set_ylim(0, 1.1 * max(max(values) for values in series.values()))
        _finish(path, figure, axes, bar=bar)


def put_figures(document: Path, figures: str) -> None:
    """Put the measured part between the marks of a document; the words around it stay."""
    before, _, rest = document.read_text().partition(_BEGIN)
    _, _, after = rest.partition(_END)
    document.write_text(f"{before}{_BEGIN}\n{figures.strip()}\n{_END}{after}")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines_of = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines_of)


def _paper(title: str, unit: str, *, log: bool) -> tuple[Figure, Axes]:
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_ylabel(unit)
    if log:
        axes.set_yscale("log")
    return figure, axes


def _finish(path: Path, figure: Figure, axes: Axes, *, bar: float | None) -> None:
    if bar is not None:
        axes.axhline(bar, color="#111827", linewidth=1, linestyle="--", label=f"bar: {bar:g}")
    axes.legend(frameon=False, fontsize=9)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = path.read_text()
    path.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n")


def _label(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _colour(at: int) -> str:
    return _COLOURS[at % len(_COLOURS)]
