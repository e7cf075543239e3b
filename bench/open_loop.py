"""Send requests at a given rate whatever comes back, as customers do: nobody waits for others.

A request that is due goes out on a connection that is free, or on a new one. Its time counts from
the moment when it was due.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

from bench.senders import HOST, quantile_ms

_PATIENCE_S = 30.0
"""How long to wait for answers after the last request went out."""


@dataclass(slots=True)
class Rush:
    """What came back."""

    sent: int
    statuses: Counter[int] = field(default_factory=Counter)
    good: list[int] = field(default_factory=list)
    """Positions of the requests that were answered well."""
    times_s: dict[int, list[float]] = field(default_factory=dict)
    """By status."""
    told_when: int = 0
    """Refusals that said when to come back."""
    wall_s: float = 0.0
    connections: int = 0

    @property
    def unanswered(self) -> int:
        """Requests that nothing came back for."""
        return self.sent - sum(self.statuses.values())

    def quantile_ms(self, status: int, share: float) -> float:
        """The time within which that share of a status's answers came; 0 without any."""
        return quantile_ms(self.times_s.get(status, []), share)


class _Line(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(self, rush: Rush, free: list["_Line"]) -> None:
        self.rush, self.free = rush, free
        self.buffer = b""
        self.at, self.due = -1, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def ask(self, at: int, request: bytes, due: float) -> None:
        self.at, self.due = at, due
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        head = head.lower()
        at = head.find(b"content-length:")
        if len(rest) < int(head[at + 15 :].split(b"\r\n", 1)[0]):
            return
        self.buffer = b""
        status = int(head[9:12])
        self.rush.statuses[status] += 1
        self.rush.times_s.setdefault(status, []).append(time.perf_counter() - self.due)
        if status < 300:
            self.rush.good.append(self.at)
        elif b"\r\nretry-after:" in head:
            self.rush.told_when += 1
        self.free.append(self)


def rush(requests: Sequence[bytes], *, ports: Sequence[int], rate: float) -> Rush:
    """Send all requests, `rate` a second, and wait for the answers."""

    async def run() -> Rush:
        done, loop = Rush(len(requests)), asyncio.get_running_loop()
        free: list[_Line] = []
        lines: list[_Line] = []
        opening: set[asyncio.Task[None]] = set()

        async def on_a_new_line(at: int, due: float) -> None:
            port = ports[at % len(ports)]
            _, line = await loop.create_connection(lambda: _Line(done, free), HOST, port)
            lines.append(line)
            line.ask(at, requests[at], due)

        began, next_at = time.perf_counter(), 0
        while next_at < len(requests):
            due_now = min(len(requests), int((time.perf_counter() - began) * rate) + 1)
            for at in range(next_at, due_now):
                due = began + at / rate
                if free:
                    free.pop().ask(at, requests[at], due)
                else:
                    task = asyncio.create_task(on_a_new_line(at, due))
                    opening.add(task)
                    task.add_done_callback(opening.discard)
            next_at = due_now
            await asyncio.sleep(0.001)
        until = time.perf_counter() + _PATIENCE_S
        while done.unanswered and time.perf_counter() < until:
            await asyncio.sleep(0.01)
        done.wall_s = time.perf_counter() - began
        done.connections = len(lines)
        for line in lines:
            line.transport.close()
        return done

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())
