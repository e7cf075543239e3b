"""Wake the pages of a location when something there has changed.

One LISTEN connection for the whole process. A wake-up says only *that* something changed, and the
moment up to which that is so; the page reads again. Whoever loses the connection is woken after it
is back, so nothing is missed.
"""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import structlog
from fastapi.concurrency import run_in_threadpool
from psycopg import sql

from oms.db import listen_connection, transaction
from oms.outbox import live as outbox

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_LOOK_UP_S = 0.5
_LONGEST_RETRY_S = 10.0


class Changes:
    """One open page's wake-ups."""

    def __init__(self, location_id: UUID) -> None:
        self.location_id = location_id
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self.moment = ""
        """Up to when the last wake-up was."""

    def wake(self, moment: str) -> None:
        """Say from any thread that something has changed, up to this moment."""
        try:
            self._loop.call_soon_threadsafe(self._wake, moment)
        except RuntimeError:  # the loop has ended, and the page with it
            return

    def _wake(self, moment: str) -> None:
        self.moment = moment
        self._woken.set()

    async def wait(self, *, timeout_s: float) -> bool:
        """Whether something changed within the time; wake-ups that came together count once."""
        try:
            await asyncio.wait_for(self._woken.wait(), timeout_s)
        except TimeoutError:
            return False
        self._woken.clear()
        return True


class _Hub:
    """The open pages of this process and the thread that listens for them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._pages: set[Changes] = set()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def ending(self) -> bool:
        return self._ending.is_set()

    def start(self) -> None:
        if self._thread is not None:
            return
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="live-listener", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ending.set()
        self.wake(None, "")

    def stop(self) -> None:
        self.end()
        if self._thread is not None:
            self._thread.join(timeout=_LOOK_UP_S + 5)
            self._thread = None

    def add(self, page: Changes) -> None:
        with self._guard:
            self._pages.add(page)

    def remove(self, page: Changes) -> None:
        with self._guard:
            self._pages.discard(page)

    def wake(self, location: str | None, moment: str) -> None:
        """Wake the pages of one location, or all of them."""
        with self._guard:
            pages = [
                page
                for page in self._pages
                if location is None or str(page.location_id) == location
            ]
        for page in pages:
            page.wake(moment)

    def _run(self) -> None:
        wait_s = 1.0
        while not self.ending:
            try:
                with listen_connection() as connection:
                    wait_s = 1.0
                    self._listen(connection)
            except psycopg.Error as error:
                log.warning("live_connection_lost", error=str(error), retry_s=wait_s)
                self._ending.wait(wait_s)
                wait_s = min(2 * wait_s, _LONGEST_RETRY_S)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(outbox.LIVE)))
        self.wake(None, outbox.moment(connection))  # whatever happened before we listened
        while not self.ending:
            notes = list(connection.notifies(timeout=_LOOK_UP_S, stop_after=1))
            now = outbox.moment(connection) if notes else ""
            for location in {note.payload for note in notes}:
                self.wake(location, now)


_HUB = _Hub()


async def start() -> None:
    """Begin to listen. Starting twice is harmless."""
    _HUB.start()


async def stop() -> None:
    """Stop listening and end every open stream."""
    await run_in_threadpool(_HUB.stop)


def end_streams() -> None:
    """End every open stream now.

    A server waits for its answers to be complete before it tells the application to stop, and
    a stream is never complete by itself: call this as soon as the server is asked to end.
    """
    _HUB.end()


def ending() -> bool:
    """Whether streams should end now."""
    return _HUB.ending


def catch_up(location_id: UUID, told: str) -> tuple[bool, str]:
    """What `oms.outbox.live.catch_up` says, in a transaction of its own."""
    with transaction() as session:
        return outbox.catch_up(session, location_id=location_id, told=told)


@contextmanager
def changes_at(location_id: UUID) -> Generator[Changes]:
    """The wake-ups of one location for as long as the block lasts."""
    page = Changes(location_id)
    _HUB.add(page)
    try:
        yield page
    finally:
        _HUB.remove(page)
