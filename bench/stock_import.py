"""Time the import of stock by file against a bare COPY of the same rows, in the same run.

    python -m bench.stock_import [--runs 3] [--skus 2000] [--places 500]

Generates its own data, starts its own PostgreSQL (durable: fsync and synchronous_commit on) and
removes both. Each run empties the tables and measures, one after the other:

* bare COPY: psycopg sends the file's bytes into a plain table with a primary key;
* first import: every balance is new;
* recount: every count differs from what is there;
* same counts: other bytes, the same numbers, so nothing changes.

Prints medians. An import reads, checks, locks, changes balances and writes the ledger.
"""

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from api.cli.bulk import prepare_for_bulk
from bench.database import a_database, a_network, about, empty
from oms import invariants
from oms.db import transaction
from oms.imports import beginning, running
from oms.imports.layouts import LAYOUTS
from oms.imports.models import ImportKind
from oms.imports.sheets import inspect

STAGES = ("bare COPY", "first import", "recount", "same counts")
TABLES = "stock_movements, stock_balances, imports"


def main() -> None:
    """Measure and print a table."""
    arguments = _arguments()
    prepare_for_bulk()
    rows = arguments.skus * arguments.places
    taken: dict[str, list[float]] = {stage: [] for stage in STAGES}
    with tempfile.TemporaryDirectory(prefix="tributary-bench-") as folder, a_database() as url:
        skus, codes = a_network(skus=arguments.skus, places=arguments.places)
        first, second, same = _files(Path(folder), skus, codes)
        for number in range(arguments.runs):
            empty(url, TABLES)
            taken["bare COPY"].append(bare_copy(url, first))
            taken["first import"].append(imported(first, rows=rows))
            taken["recount"].append(imported(second, rows=rows))
            taken["same counts"].append(imported(same, rows=rows))
            print(f"run {number + 1}: " + ", ".join(f"{s} {taken[s][-1]:.1f} s" for s in STAGES))
        with transaction() as session:
            assert invariants.broken(session) == []
    table = Table("", "median", "rows/s", "of bare COPY", title=f"{rows:,} rows, {about()}")
    base = statistics.median(taken["bare COPY"])
    for stage in STAGES:
        median = statistics.median(taken[stage])
        table.add_row(stage, f"{median:.1f} s", f"{rows / median:,.0f}", f"{median / base:.1f}×")
    Console(width=80).print(table)


def bare_copy(url: str, path: Path) -> float:
    """Seconds for COPY to take the file as it is."""
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute(
            "CREATE TABLE bare (location text, sku text, units int, PRIMARY KEY (sku, location))"
        )
        begun = time.perf_counter()
        with (
            path.open("rb") as file,
            connection.cursor().copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy,
        ):
            while block := file.read(1 << 20):
                copy.write(block)
        connection.commit()
        return time.perf_counter() - begun


def imported(path: Path, *, rows: int) -> float:
    """Seconds from the file's name to the end of its import."""
    begun = time.perf_counter()
    sheet = inspect(path, LAYOUTS[ImportKind.STOCK])
    with transaction() as session:
        task = beginning.begin(session, sheet, ImportKind.STOCK, file_name=path.name, actor="bench")
    done = running.run(task.id, sheet)
    taken = time.perf_counter() - begun
    assert (done.status.value, done.rows_done, done.wrong) == ("done", rows, 0)
    return taken


def _files(folder: Path, skus: list[str], codes: list[str]) -> tuple[Path, Path, Path]:
    """Counts by location as a store system exports them; other counts; those in other bytes."""
    chance = random.Random(7)
    first, second, same = (folder / f"{name}.csv" for name in ("first", "second", "same"))
    with first.open("w") as one, second.open("w") as two, same.open("w") as three:
        for file in (one, two, three):
            file.write("location,sku,units\n")
        for code in codes:
            for sku in skus:
                units = chance.randrange(50)
                one.write(f"{code},{sku},{units}\n")
                two.write(f"{code},{sku},{units + 1}\n")
                three.write(f"{code},{sku},0{units + 1}\n")
    return first, second, same


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--skus", type=int, default=2_000)
    parser.add_argument("--places", type=int, default=500)
    return parser.parse_args()


if __name__ == "__main__":
    main()
