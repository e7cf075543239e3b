"""The calendar is cut without a gap."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.ids import first_id_at, new_id, time_of
from oms.storage import maintaining, spans
from oms.storage.partitions import Partition
from oms.storage.spans import Span

moments = st.integers(0, 6_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))
kinds: st.SearchStrategy[Span] = st.sampled_from(["day", "week", "month"])


@given(kinds, moments)
def test_a_moment_lies_in_one_span_and_the_next_begins_where_it_ends(
    span: Span, moment: datetime
) -> None:
    lower, upper = spans.start(span, moment), spans.end(span, moment)
    assert lower <= moment < upper
    assert spans.start(span, upper) == upper
    assert spans.start(span, upper - timedelta(microseconds=1)) == lower


@pytest.mark.parametrize(
    ("span", "lower", "upper", "horizon"),
    [
        ("day", "2026-11-30", "2026-12-01", "2026-12-03"),
        ("week", "2026-11-30", "2026-12-07", "2026-12-21"),
        ("month", "2026-11-01", "2026-12-01", "2027-02-01"),
    ],
)
def test_spans_are_cut_in_utc(span: Span, lower: str, upper: str, horizon: str) -> None:
    evening = datetime(2026, 11, 29, 21, tzinfo=timezone(timedelta(hours=-5)))
    found = spans.start(span, evening), spans.end(span, evening)
    assert [f"{one:%Y-%m-%d}" for one in found] == [lower, upper]
    assert f"{spans.horizon(span, evening, ahead=2):%Y-%m-%d}" == horizon


def test_an_id_lies_not_below_the_first_of_its_time() -> None:
    before = datetime.now(UTC)
    made = new_id()
    assert first_id_at(before) <= made < first_id_at(before + timedelta(minutes=1))
    assert abs(time_of(made) - before) < timedelta(minutes=1)


def part(lower: str | None, upper: str) -> Partition:
    begins = datetime.fromisoformat(f"{lower}T00:00:00Z") if lower else None
    return Partition("p", begins, datetime.fromisoformat(f"{upper}T00:00:00Z"), 0, 0)


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ([], ["2026-11-01", "2026-12-01"]),
        ([part("2026-11-01", "2026-12-01")], ["2026-12-01"]),
        ([part(None, "2026-11-01")], ["2026-11-01", "2026-12-01"]),
        ([part(None, "2027-01-01")], []),
        ([part("2026-08-01", "2026-09-01")], [f"2026-{month:02}-01" for month in (9, 10, 11, 12)]),
        (
            [part("2026-09-01", "2026-10-01"), part("2026-12-01", "2027-01-01")],
            ["2026-10-01", "2026-11-01"],
        ),
        ([part("2026-11-02", "2026-11-09")], ["2026-11-09", "2026-12-01"]),
    ],
)
def test_what_is_missing_is_what_no_partition_holds(
    present: list[Partition], wanted: list[str]
) -> None:
    now = datetime(2026, 11, 28, 7, tzinfo=UTC)
    until = spans.horizon("month", now, ahead=1)
    found = list(maintaining.missing(present, span="month", since=now, until=until))
    assert [f"{lower:%Y-%m-%d}" for lower, _ in found] == wanted
    assert all(lower < upper <= until for lower, upper in found)
