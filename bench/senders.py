"""Send prepared HTTP requests over kept connections, as many at once as there are connections.

The load generator shares the machine with what it measures, so it does as little as it can: the
requests are bytes made beforehand, of an answer only status and length are read.
"""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

HOST = "127.0.0.1"


@dataclass(slots=True)
class Tally:
    """What came back: statuses, and each answer's time in seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    times_s: list[float] = field(default_factory=list)
    wall_s: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(self.statuses.values()) / self.wall_s

    def quantile_ms(self, share: float) -> float:
        """The time within which that share of the answers came, in milliseconds."""
        return quantile_ms(self.times_s, share)


def quantile_ms(times_s: Sequence[float], share: float) -> float:
    """The time within which that share of some answers came, in milliseconds; 0 without any."""
    ordered = sorted(times_s)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class _Lane(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last is complete."""

    def __init__(self, requests: deque[bytes], tally: Tally, until: float, every_s: float) -> None:
        self.requests, self.tally, self.until, self.every_s = requests, tally, until, every_s
        self.due = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.status = self.missing = 0
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.due = time.perf_counter() + random.random() * self.every_s
        asyncio.get_running_loop().call_later(self.due - time.perf_counter(), self._next)

    def data_received(self, data: bytes) -> None:
        if self.missing:  # an answer of a megabyte comes in pieces that nobody needs whole
            self.missing -= len(data)
        elif not self._head(data):
            return
        if self.missing:
            return
        now = time.perf_counter()
        self.tally.statuses[self.status] += 1
        self.tally.times_s.append(now - self.began)
        if self.every_s:  # the next is due at its time, however long this one took
            self.due = max(self.due + self.every_s, now - self.every_s)
            asyncio.get_running_loop().call_later(max(0.0, self.due - now), self._next)
        else:
            self._next()

    def _head(self, data: bytes) -> bool:
        """Read status and length; False until the head is complete."""
        self.buffer += data
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if separator:
            at = head.lower().find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0])
            self.status, self.missing, self.buffer = int(head[9:12]), length - len(rest), b""
        return bool(separator)

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _next(self) -> None:
        self.began = time.perf_counter()
        if self.requests and self.began < self.until:
            self.transport.write(self.requests.popleft())
        else:
            self.transport.close()


def send(
    requests: Sequence[bytes],
    *,
    ports: Sequence[int],
    connections: int,
    most_s: float,
    rate: float | None = None,
) -> Tally:
    """Send requests until none are left or the time is over; `rate` a second, or all it can."""
    every_s = connections / rate if rate else 0.0

    async def run() -> Tally:
        tally, loop = Tally(), asyncio.get_running_loop()
        waiting = deque(requests)
        began = time.perf_counter()
        lanes = []
        for number in range(connections):
            port = ports[number % len(ports)]
            _, lane = await loop.create_connection(
                lambda: _Lane(waiting, tally, began + most_s, every_s), HOST, port
            )
            lanes.append(lane)
        await asyncio.gather(*(lane.done for lane in lanes))
        tally.wall_s = time.perf_counter() - began
        return tally

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())
