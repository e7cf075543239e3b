"""Rows that are sent by COPY arrive as they were, whatever they hold."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from oms.copying import copy_rows

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
ROWS = st.lists(st.tuples(st.none() | TEXTS, st.none() | st.integers(-(2**31), 2**31 - 1)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ROWS)
def test_every_text_arrives_as_it_was(
    session: Session, rows: list[tuple[str | None, int | None]]
) -> None:
    session.execute(text("CREATE TEMPORARY TABLE IF NOT EXISTS sent (at serial, a text, b int)"))
    session.execute(text("TRUNCATE sent"))
    copy_rows(session, "sent", ("a", "b"), rows)
    found = session.execute(text("SELECT a, b FROM sent ORDER BY at")).all()
    assert [tuple(row) for row in found] == rows


def test_what_copy_reads_as_something_else_is_escaped(session: Session) -> None:
    session.execute(text("CREATE TEMPORARY TABLE sent (a text, b text, at timestamptz)"))
    now = datetime(2026, 3, 1, 10, 30, 0, 5, tzinfo=UTC)
    rows = [("\\N", None, now), ("a\tb", "c\\", None), ("\\.", "\r\n", now), (None, "\\\\", now)]
    copy_rows(session, "sent", ("a", "b", "at"), rows)
    found = session.execute(text("SELECT a, b, at FROM sent")).all()
    assert [tuple(row) for row in found] == rows
