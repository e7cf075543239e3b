"""Who is asked: a channel, and the double that plays its other side on this machine."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from oms.channels.base import Channel, RawRequest, ToldLine
from oms.channels.stock import Spot


class NotConforming(Exception):
    """The channel broke the protocol; the message says how."""


class NotAsked(Exception):
    """The channel cannot do this, and says so in its caps; or the double cannot play it."""


class Fault(StrEnum):
    """What the double does to the next request that writes."""

    TIMEOUT_AFTER_SUCCESS = "timeout_after_success"
    THROTTLE = "throttle"
    FAIL = "fail"
    REFUSE = "refuse"
    LATER_FAILURE = "later_failure"
    """It takes the fact (202) and turns it down afterwards, when it is asked what became of it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An order that the double has, and the message by which it would tell of it.

    `request` is as it would reach our door, signed; None if the channel sends nothing there.
    """

    order_id: str
    lines: tuple[ToldLine, ...]
    request: RawRequest | None


@dataclass(frozen=True, slots=True)
class Example:
    """An official example payload that the adapter must read, and what kind of message it is."""

    name: str
    topic: str
    body: bytes


class Double(Protocol):
    """The other side, played on this machine. It delivers nothing by itself."""

    @property
    def faults(self) -> frozenset[Fault]:
        """Those that it can play."""

    def place(self) -> Sample:
        """A new, paid order of one line of two units to be shipped, placed an hour ago."""

    def fault(self, fault: Fault) -> None:
        """Let the next request that writes meet this."""

    def effects(self, order_id: str) -> Sequence[str]:
        """All that the order and its buyer have seen of what we told, in words."""

    def examples(self) -> Sequence[Example]:
        """Official examples."""

    def article(self, units: int) -> Spot:
        """A listed article with so many units at one place of the double's."""

    def units(self, spot: Spot) -> int | None:
        """What the double shows there."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A channel and its double. `again` makes the channel anew, as after a restart."""

    again: Callable[[], Channel]
    double: Double
    location_codes: frozenset[str] = frozenset({"S01"})


DOUBLES: Final = "tributary.channel_doubles"
"""Entry point group in which a package offers, under its channel's name, a `DoubleFactory`."""


class DoubleFactory(Protocol):
    """Starts a double, for as long as the block lasts."""

    def __call__(self, channel: Channel) -> AbstractContextManager[Subject]:
        """The channel with its address and secrets changed to the double's, and the double."""
