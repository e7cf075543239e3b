"""What must be told is claimed by one at a time, told once, and tried again ever more slowly."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.exc import DataError
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.latest import latest
from oms.audit.recording import REQUEST_ID, of_order, record
from oms.db import listen_connection, transaction
from oms.outbox import delivering
from oms.outbox.appending import WAKE_RELAY, append
from oms.outbox.live import LIVE, announce
from oms.outbox.models import OutboxRow

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def told(session: Session, topic: str = "order.captured") -> None:
    append(session, topic=topic, subject_type="order", subject_id=uuid4(), version=1)


def test_rows_are_claimed_oldest_first_when_their_time_has_come(session: Session) -> None:
    with clock.at(NOON):
        for topic in ("one", "two", "three"):
            told(session, topic)
        assert [row.topic for row in delivering.claim(session, limit=2)] == ["one", "two"]
    with clock.at(NOON - timedelta(seconds=1)):
        assert delivering.claim(session, limit=9) == []


def test_a_delivered_row_is_not_claimed_again(session: Session) -> None:
    told(session)
    [row] = delivering.claim(session, limit=9)
    delivering.delivered(row)
    assert delivering.claim(session, limit=9) == []


def test_a_failed_row_waits_longer_each_time_and_at_most_five_minutes(session: Session) -> None:
    waits = []
    with clock.at(NOON):
        told(session)
        [row] = delivering.claim(session, limit=9)
        for _ in range(10):
            delivering.failed(row, error="x" * 999)
            waits.append(int((row.available_at - NOON).total_seconds()))
        assert delivering.claim(session, limit=9) == []
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert (row.attempts, len(row.last_error or "")) == (10, 500)
    with clock.at(NOON + timedelta(minutes=5)):
        assert delivering.claim(session, limit=9) == [row]
    delivering.delivered(row)
    assert row.last_error is None


@pytest.mark.usefixtures("live_database")
def test_two_relays_do_not_claim_the_same_row() -> None:
    with transaction() as session:
        for _ in range(4):
            told(session)
    with transaction() as first, transaction() as second:
        mine = {row.id for row in delivering.claim(first, limit=3)}
        theirs = {row.id for row in delivering.claim(second, limit=3)}
    assert (len(mine), len(theirs), mine & theirs) == (3, 1, set())


def heard(listener: psycopg.Connection[object], *, most: int) -> list[str]:
    return [note.payload for note in listener.notifies(timeout=1.0, stop_after=most)]


@pytest.mark.usefixtures("live_database")
def test_the_relay_is_woken_once_by_each_transaction_that_commits() -> None:
    with listen_connection() as listener:
        listener.execute(f"LISTEN {WAKE_RELAY}")
        with transaction() as session:
            told(session)
            told(session)
        assert heard(listener, most=2) == [""]
        with pytest.raises(DataError), transaction() as session:
            told(session, "a\x00b")
        assert heard(listener, most=1) == []
    with transaction() as session:
        assert len(session.exec(select(OutboxRow)).all()) == 2


@pytest.mark.usefixtures("live_database")
def test_open_pages_of_a_store_hear_of_a_change_once() -> None:
    place = uuid4()
    with listen_connection() as listener:
        listener.execute(f"LISTEN {LIVE}")
        with transaction() as session:
            announce(session, location_id=place)
            announce(session, location_id=place)
        assert heard(listener, most=2) == [str(place)]


def test_the_trail_of_an_order_is_in_sequence_and_names_the_request(session: Session) -> None:
    order_id, part = uuid4(), uuid4()
    token = REQUEST_ID.set("req-0000-0001")
    for action, subject in (("captured", order_id), ("picked", part), ("packed", part)):
        record(
            session,
            action=action,
            subject_type="test",
            subject_id=subject,
            order_id=order_id,
            actor="anna",
        )
    REQUEST_ID.reset(token)
    record(session, action="picked", subject_type="test", subject_id=part, actor="ben")
    session.flush()
    rows = of_order(session, order_id, since=clock.now())
    assert [(row.action, row.request_id) for row in rows] == [
        ("captured", "req-0000-0001"),
        ("picked", "req-0000-0001"),
        ("packed", "req-0000-0001"),
    ]
    newest = latest(session, subject_type="test", subject_ids=[part, uuid4()], action="picked")
    assert {subject: row.actor for subject, row in newest.items()} == {part: "ben"}


def test_rows_stay_in_the_sequence_of_their_writing(session: Session) -> None:
    for number in range(5):
        told(session, str(number))
    session.flush()
    rows = session.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all()
    assert [row.topic for row in rows] == ["0", "1", "2", "3", "4"]
