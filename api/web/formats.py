"""How numbers, times and money are shown to people."""

import json
from contextlib import suppress
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from oms import clock, money

Urgency = Literal["late", "soon", "near", "calm"]

_SOON_MIN = 15
_NEAR_MIN = 60
_HOURS_FROM_MIN = 120
_DAYS_FROM_MIN = 48 * 60
_SOME_WAIT_S = 3 * 60
_LONG_WAIT_S = 5 * 60
_LONGEST_SHOWN = 100_000


def remaining(minutes: int) -> str:
    """The time to a promise in words ("12 min left", "8 min late")."""
    if minutes == 0:
        return "due now"
    return f"{_span(abs(minutes))} {'left' if minutes > 0 else 'late'}"


def urgency(minutes: int) -> Urgency:
    """How pressing that is; the page shows it in colour beside the words."""
    if minutes < 0:
        return "late"
    if minutes <= _SOON_MIN:
        return "soon"
    return "near" if minutes <= _NEAR_MIN else "calm"


def ago(moment: datetime) -> str:
    """How long something is past ("3 min ago")."""
    minutes = int((clock.now() - moment).total_seconds() // 60)
    return "just now" if minutes < 1 else f"{_span(minutes)} ago"


def local(moment: datetime, zone: str) -> str:
    """A moment on the clock of a location ("Tue 3 Mar, 14:30")."""
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%b, %H:%M}"


def clock_time(moment: datetime, zone: str) -> str:
    """The time of day on the clock of a location ("14:30")."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def waited(seconds: int) -> str:
    """How long somebody has waited, to the second ("2:05 min")."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02} min"


def wait_urgency(seconds: int) -> Urgency:
    """How pressing such a wait is."""
    return "late" if seconds >= _LONG_WAIT_S else "soon" if seconds >= _SOME_WAIT_S else "near"


def utc(moment: datetime) -> str:
    """A moment for people in many places ("3 Mar 2026, 14:30:05 UTC")."""
    return f"{moment.day} {moment:%b %Y, %H:%M:%S} UTC"


def price(minor: int, currency: str) -> str:
    """An amount of money ("USD 1,012.50")."""
    return money.grouped(minor, currency=currency)


def weight(grams: int) -> str:
    """A weight ("1.25 kg", "480 g")."""
    return f"{grams / 1000:.2f} kg" if grams >= 1000 else f"{grams} g"


def words(value: str) -> str:
    """A stored code as words ("out_for_delivery" becomes "out for delivery")."""
    return value.replace("_", " ")


def units(number: int, *, thing: str = "unit") -> str:
    """A count with its noun ("1 unit", "3 units")."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def body_text(body: bytes) -> str:
    """A message's body for reading: JSON indented, anything else as it came."""
    text = body.decode("utf-8", errors="replace")
    with suppress(ValueError, RecursionError):  # no JSON, or made to be nested too deep
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    if len(text) > _LONGEST_SHOWN:
        return text[:_LONGEST_SHOWN] + f"\n… and {len(text) - _LONGEST_SHOWN} characters more"
    return text


def _span(minutes: int) -> str:
    if minutes >= _DAYS_FROM_MIN:
        return units(minutes // (24 * 60), thing="day")
    if minutes >= _HOURS_FROM_MIN:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{minutes} min"
