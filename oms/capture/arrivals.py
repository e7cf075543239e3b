"""An order that has arrived and waits to be written, and what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from oms.channels.base import Hint
from oms.ordering.placing import MOST_UNITS
from oms.orders.models import Delivery, OrderStatus
from oms.orders.new_order import NewOrder
from routing.exact import EXACT_LINES


@dataclass(frozen=True, slots=True)
class Message:
    """A channel's message that brings an order."""

    hint: Hint
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """What the sender of a request is told of its order, but for the number it gets."""

    order_id: UUID
    status: OrderStatus
    promise_by: datetime
    backordered: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Request:
    """A program's request for an order, carried out once per idempotency key.

    With `backorder` false it is refused unless all of it can be filled. `shape` makes the answer
    that is kept under the key; its number is put in when the order has one.
    """

    key_hash: str
    """Of the service key that it came with; whose it is, is asked with everything else."""
    once: str
    digest: str
    """Of what was requested, as `oms.access.commands` takes it."""
    backorder: bool
    shape: Callable[[Answered], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """An order with what brought it. `request_id` goes into the audit trail."""

    new: NewOrder
    by: Message | Request
    at: datetime
    request_id: str | None

    @property
    def key(self) -> tuple[str, str]:
        """What only its repetitions share: its channel and its key there, or whose and which."""
        if isinstance(self.by, Message):
            return self.new.channel, self.by.hint.dedupe_key
        return self.by.key_hash, self.by.once

    @property
    def reference(self) -> tuple[str, str]:
        """What no other order has: its channel, and its id there."""
        return self.new.channel, self.new.external_id


class Fate(StrEnum):
    """What became of an arrival."""

    PLACED = "placed"
    REPEATED = "repeated"
    """It was here before: a message's repetition was counted, a request is answered as then."""
    REFUSED = "refused"
    """A request for more than there is; nothing of it was written."""
    LEFT = "left"
    """Not a plain new order after all: nothing of it was written, the ordinary way must."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one arrival; `status` is the message's, `answer` the request's.

    `missing` says of a refused one how many units of which article there are too few.
    """

    fate: Fate
    message_id: UUID | None = None
    status: str = ""
    answer: Mapping[str, Any] | None = None
    missing: Mapping[str, int] = field(default_factory=dict)


LEFT: Final = Outcome(Fate.LEFT)


def is_plain(new: NewOrder) -> bool:
    """Whether an order may be written in a batch: new goods to send or to hand over, few lines.

    Everything else, and all that turns out to be wrong, goes the ordinary way, which says why.
    """
    if new.cancelled or new.hold_id is not None or not 0 < len(new.lines) <= EXACT_LINES:
        return False
    if new.delivery is Delivery.PICKUP and new.pickup_store is None:
        return False
    return all(0 < line.quantity <= MOST_UNITS and not line.sent for line in new.lines)
