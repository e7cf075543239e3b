"""What the simulated carrier has sold: its own memory, so that it can find and void labels."""

import sqlite3
import weakref
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from pydantic import TypeAdapter

from carriers.base import LabelFormat, Shipment

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS sales (
    key TEXT PRIMARY KEY,
    reference TEXT NOT NULL,
    tracking_number TEXT NOT NULL,
    sale TEXT NOT NULL,
    voided_at TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS sales_reference ON sales (reference);
CREATE INDEX IF NOT EXISTS sales_tracking_number ON sales (tracking_number);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One purchase, with all that is needed to print its label again."""

    key: str
    shipment: Shipment
    service: str
    tracking_number: str
    amount_minor: int
    label: LabelFormat


_SALE: Final = TypeAdapter(Sale)


class Ledger:
    """A SQLite file that processes may share, or the process's memory when no file is named."""

    def __init__(self, path: Path | None) -> None:
        self._database = sqlite3.connect(
            path or ":memory:", timeout=10, isolation_level=None, check_same_thread=False
        )
        weakref.finalize(self, self._database.close)
        self._lock = Lock()  # one connection serves all threads
        with self._lock:
            self._database.executescript(_TABLE)

    def record(self, sale: Sale) -> Sale:
        """Write a sale down; the first one under a key stays, and is given back."""
        document = _SALE.dump_json(sale).decode()
        values = (sale.key, sale.shipment.reference, sale.tracking_number, document)
        with self._lock:
            self._database.execute(
                "INSERT OR IGNORE INTO sales (key, reference, tracking_number, sale)"
                " VALUES (?, ?, ?, ?)",
                values,
            )
            row = self._database.execute(
                "SELECT sale FROM sales WHERE key = ?", (sale.key,)
            ).fetchone()
        return _SALE.validate_json(row[0])

    def live_sale(self, reference: str) -> Sale | None:
        """The newest sale for a reference that was not voided."""
        with self._lock:
            row = self._database.execute(
                "SELECT sale FROM sales WHERE reference = ? AND voided_at IS NULL"
                " ORDER BY rowid DESC LIMIT 1",
                (reference,),
            ).fetchone()
        return _SALE.validate_json(row[0]) if row else None

    def void(self, tracking_number: str, *, at: datetime) -> datetime | None:
        """Mark a sale void and say since when it is; None if it was never sold."""
        with self._lock:
            self._database.execute(
                "UPDATE sales SET voided_at = ? WHERE tracking_number = ? AND voided_at IS NULL",
                (at.isoformat(), tracking_number),
            )
        return self.voided_at(tracking_number)

    def voided_at(self, tracking_number: str) -> datetime | None:
        """Since when a label is void; None if it is live or unknown."""
        with self._lock:
            row = self._database.execute(
                "SELECT voided_at FROM sales WHERE tracking_number = ?", (tracking_number,)
            ).fetchone()
        return datetime.fromisoformat(row[0]) if row and row[0] else None
