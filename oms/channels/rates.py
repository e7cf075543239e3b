"""Keep within the rates that a channel publishes, however many processes ask it.

Each operation has a token bucket: it holds up to `burst` requests and fills at `per_second`. The
shared one is a row of the database, drawn from by one guarded statement on the database's clock,
so that web, workers and commands together stay within what the channel allows.
"""

import time
from dataclasses import dataclass, field
from typing import Final, Protocol

from sqlalchemy import text
from sqlmodel import Session

from oms.channels.base import ChannelUnavailable
from oms.channels.http import waiting
from oms.db import transaction


@dataclass(frozen=True, slots=True)
class Limit:
    """What a channel publishes for one of its operations."""

    operation: str
    per_second: float
    burst: int


class Gate(Protocol):
    """Lets requests through as fast as the channel allows."""

    def enter(self, limit: Limit) -> None:
        """Take a token. Raises `ChannelUnavailable` saying when there will be one."""

    def learn(self, limit: Limit, per_second: float) -> None:
        """The channel named another rate than the published one."""

    def turned_away(self, limit: Limit) -> None:
        """The channel says that it was too much: nothing is left in the bucket."""


_LEFT: Final = """LEAST(
    CAST(:burst AS float),
    r.tokens + GREATEST(EXTRACT(EPOCH FROM clock_timestamp() - r.filled_at), 0)
               * COALESCE(r.per_second, CAST(:rate AS float)))"""
_TAKE: Final = f"""
    INSERT INTO channel_rates AS r (channel, operation, tokens, filled_at)
    VALUES (:channel, :operation, CAST(:burst AS float) - 1, clock_timestamp())
    ON CONFLICT (channel, operation) DO UPDATE
    SET tokens = {_LEFT} - 1, filled_at = clock_timestamp()
    WHERE {_LEFT} >= 1
    RETURNING 1"""  # noqa: S608 - made of constants
_WAIT: Final = f"""
    SELECT (1 - {_LEFT}) / COALESCE(r.per_second, CAST(:rate AS float))
    FROM channel_rates r WHERE channel = :channel AND operation = :operation"""  # noqa: S608 - likewise


def take(session: Session, channel: str, limit: Limit) -> float:
    """Take a token from the shared bucket: 0 if there was one, else the seconds until there is."""
    names = _names(channel, limit)
    if session.execute(text(_TAKE), names).first() is not None:
        return 0.0
    seconds: float = session.execute(text(_WAIT), names).scalar_one()
    return max(seconds, 0.001)


@dataclass(frozen=True, slots=True)
class SharedGate:
    """The buckets in the database; each draw is a transaction of its own, at once committed."""

    channel: str

    def enter(self, limit: Limit) -> None:
        """Take a token. Raises `ChannelUnavailable` saying when there will be one."""
        with transaction() as session:
            wait_s = take(session, self.channel, limit)
        if wait_s > 0:
            raise _wait(self.channel, limit, wait_s)

    def learn(self, limit: Limit, per_second: float) -> None:
        """Fill the bucket at the named rate from now on."""
        with transaction() as session:
            session.execute(
                text(
                    "UPDATE channel_rates SET per_second = :named WHERE channel = :channel"
                    " AND operation = :operation AND per_second IS DISTINCT FROM :named"
                ),
                {**_names(self.channel, limit), "named": per_second},
            )

    def turned_away(self, limit: Limit) -> None:
        """Somebody else has drawn from the channel's own bucket: ours is as empty."""
        with transaction() as session:
            session.execute(
                text(
                    "UPDATE channel_rates SET tokens = 0, filled_at = clock_timestamp()"
                    " WHERE channel = :channel AND operation = :operation"
                ),
                _names(self.channel, limit),
            )


@dataclass(slots=True)
class LocalGate:
    """Buckets of this process alone, for trials against a stand-in."""

    channel: str
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    _rates: dict[str, float] = field(default_factory=dict)

    def enter(self, limit: Limit) -> None:
        """Take a token. Raises `ChannelUnavailable` saying when there will be one."""
        now = time.monotonic()
        tokens, filled_at = self._buckets.get(limit.operation, (float(limit.burst), now))
        rate = self._rates.get(limit.operation, limit.per_second)
        left = min(limit.burst, tokens + (now - filled_at) * rate)
        if left < 1:
            raise _wait(self.channel, limit, (1 - left) / rate)
        self._buckets[limit.operation] = (left - 1, now)

    def learn(self, limit: Limit, per_second: float) -> None:
        """Fill the bucket at the named rate from now on."""
        self._rates[limit.operation] = per_second

    def turned_away(self, limit: Limit) -> None:
        """Nothing is left in the bucket."""
        self._buckets[limit.operation] = (0.0, time.monotonic())


def _names(channel: str, limit: Limit) -> dict[str, str | float]:
    return {
        "channel": channel,
        "operation": limit.operation,
        "burst": float(limit.burst),
        "rate": limit.per_second,
    }


def _wait(channel: str, limit: Limit, seconds: float) -> ChannelUnavailable:
    return ChannelUnavailable(
        f"{channel} allows {limit.operation} {limit.per_second:g} times a second and"
        f" {limit.burst} at once; that is used up",
        facts=waiting(seconds),
    )
