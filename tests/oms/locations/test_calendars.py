"""Opening hours in a location's own zone: daylight-saving change, holidays, several spans."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from oms.locations.calendars import Calendar, calendars
from oms.locations.models import ClosedDay, OpeningHours
from tests.builders import a_store, a_warehouse

NEW_YORK = ZoneInfo("America/New_York")
NINE_TO_FIVE = ((time(9), time(17)),)
WITH_LUNCH = ((time(9), time(12)), (time(13), time(17)))
MONDAY = date(2026, 6, 15)


def a_calendar(
    *week: tuple[tuple[time, time], ...], closed: frozenset[date] = frozenset()
) -> Calendar:
    spans = week if len(week) == 7 else week * 7
    return Calendar(zone=NEW_YORK, spans=spans, closed=closed)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), NEW_YORK).astimezone(UTC)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"),
    [(8, 59, False), (9, 0, True), (11, 59, True), (12, 0, False), (13, 0, True), (17, 0, False)],
)
def test_doors_are_open_from_the_first_minute_of_a_span_to_its_last(
    hour: int, minute: int, is_open: bool
) -> None:
    assert a_calendar(WITH_LUNCH).is_open(local(MONDAY, hour, minute)) is is_open


def test_opening_hours_are_those_of_the_location_not_of_utc() -> None:
    calendar = a_calendar(NINE_TO_FIVE)
    assert calendar.is_open(datetime(2026, 6, 15, 20, 59, tzinfo=UTC))
    assert not calendar.is_open(datetime(2026, 6, 15, 21, 0, tzinfo=UTC))
    assert calendar.is_open(datetime(2026, 12, 15, 21, 59, tzinfo=UTC))


def test_work_goes_on_over_lunch_and_over_night() -> None:
    calendar = a_calendar(WITH_LUNCH)
    assert calendar.add_open_time(local(MONDAY, 9), hours(2)) == local(MONDAY, 11)
    assert calendar.add_open_time(local(MONDAY, 11), hours(2)) == local(MONDAY, 14)
    tuesday = MONDAY + timedelta(days=1)
    assert calendar.add_open_time(local(MONDAY, 16), hours(2)) == local(tuesday, 10)


def test_work_that_ends_with_the_span_ends_at_closing_time() -> None:
    assert a_calendar(NINE_TO_FIVE).add_open_time(local(MONDAY, 15), hours(2)) == local(MONDAY, 17)


def test_work_begins_at_opening_time_when_the_order_came_by_night() -> None:
    calendar = a_calendar(NINE_TO_FIVE)
    assert calendar.add_open_time(local(MONDAY, 3), hours(2)) == local(MONDAY, 11)
    assert calendar.add_open_time(local(MONDAY, 22), hours(0)) == local(
        MONDAY + timedelta(days=1), 9
    )


def test_a_closed_day_and_a_weekday_without_hours_are_skipped() -> None:
    week = (NINE_TO_FIVE,) * 5 + ((), ())
    friday, next_monday, next_tuesday = (MONDAY + timedelta(days=days) for days in (4, 7, 8))
    plain = a_calendar(*week)
    holiday = a_calendar(*week, closed=frozenset({next_monday}))
    assert plain.add_open_time(local(friday, 16), hours(2)) == local(next_monday, 10)
    assert holiday.add_open_time(local(friday, 16), hours(2)) == local(next_tuesday, 10)
    assert not holiday.is_open(local(next_monday, 12))


def test_a_location_that_never_opens_never_gets_its_work_done() -> None:
    calendar = a_calendar(())
    assert calendar.add_open_time(local(MONDAY, 9), hours(1)) is None
    assert calendar.last_closing(MONDAY) is None
    assert not calendar.is_open(local(MONDAY, 12))


def test_a_location_closed_for_two_months_is_not_waited_for() -> None:
    closed = frozenset(MONDAY + timedelta(days=days) for days in range(60))
    assert a_calendar(NINE_TO_FIVE, closed=closed).add_open_time(local(MONDAY, 9), hours(1)) is None


def test_the_hour_that_is_skipped_in_spring_is_not_worked() -> None:
    spring = date(2026, 3, 8)
    calendar = a_calendar(((time(1), time(5)),))
    assert calendar.add_open_time(local(spring, 1), hours(3)) == datetime(2026, 3, 8, 9, tzinfo=UTC)
    opens, closes = next(calendar.open_spans(local(spring, 0)))
    assert closes - opens == hours(3)


def test_the_hour_that_comes_twice_in_autumn_is_worked_twice() -> None:
    autumn = date(2026, 11, 1)
    calendar = a_calendar(((time(0), time(5)),))
    opens, closes = next(calendar.open_spans(local(autumn, 0)))
    assert closes - opens == hours(6)
    assert calendar.add_open_time(local(autumn, 0), hours(5)) == datetime(
        2026, 11, 1, 9, tzinfo=UTC
    )


def test_opening_time_moves_with_the_wall_clock_over_the_change() -> None:
    saturday, sunday = date(2026, 3, 7), date(2026, 3, 8)
    calendar = a_calendar(NINE_TO_FIVE)
    assert local(saturday, 9) == datetime(2026, 3, 7, 14, tzinfo=UTC)
    assert calendar.add_open_time(local(saturday, 16), hours(2)) == datetime(
        2026, 3, 8, 14, tzinfo=UTC
    )
    assert calendar.last_closing(sunday) == datetime(2026, 3, 8, 21, tzinfo=UTC)


def test_the_last_closing_is_the_end_of_the_last_span_of_an_open_day() -> None:
    week = (WITH_LUNCH,) * 5 + ((), ())
    friday, sunday = MONDAY + timedelta(days=4), MONDAY + timedelta(days=6)
    assert a_calendar(*week).last_closing(sunday) == local(friday, 17)
    closed = a_calendar(*week, closed=frozenset({friday}))
    assert closed.last_closing(sunday) == local(friday - timedelta(days=1), 17)


def test_a_leap_day_is_a_day_like_any_other() -> None:
    calendar = a_calendar(NINE_TO_FIVE)
    assert calendar.add_open_time(local(date(2028, 2, 29), 16), hours(2)) == local(
        date(2028, 3, 1), 10
    )


@given(st.integers(0, 5 * 24 * 60), st.integers(0, 60 * 40))
def test_work_is_done_while_the_doors_are_open_and_takes_at_least_its_time(
    start_minute: int, work_minutes: int
) -> None:
    calendar = a_calendar(WITH_LUNCH, closed=frozenset({date(2026, 3, 9)}))
    start = local(date(2026, 3, 6), 0) + timedelta(minutes=start_minute)
    work = timedelta(minutes=work_minutes)
    done = calendar.add_open_time(start, work)
    assert done is not None
    assert done >= start + work
    opened = sum(
        (
            max(timedelta(0), min(end, done) - max(begin, start))
            for begin, end in calendar.open_spans(start)
            if begin < done
        ),
        timedelta(0),
    )
    assert opened == work


def test_calendars_are_read_by_code_with_spans_in_the_day_s_order(session: Session) -> None:
    store, depot = a_store(session, "S01"), a_warehouse(session, "W01")
    late = OpeningHours(location_id=store.id, weekday=0, opens=time(21), closes=time(22))
    session.add_all([late, ClosedDay(location_id=store.id, day=MONDAY, reason="fair")])
    session.flush()
    read = calendars(session, [store, depot])
    assert read["S01"].spans[0] == ((time(8), time(20)), (time(21), time(22)))
    assert read["S01"].spans[1] == ((time(8), time(20)),)
    assert read["S01"].closed == {MONDAY}
    assert read["W01"].closed == frozenset()
    assert read["S01"].zone == NEW_YORK
