"""Draw the charts of docs/benchmarks/capture.md from the figures that the benchmarks saved.

    python -m bench.capture_charts [--folder docs/benchmarks]

Reads capture-webhooks.json, capture-tills.json and capture-memory.json there, as far as they exist.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

from bench.capture import CONNECTIONS, DOORS, DOUBLE, FULL, HOT, ORM, REPEATS, SOLD_OUT

mpl.rcParams.update(
    {
        "svg.fonttype": "none",  # text stays text
        "svg.hashsalt": "tributary",  # the same figures give the same file
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "font.size": 9,
    }
)
COLOURS = {"webhooks": "#1f6f8b", "tills": "#c8553d"}
Figures = dict[str, float]


def rates(folder: Path, found: dict[str, Figures]) -> None:
    """Orders a second by connections, and the ceiling."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.2))
    for door, figures in found.items():
        for skus, line in (("uniform", "-"), ("zipf", "--")):
            rows = [f"{skus}, {count} connections" for count in CONNECTIONS]
            axes[0].plot(
                CONNECTIONS, [figures[row] for row in rows], line,
                color=COLOURS[door], marker="o", label=f"{door}, {skus}",
            )  # fmt: skip
            axes[1].plot(
                CONNECTIONS, [figures[f"{row} p99"] for row in rows], line,
                color=COLOURS[door], marker="o", label=f"{door}, {skus}",
            )  # fmt: skip
        axes[0].axhline(figures["ceiling"], color=COLOURS[door], linestyle=":", linewidth=1)
    axes[0].set(xscale="log", xlabel="connections", ylabel="orders a second", ylim=0)
    axes[0].set_title("dotted: pgbench in the same run", fontsize=9)
    axes[1].set(xscale="log", xlabel="connections", ylabel="p99, ms", ylim=0)
    for one in axes:
        one.set_xticks(CONNECTIONS, [str(count) for count in CONNECTIONS])
    axes[0].legend(fontsize=8)
    _save(figure, folder / "capture-rates.svg")


def kinds(folder: Path, found: dict[str, Figures]) -> None:
    """What becomes of 128 connections when orders are not all different and new."""
    rows = {
        "new, uniform": FULL, "new, Zipf": "zipf, 128 connections", "one hot article": HOT,
        "sold out": SOLD_OUT, "sent before": REPEATS, "twice the load": DOUBLE,
        "through the ORM": ORM,
    }  # fmt: skip
    figure, axis = plt.subplots(figsize=(8, 3))
    width = 0.8 / len(found)
    for number, (door, figures) in enumerate(found.items()):
        places = [at + number * width for at in range(len(rows))]
        bars = axis.bar(
            places, [figures[row] for row in rows.values()], width, color=COLOURS[door], label=door
        )
        axis.bar_label(bars, fmt="%.0f", fontsize=7)
    axis.set_xticks([at + 0.4 - width / 2 for at in range(len(rows))], list(rows), fontsize=8)
    axis.set_ylabel("answers a second")
    axis.legend(fontsize=8)
    _save(figure, folder / "capture-kinds.svg")


def memory(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Resident memory of the web processes, and the rate, over all orders."""
    figure, axis = plt.subplots(figsize=(8, 2.8))
    orders = [row["orders"] for row in rows]
    for at, colour in enumerate(COLOURS.values()):
        axis.plot(
            orders, [row["resident_mb"][at] for row in rows], color=colour,
            label=f"web process {at + 1}",
        )  # fmt: skip
    axis.set(xlabel="orders captured", ylabel="resident, MB", ylim=0)
    beside = axis.twinx()
    beside.plot(orders, [row["rate"] for row in rows], color="grey", linewidth=1, alpha=0.6)
    beside.set(ylabel="orders a second (grey)", ylim=0)
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axis.legend(fontsize=8, loc="lower right")
    _save(figure, folder / "capture-memory.svg")


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    print(path)


def main() -> None:
    """Draw what there are figures for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("docs/benchmarks"))
    folder: Path = parser.parse_args().folder
    files = {door: folder / f"capture-{door}.json" for door in DOORS}
    found = {door: json.loads(file.read_text()) for door, file in files.items() if file.exists()}
    if found:
        rates(folder, found)
        kinds(folder, found)
    measured = folder / "capture-memory.json"
    if measured.exists():
        memory(folder, json.loads(measured.read_text()))


if __name__ == "__main__":
    main()
