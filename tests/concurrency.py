"""Several things at once, on real connections."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psycopg

T = TypeVar("T")

_PATIENCE_S = 20.0


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Start all calls at the same moment, each in its thread; their results or errors in order."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Exception:
        gate.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def after_all_wait(
    url: str, calls: Sequence[Callable[[], T]], *, block: str
) -> list[T | Exception]:
    """Let every call run into locks that the statement `block` takes, then let go of the locks.

    What follows happens in the sequence in which the calls queued for each lock, so that a
    deadlock that lock order should prevent is certain if it does not.
    """
    with psycopg.connect(url) as blocker, ThreadPoolExecutor(len(calls)) as pool:
        blocker.execute(block)  # type: ignore[call-overload]  # the test wrote the statement
        running = []
        for number, call in enumerate(calls, start=1):
            running.append(pool.submit(call))
            wait_until_blocked(url, number)
        blocker.rollback()
        return [task.exception() or task.result() for task in running]  # type: ignore[misc]


def wait_until_blocked(url: str, number: int) -> None:
    """Return when so many connections to the database wait for a lock."""
    with psycopg.connect(url, autocommit=True) as watcher:
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            row = watcher.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
            if row and row[0] >= number:
                return
            time.sleep(0.01)
    raise AssertionError(f"fewer than {number} connections came to wait for a lock")
