"""When a parcel leaves: cut-offs, days of work, closed days, time zones, daylight saving."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from oms.locations.calendars import Calendar

NEW_YORK, PARIS = ZoneInfo("America/New_York"), ZoneInfo("Europe/Paris")
DAY = ((time(9), time(17)),)
WEEKDAYS = (*(DAY,) * 5, (), ())
THURSDAY, FRIDAY, SATURDAY, MONDAY, TUESDAY = (date(2026, 6, day) for day in (18, 19, 20, 22, 23))
THREE = time(15)


def a_calendar(
    spans: tuple[tuple[tuple[time, time], ...], ...] = WEEKDAYS,
    *closed: date,
    zone: ZoneInfo = NEW_YORK,
) -> Calendar:
    return Calendar(zone=zone, spans=spans, closed=frozenset(closed))


def local(day: date, hour: int, minute: int = 0, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("ordered", "handling_days", "leaves"),
    [
        (local(THURSDAY, 14, 59), 0, THURSDAY),
        (local(THURSDAY, 15), 0, FRIDAY),
        (local(THURSDAY, 14, 59), 1, FRIDAY),
        (local(THURSDAY, 15), 1, MONDAY),
        (local(FRIDAY, 16), 0, MONDAY),
        (local(SATURDAY, 8), 0, MONDAY),
        (local(SATURDAY, 23), 1, TUESDAY),
        (local(THURSDAY, 0, 5), 0, THURSDAY),
    ],
)
def test_a_parcel_leaves_on_the_day_of_the_next_cut_off_and_handling_takes_days_of_work(
    ordered: datetime, handling_days: int, leaves: date
) -> None:
    found = a_calendar().departure(ordered, cut_off=THREE, handling_days=handling_days)
    assert found == leaves


def test_a_closed_day_is_no_day_of_work() -> None:
    calendar = a_calendar(WEEKDAYS, FRIDAY, MONDAY)
    assert calendar.departure(local(THURSDAY, 15), cut_off=THREE, handling_days=0) == TUESDAY
    assert calendar.departure(local(FRIDAY, 9), cut_off=THREE, handling_days=0) == TUESDAY


def test_without_hours_every_day_but_a_closed_one_is_a_day_of_work() -> None:
    calendar = a_calendar(((),) * 7, SATURDAY)
    assert calendar.departure(local(FRIDAY, 12), cut_off=THREE, handling_days=0) == FRIDAY
    assert calendar.departure(local(FRIDAY, 15), cut_off=THREE, handling_days=0) == date(
        2026, 6, 21
    )


def test_nothing_leaves_a_place_that_stays_closed() -> None:
    season = [THURSDAY + timedelta(days=ahead) for ahead in range(61)]
    calendar = a_calendar(WEEKDAYS, *season)
    assert calendar.departure(local(THURSDAY, 9), cut_off=THREE, handling_days=0) is None
    assert calendar.next_cut_off(local(THURSDAY, 9), cut_off=THREE) is None
    short = a_calendar(WEEKDAYS, *season[:30])
    assert short.departure(local(THURSDAY, 9), cut_off=THREE, handling_days=0) == date(2026, 7, 20)


def test_the_cut_off_is_on_the_clock_of_the_location() -> None:
    moment = datetime(2026, 6, 18, 14, 30, tzinfo=UTC)  # 10:30 in New York, 16:30 in Paris
    for zone, leaves in ((NEW_YORK, THURSDAY), (PARIS, FRIDAY)):
        calendar = a_calendar(zone=zone)
        assert calendar.departure(moment, cut_off=THREE, handling_days=0) == leaves
    late = datetime(2026, 6, 19, 3, 0, tzinfo=UTC)  # still Thursday in New York
    assert a_calendar().departure(late, cut_off=THREE, handling_days=0) == FRIDAY


def test_the_cut_off_keeps_its_local_time_when_clocks_change() -> None:
    """In New York clocks go back on 1 November 2026: 15:00 is 19:00 UTC before and 20:00 after."""
    calendar = a_calendar((DAY,) * 7)
    before, after = date(2026, 10, 31), date(2026, 11, 1)
    half_past = timedelta(minutes=30)
    for day, hour in ((before, 19), (after, 20)):
        cut_off = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        assert calendar.next_cut_off(cut_off - half_past, cut_off=THREE) == cut_off
        leaves = calendar.departure(cut_off - half_past, cut_off=THREE, handling_days=0)
        assert leaves == day
        leaves = calendar.departure(cut_off, cut_off=THREE, handling_days=0)
        assert leaves == day + timedelta(days=1)


def test_the_next_cut_off_is_that_of_a_day_of_work() -> None:
    calendar = a_calendar(WEEKDAYS, MONDAY)
    assert calendar.next_cut_off(local(FRIDAY, 14), cut_off=THREE) == local(FRIDAY, 15)
    assert calendar.next_cut_off(local(FRIDAY, 15), cut_off=THREE) == local(TUESDAY, 15)
