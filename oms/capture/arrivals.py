"""An order that has arrived and waits to be written, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from oms.channels.base import Hint
from oms.ordering.placing import MOST_UNITS
from oms.orders.models import Delivery
from oms.orders.new_order import NewOrder
from routing.exact import EXACT_LINES


@dataclass(frozen=True, slots=True)
class Arrival:
    """An order with the message that brought it. `request_id` goes into the audit trail."""

    new: NewOrder
    hint: Hint
    body: bytes
    at: datetime
    request_id: str | None

    @property
    def key(self) -> tuple[str, str]:
        """What no other message has: its channel, and its key there."""
        return self.new.channel, self.hint.dedupe_key

    @property
    def reference(self) -> tuple[str, str]:
        """What no other order has: its channel, and its id there."""
        return self.new.channel, self.new.external_id


class Fate(StrEnum):
    """What became of an arrival."""

    PLACED = "placed"
    REPEATED = "repeated"
    """The message was here before; its repetition was counted."""
    LEFT = "left"
    """Not a plain new order after all: nothing of it was written, the ordinary way must."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one arrival; `status` is the message's."""

    fate: Fate
    message_id: UUID | None = None
    status: str = ""


LEFT: Final = Outcome(Fate.LEFT)


def is_plain(new: NewOrder) -> bool:
    """Whether an order may be written in a batch: new goods to send or to hand over, few lines.

    Everything else, and all that turns out to be wrong, goes the ordinary way, which says why.
    """
    if new.cancelled or new.hold_id is not None or not 0 < len(new.lines) <= EXACT_LINES:
        return False
    if new.delivery is Delivery.PICKUP and new.pickup_store is None:
        return False
    return all(0 < line.quantity <= MOST_UNITS for line in new.lines)
