"""Draw the charts of docs/benchmarks/capture.md from the figures that the benchmarks saved.

    python -m bench.capture_charts [--folder docs/benchmarks]

Reads capture-webhooks.json, capture-tills.json and capture-memory.json there, as far as they exist.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench import charts
from bench.capture import CONNECTIONS, DOORS, DOUBLE, FULL, HOT, ORM, REPEATS, SOLD_OUT, Found

KINDS: Final = {
    "new,\nuniform": FULL, "new,\nZipf": "zipf, 128 connections", "one hot\narticle": HOT,
    "sold\nout": SOLD_OUT, "sent\nbefore": REPEATS, "twice\nthe load": DOUBLE,
    "through\nthe ORM": ORM,
}  # fmt: skip


def rates(folder: Path, found: Mapping[str, Found]) -> None:
    """Orders a second and p99 by connections, and the ceiling."""
    names = [(door, skus) for door in found for skus in ("uniform", "zipf")]
    ceilings = {
        f"{door}, ceiling (pgbench)": [figures["ceiling"]] * len(CONNECTIONS)
        for door, figures in found.items()
    }
    for file, unit, suffix, beside in (
        ("capture-rates.svg", "orders a second", "", ceilings),
        ("capture-times.svg", "p99, ms", " p99", {}),
    ):
        charts.lines(
            folder / file,
            title="Capture over HTTP by connections",
            unit=unit,
            across="connections",
            at=CONNECTIONS,
            series={
                f"{door}, {skus}": [
                    found[door][f"{skus}, {count} connections{suffix}"] for count in CONNECTIONS
                ]
                for door, skus in names
            }
            | beside,
            log_across=True,
        )


def kinds(folder: Path, found: Mapping[str, Found]) -> None:
    """What becomes of 128 connections when orders are not all different and new."""
    charts.bars(
        folder / "capture-kinds.svg",
        title="What 128 connections get",
        unit="answers a second",
        groups=list(KINDS),
        series={door: [figures[row] for row in KINDS.values()] for door, figures in found.items()},
    )


def memory(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Resident memory of the web processes, and the rate, over all orders."""
    orders = [row["orders"] for row in rows]
    processes = range(len(rows[0]["resident_mb"]))
    charts.lines(
        folder / "capture-memory.svg",
        title="Memory of the web processes over the orders that they captured",
        unit="resident, MB",
        across="orders",
        at=orders,
        series={
            f"web process {at + 1}": [row["resident_mb"][at] for row in rows] for at in processes
        },
    )
    charts.lines(
        folder / "capture-memory-rate.svg",
        title="The rate meanwhile",
        unit="orders a second",
        across="orders",
        at=orders,
        series={"captured": [row["rate"] for row in rows]},
    )


def main() -> None:
    """Draw what there are figures for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=charts.DOCS)
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
