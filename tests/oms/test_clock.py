"""The clock, and how a test sets it."""

import threading
from contextvars import copy_context
from datetime import UTC, datetime, timedelta

from oms import clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_the_clock_stands_still_in_the_block_and_goes_on_after_it() -> None:
    before = datetime.now(UTC)
    with clock.at(NOON):
        assert clock.now() == NOON
        with clock.at(NOON + timedelta(days=1)):
            assert clock.now() == NOON + timedelta(days=1)
        assert clock.now() == NOON
    assert clock.now() >= before


def test_the_clock_goes_on_after_an_error_in_the_block() -> None:
    before = datetime.now(UTC)
    try:
        with clock.at(NOON):
            raise RuntimeError
    except RuntimeError:
        pass
    assert clock.now() >= before


def test_another_thread_has_its_own_time_unless_it_takes_ours_along() -> None:
    seen: list[datetime] = []

    def look() -> None:
        seen.append(clock.now())

    with clock.at(NOON):
        alone = threading.Thread(target=look)
        with_us = threading.Thread(target=copy_context().run, args=(look,))
        for thread in (alone, with_us):
            thread.start()
            thread.join()
    assert seen[0] != NOON
    assert seen[1] == NOON
