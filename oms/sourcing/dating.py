"""The days that routing and promises reckon in, from calendars, cut-offs and opening hours.

Routing counts whole days. They are dates, counted from *today*, the earliest date that a location's
clock shows now, so that locations in several time zones are compared by the calendar:

    handling_days[l] = departure[l] - today           see `oms.locations.calendars`
    pickup_days[l]   = date on which a pickup would be ready at l - today
    promise_days     = date of the promise on the customer's clock - today
    on time          : departure[l] + transit days <= date of the promise

Transit days are days of the calendar, as the tariff states them. The customer's clock is that of
the location nearest to them, and the store's own where they collect.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from oms import clock
from oms.locations.calendars import Calendar
from oms.settings import settings
from routing import geo
from routing.problem import MOST_DAYS

NEVER: Final = MOST_DAYS
"""The days until a parcel leaves a place that stays closed."""
_RECEIVING_DAYS: Final = 60


def today(calendars: Iterable[Calendar]) -> date:
    """The earliest date that any of these locations has now."""
    now = clock.now()
    zones = {calendar.zone for calendar in calendars}
    return min((now.astimezone(zone).date() for zone in zones), default=now.date())


def days_to_departure(calendar: Calendar, *, cut_off: time, handling_days: int, first: date) -> int:
    """Days from `first` until a parcel ordered now leaves; `NEVER` if the place stays closed."""
    leaves = calendar.departure(clock.now(), cut_off=cut_off, handling_days=handling_days)
    return NEVER if leaves is None else min((leaves - first).days, NEVER)


def ready_by(calendar: Calendar, *, placed_at: datetime) -> datetime:
    """When a pickup is ready: so many minutes of the store's opening time after the order."""
    return calendar.ready_by(placed_at, timedelta(minutes=settings().pickup_ready_minutes))


def days_to_ready(calendar: Calendar, *, first: date) -> int:
    """Days from `first` until a pickup ordered now is ready."""
    ready = ready_by(calendar, placed_at=clock.now()).astimezone(calendar.zone).date()
    return min((ready - first).days, MOST_DAYS)


def working_days(calendar: Calendar, *, first: date) -> tuple[int, ...]:
    """Days from `first` on which a location works, today among them, for the next 60 days of it."""
    today_there = clock.now().astimezone(calendar.zone).date()
    days = islice(calendar.working_days(today_there), _RECEIVING_DAYS)
    return tuple((day - first).days for day in days)


def days_left(promise_by: datetime, *, zone: ZoneInfo, first: date) -> int:
    """Days from `first` to the date of the promise, within what routing reckons with.

    Never negative: a late order still wants the fastest way.
    """
    days = (promise_by.astimezone(zone).date() - first).days
    return min(max(0, days), MOST_DAYS)


def end_of(day: date, *, zone: ZoneInfo) -> datetime:
    """The last second of a date, as a promise names it."""
    return datetime.combine(day, time(23, 59, 59), zone)


def nearest(points: geo.Floats, where: tuple[float, float]) -> int | None:
    """The position of the point nearest to a place; None without points."""
    if not points.shape[1]:
        return None
    return int(np.argmin(geo.squared_chords(points, lat=where[0], lon=where[1])))
