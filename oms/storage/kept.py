"""The tables that grow without end: what cuts them, and which of their old rows must stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oms.ids import first_id_at
from oms.settings import Settings


@dataclass(frozen=True, slots=True)
class Kept:
    """One table. Conditions are of a row `r`."""

    table: str
    column: str
    """By which it is cut: a time, or an id that begins with its time."""
    needed: str
    """Somebody may still ask for the row."""
    urgent: str = "false"
    """Of what is needed, that which even a row of the last instant must not miss."""

    @property
    def default(self) -> str:
        """The name of the partition for whatever no other takes."""
        return f"{self.table}_default"

    def bound(self, moment: datetime) -> str:
        """A moment as the column has it, as a literal of SQL."""
        if self.column == "id":
            return f"'{first_id_at(moment)}'::uuid"
        return f"'{moment.isoformat()}'::timestamptz"


_OF_OPEN_ORDER: Final = (
    "EXISTS (SELECT FROM orders o WHERE o.id = r.order_id AND o.closed_at IS NULL)"
)
_OF_CASE: Final = (
    "EXISTS (SELECT FROM exceptions e WHERE e.cause_type = 'message' AND e.cause_id = r.id"
    " AND e.resolved_at IS {} NULL)"
)

LEDGER: Final = Kept(
    "stock_movements",
    "at",
    # Whoever publishes stock has not read as far as this.
    needed="EXISTS (SELECT FROM stock_ledger_cursor c WHERE c.settled_to < r.id)",
)
OUTBOX: Final = Kept(
    "outbox", "created_at", needed="r.delivered_at IS NULL", urgent="r.delivered_at IS NULL"
)
MESSAGES: Final = Kept(
    "channel_messages",
    "id",
    needed=f"(r.status = 'received' OR {_OF_OPEN_ORDER} OR {_OF_CASE.format('')}"
    f" OR r.status = 'parked' AND NOT {_OF_CASE.format('NOT')})",
    urgent="r.status = 'received'",
)
AUDIT: Final = Kept("audit", "at", needed=_OF_OPEN_ORDER)

KEPT: Final = (LEDGER, OUTBOX, MESSAGES, AUDIT)


def retention(given: Settings) -> Mapping[str, int]:
    """For how many days each table keeps its rows."""
    return {
        LEDGER.table: given.keep_ledger_days,
        OUTBOX.table: given.keep_outbox_days,
        MESSAGES.table: given.keep_messages_days,
        AUDIT.table: given.keep_audit_days,
    }
