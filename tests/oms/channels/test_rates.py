"""Rates that all processes keep to together: one bucket an operation, in the database."""

import threading

import pytest
from sqlmodel import Session

from oms.channels.base import ChannelUnavailable
from oms.channels.rates import Limit, SharedGate, take
from oms.db import transaction

SLOW = Limit("searchOrders", per_second=0.0056, burst=5)


def test_a_bucket_gives_its_burst_and_then_says_when_there_is_more(session: Session) -> None:
    assert [take(session, "amazon", SLOW) for _ in range(5)] == [0.0] * 5
    wait_s = take(session, "amazon", SLOW)
    assert 175 < wait_s < 180
    assert take(session, "other", SLOW) == 0.0


def test_a_bucket_fills_at_its_rate_and_never_beyond_its_burst(session: Session) -> None:
    fast = Limit("confirmShipment", per_second=1e9, burst=2)
    assert [take(session, "amazon", fast) for _ in range(10)] == [0.0] * 10


def test_many_at_once_get_no_more_than_the_burst(live_database: str) -> None:
    gate, passed, waits = SharedGate("amazon"), [], []

    def ask() -> None:
        for _ in range(3):
            try:
                gate.enter(SLOW)
            except ChannelUnavailable as error:
                waits.append(error.facts["retry_after_s"])
            else:
                passed.append(1)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == SLOW.burst
    assert len(waits) == 18 - SLOW.burst
    assert min(waits) > 0


def test_the_channels_own_word_counts(live_database: str) -> None:
    gate = SharedGate("amazon")
    gate.enter(SLOW)
    gate.turned_away(SLOW)
    with pytest.raises(ChannelUnavailable):
        gate.enter(SLOW)
    gate.learn(SLOW, 1e9)
    gate.enter(SLOW)
    with transaction() as session:
        assert take(session, "amazon", SLOW) == 0.0
