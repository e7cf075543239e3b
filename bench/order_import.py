"""Time the import of opening orders by file against placing them one by one, in the same run.

    python -m bench.order_import [--runs 3] [--orders 20000]

Every order has an address, a customer of its own and two lines, one of them reserved. Generates
its own data, starts a PostgreSQL of its own for each run (durable) and removes both. Prints
medians.
"""

import argparse
import csv
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.cli.bulk import prepare_for_bulk
from bench.database import a_database, a_network, about
from oms import invariants
from oms.db import transaction
from oms.imports import beginning, running
from oms.imports.layouts import LAYOUTS
from oms.imports.models import ImportKind
from oms.imports.sheets import inspect
from oms.inventory import counting_many
from oms.inventory.counting_many import Counted
from oms.inventory.movements import Cause
from oms.locations import entering
from oms.ordering import placing
from oms.orders.new_order import NewAddress, NewLine, NewOrder

ONE_BY_ONE = 100


def main() -> None:
    """Measure and print a table."""
    arguments = _arguments()
    prepare_for_bulk()
    imports: list[float] = []
    singles: list[float] = []
    for number in range(arguments.runs):
        # A fresh database each: after TRUNCATE and ANALYZE foreign-key checks are planned for
        # empty tables, and stay so while the tables grow.
        with tempfile.TemporaryDirectory(prefix="tributary-bench-") as folder, a_database():
            skus, codes = a_network(skus=1_000, places=20)
            path = _file(Path(folder), skus, codes, orders=arguments.orders)
            _stock(skus, codes)
            singles.append(one_by_one(skus))
            imports.append(imported(path, orders=arguments.orders))
            with transaction() as session:
                assert invariants.broken(session) == []
        print(f"run {number + 1}: import {imports[-1]:,.0f}/s, one by one {singles[-1]:,.0f}/s")
    table = Table("", "orders/s", title=f"{arguments.orders:,} orders of 2 lines, {about()}")
    table.add_row("import", f"{statistics.median(imports):,.0f}")
    table.add_row("placed one by one (ORM, no routing)", f"{statistics.median(singles):,.0f}")
    Console(width=80).print(table)


def imported(path: Path, *, orders: int) -> float:
    """Orders a second, from the file's name to the end of its import."""
    begun = time.perf_counter()
    sheet = inspect(path, LAYOUTS[ImportKind.ORDERS])
    with transaction() as session:
        task = beginning.begin(
            session, sheet, ImportKind.ORDERS, file_name=path.name, actor="bench"
        )
    done = running.run(task.id, sheet)
    taken = time.perf_counter() - begun
    assert (done.status.value, done.added, done.wrong) == ("done", orders, 0)
    return orders / taken


def one_by_one(skus: list[str]) -> float:
    """Orders a second by `placing.place`, a transaction each; held, so that nothing is routed."""
    begun = time.perf_counter()
    for number in range(ONE_BY_ONE):
        with transaction() as session:
            placing.place(session, _order(number, skus), actor="bench")
    return ONE_BY_ONE / (time.perf_counter() - begun)


def _order(number: int, skus: list[str]) -> NewOrder:
    now = datetime.now(UTC)
    return NewOrder(
        channel="bench", external_id=f"single-{number}", display_number=f"{number}",
        placed_at=now, updated_at=now, currency="USD", total_minor=2500,
        lines=tuple(
            NewLine(str(line), skus[(number + line) % len(skus)], "Article", 1, 1250)
            for line in range(2)
        ),
        customer_name="Ada Example", customer_email=f"single-{number}@example.com",
        address=NewAddress("Ada Example", "5 Main Street", "New York", "10002", "US"),
        cancelled=True,
    )  # fmt: skip


def _stock(skus: list[str], codes: list[str]) -> None:
    with transaction() as session:
        places = entering.ids(session, set(codes))
        counting_many.count_many(
            session,
            [
                Counted(at, sku, place, 1_000_000)
                for at, (sku, place) in enumerate(
                    (sku, place) for sku in skus for place in places.values()
                )
            ],
            cause=Cause("opening", None, "bench"),
        )


def _file(folder: Path, skus: list[str], codes: list[str], *, orders: int) -> Path:
    chance = random.Random(7)
    path = folder / "orders.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["channel", "external_id", "placed_at", "currency", "total_minor", "customer_name",
             "customer_email", "street", "city", "postcode", "country", "line_id", "sku", "title",
             "quantity", "unit_price_minor", "reserve_at"]
        )  # fmt: skip
        for number in range(orders):
            for line in range(2):
                writer.writerow(
                    ["bench", f"E{number}", "2026-03-01T10:00:00Z", "USD", 2500, "Ada Example",
                     f"c{number}@example.com", "5 Main Street", "New York", "10002", "US",
                     line, chance.choice(skus), "Article", 1, 1250,
                     chance.choice(codes) if line else ""]
                )  # fmt: skip
    return path


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--orders", type=int, default=20_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
