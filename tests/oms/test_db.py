"""Questions put to the driver itself see the session's work and fail as the session's own do."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError
from sqlmodel import Session

from oms.db import alone, read_rows, transaction
from tests.builders import a_product
from tests.concurrency import wait_until_blocked

NAMED = "SELECT sku, weight_g FROM products WHERE sku = ANY(%b::text[]) ORDER BY sku"


def test_what_the_session_has_not_written_yet_is_read(session: Session) -> None:
    a_product(session, "MUG").weight_g = 7
    assert read_rows(session, NAMED, [["MUG", "NONE"]]) == [("MUG", 7)]


def test_a_value_that_cannot_be_stored_is_the_error_that_every_door_knows(
    session: Session,
) -> None:
    with pytest.raises(DataError), session.begin_nested():
        read_rows(session, NAMED, [["a\x00b"]])


def test_a_connection_that_died_costs_one_transaction(live_database: str) -> None:
    with pytest.raises(OperationalError):
        _lose_the_connection()
    with transaction() as session:
        assert read_rows(session, NAMED, [["MUG"]]) == []


def test_of_two_who_want_to_be_alone_one_waits_and_another_subject_does_not(
    live_database: str,
) -> None:
    seen: list[str] = []

    def later() -> None:
        with alone("order 1"):
            seen.append("second")

    with ThreadPoolExecutor(1) as pool:
        with alone("order 1"):
            waiting = pool.submit(later)
            wait_until_blocked(live_database, 1)
            with alone("order 2"):
                seen.append("first")
        waiting.result(timeout=10)
    assert seen == ["first", "second"]


def _lose_the_connection() -> None:
    with transaction() as dying:
        [(mine,)] = read_rows(dying, "SELECT pg_backend_pid()", [])
        with transaction() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        read_rows(dying, NAMED, [["MUG"]])
