"""One writer per process: whatever waits is written as one batch and answered after its commit.

There is no timer: alone, an order goes at once; under load the batches grow by themselves while
the one before is being committed.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.types.numeric import Int8, Int8BinaryDumper

from oms import db
from oms.capture import batch, network
from oms.capture.arrivals import LEFT, Arrival, Outcome
from oms.capture.asking import NetworkChanged
from oms.capture.holding import Connection, Outrun
from oms.capture.network import View
from oms.capture.stock_view import StockView
from oms.errors import Busy

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

MOST_AT_ONCE: Final = 200
MOST_WAITING: Final = 1_000
"""About a second's work: whoever comes back later is served sooner than whoever waits longer."""
_TRIES: Final = 3
_REST_S: Final = 0.5
"""After the database went away, how long arrivals go the ordinary way before it is tried again."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    arrival: Arrival
    answer: asyncio.Future[Outcome]


class Writer:
    """Takes arrivals from the requests of one event loop and writes them in batches."""

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: Connection | None = None
        self._known: tuple[View, StockView] | None = None

    def start(self) -> None:
        """Begin to write, in the running event loop."""
        self._task = asyncio.create_task(self._run(), name="capture-writer")

    async def stop(self) -> None:
        """End after the batch in hand; whoever waits is left to the ordinary way."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        self._leave([self._waiting.popleft() for _ in range(len(self._waiting))])
        await self._disconnect()

    async def capture(self, arrival: Arrival) -> Outcome:
        """Write one arrival; returns after its commit.

        `LEFT` says that nothing is known to be written and the ordinary way must decide. It
        finds out by the message's key if a commit happened whose answer was lost. Raises `Busy`.
        """
        if self._task is None or self._task.done():
            return LEFT
        if not self.has_room():
            raise Busy("too many orders are waiting to be written")
        waiting = _Waiting(arrival, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._something.set()
        return await waiting.answer

    def has_room(self) -> bool:
        """Whether one more may wait: ask before a request costs any work."""
        return len(self._waiting) < MOST_WAITING

    async def _run(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            while self._waiting:
                count = min(len(self._waiting), MOST_AT_ONCE)
                await self._answer([self._waiting.popleft() for _ in range(count)])

    async def _answer(self, some: Sequence[_Waiting]) -> None:
        """Write a batch and tell each; whatever goes wrong, everybody is told something."""
        try:
            outcomes = await self._write([one.arrival for one in some])
        except (psycopg.OperationalError, OSError) as error:
            log.warning("capture_without_database", why=str(error).strip(), orders=len(some))
            await self._disconnect()
            self._leave(some)
            await asyncio.sleep(_REST_S)
        except asyncio.CancelledError:
            await self._disconnect()
            self._leave(some)
            raise
        except Exception:
            if len(some) == 1:
                log.exception("order_not_captured", reference=some[0].arrival.new.external_id)
                self._leave(some)
            else:  # one that spoils its batch is found by halving
                await self._answer(some[: len(some) // 2])
                await self._answer(some[len(some) // 2 :])
        else:
            for one, outcome in zip(some, outcomes, strict=True):
                _tell(one, outcome)

    async def _write(self, arrivals: Sequence[Arrival]) -> list[Outcome]:
        connection = await self._connect()
        for _ in range(_TRIES):
            view, stock = await self._network()
            try:
                outcomes = await batch.write(connection, view, stock, arrivals)
            except NetworkChanged:
                self._known = None
            except (Outrun, psycopg.errors.DeadlockDetected):
                pass
            else:
                stock.shrink()
                return outcomes
        if len(arrivals) == 1:
            return [LEFT]
        raise Outrun

    async def _network(self) -> tuple[View, StockView]:
        if self._known is None or self._known[0].stale:
            before, view = self._known, await asyncio.to_thread(_read_network)
            same = before is not None and before[0].version == view.version
            self._known = view, before[1] if before and same else StockView(view)
        return self._known

    async def _connect(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = await connect()
        return self._connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    def _leave(self, some: Sequence[_Waiting]) -> None:
        for one in some:
            _tell(one, LEFT)


async def connect() -> Connection:
    """A connection for batches: everything is prepared, and indexes are used whatever ANALYZE saw.

    A plan made while a table was small would otherwise read all of it once it has grown.
    """
    connection: AsyncConnection[Any] = await psycopg.AsyncConnection.connect(
        db.plain_url(),
        autocommit=True,
        connect_timeout=5,
        prepare_threshold=0,
        application_name="tributary capture",
        options=f"{db.SESSION_OPTIONS} -c enable_seqscan=off -c enable_hashjoin=off"
        " -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan",
    )
    # One size for all whole numbers: else each size would be prepared as a statement of its own.
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    connection.adapters.register_dumper(Int8, Int8BinaryDumper)
    return connection


def _tell(one: _Waiting, outcome: Outcome) -> None:
    if not one.answer.done():  # the sender may have gone away
        one.answer.set_result(outcome)


def _read_network() -> View:
    with db.transaction() as session:
        return network.current(session)
