"""Files to import, and the short way to import them."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from oms.db import transaction
from oms.imports import beginning, running
from oms.imports.faults import Fault
from oms.imports.layouts import LAYOUTS
from oms.imports.models import Import, ImportKind
from oms.imports.running import Tell
from oms.imports.sheets import inspect

MUG: Mapping[str, object] = {
    "sku": "MUG", "name": "Mug", "weight_g": 300, "length_mm": 120, "width_mm": 100,
    "height_mm": 100, "price_minor": 1250, "currency": "USD",
}  # fmt: skip
STORE: Mapping[str, object] = {
    "code": "S09", "name": "Northgate", "kind": "store", "street": "1 High Street",
    "city": "New York", "postcode": "10001", "country": "US", "latitude": "40.71",
    "longitude": "-74.0", "time_zone": "America/New_York", "cut_off": "15:00",
}  # fmt: skip
ORDER: Mapping[str, object] = {
    "channel": "reference", "external_id": "E1", "placed_at": "2026-03-01T10:00:00Z",
    "currency": "USD", "total_minor": 2500, "customer_name": "Ada Example",
    "customer_email": "ada@example.com", "street": "5 Main Street", "city": "New York",
    "postcode": "10002", "country": "US", "line_id": "1", "sku": "MUG", "quantity": 2,
    "unit_price_minor": 1250, "reserve_at": "",
}  # fmt: skip


def a_file(folder: Path, rows: Sequence[Mapping[str, object]], *, name: str = "file.csv") -> Path:
    """A CSV file whose columns are those of its first row."""
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def counts(*rows: tuple[str, str, object]) -> list[dict[str, object]]:
    """Rows of a stock file."""
    return [{"location": code, "sku": sku, "units": units} for code, sku, units in rows]


def imported(
    kind: ImportKind, path: Path, *, tell: Tell = lambda _: None, **options: Any
) -> Import:
    """Import a file as the command does."""
    sheet = inspect(path, LAYOUTS[kind])
    with transaction() as session:
        task = beginning.begin(session, sheet, kind, file_name=path.name, actor="test", **options)
    return running.run(task.id, sheet, tell=tell)


def result(task: Import) -> tuple[str, int, int, int, int]:
    """Status, and rows added, changed, unchanged and wrong."""
    return task.status.value, task.added, task.changed, task.unchanged, task.wrong


def faults(task: Import) -> list[Fault]:
    """What was wrong with its rows."""
    with transaction() as session:
        return list(running.faults_of(session, task.id))
