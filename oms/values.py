"""The kinds of value in files that people write, each as strict as the column that it goes to."""

from datetime import date, time
from functools import cache
from typing import Annotated, Final
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

_GTIN_LENGTHS: Final = frozenset({8, 12, 13, 14})


def gtin_check_digit(digits: str) -> int:
    """The digit that completes a GTIN (GS1 General Specifications, section 7.9)."""
    weighted = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    )
    return -weighted % 10


def _storable(value: str) -> str:
    """Text that PostgreSQL can hold."""
    if "\x00" in value:
        raise ValueError("has a NUL character in it")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("has half a surrogate pair in it")
    return value


def _said(value: str) -> str:
    """Text that says something and is found again as it was typed."""
    if not value.strip():
        raise ValueError("must not be empty")
    if value != value.strip():
        raise ValueError(f"begins or ends with a space: {value!r}")
    return _storable(value)


def _barcode(value: str) -> str:
    """Any text, but what looks like a GTIN has to be one."""
    if value.isascii() and value.isdigit() and len(value) in _GTIN_LENGTHS:
        right = gtin_check_digit(value[:-1])
        if int(value[-1]) != right:
            raise ValueError(f"{value} is no GTIN-{len(value)}: its last digit would be {right}")
    return value


@cache
def _time_zones() -> frozenset[str]:
    """Every zone of the IANA data base; listing them walks through hundreds of files."""
    return frozenset(available_timezones())


def _time_zone(value: str) -> str:
    if value not in _time_zones():
        raise ValueError(f"{value!r} is no time zone; write one like America/Denver")
    return value


def _local_time(value: object) -> time:
    try:
        read = value if isinstance(value, time) else time.fromisoformat(str(value))
    except ValueError:
        read = None
    if read is None or read.tzinfo is not None or not isinstance(value, str | time):
        raise ValueError(f"must be a local time such as 09:00, not {value!r}"[:200])
    return read


def _day(value: object) -> date:
    try:
        read = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        read = None
    if read is None or not isinstance(value, str | date):
        raise ValueError(f"must be a date such as 2026-12-25, not {value!r}"[:200])
    return read


_SAID = AfterValidator(_said)

Name = Annotated[str, StringConstraints(strict=True, max_length=200), _SAID]
Remark = Annotated[str, StringConstraints(strict=True, max_length=200), AfterValidator(_storable)]
Sku = Annotated[str, StringConstraints(strict=True, max_length=64), _SAID]
Barcode = Annotated[
    str, StringConstraints(strict=True, max_length=64), _SAID, AfterValidator(_barcode)
]
ChannelCode = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,40}$")]
ChannelSku = Annotated[str, StringConstraints(strict=True, max_length=120), _SAID]
LocationCode = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9._-]{1,40}$")]
Postcode = Annotated[str, StringConstraints(strict=True, max_length=12, to_upper=True), _SAID]
Country = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{2}$")]
TariffNumber = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{6,12}$")]
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]
TimeZone = Annotated[str, StringConstraints(strict=True), AfterValidator(_time_zone)]
LocalTime = Annotated[time, BeforeValidator(_local_time)]
Day = Annotated[date, BeforeValidator(_day)]
Flag = Annotated[bool, Field(strict=True)]
Latitude = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
Grams = Annotated[int, Field(strict=True, gt=0, le=1_000_000)]
Millimetres = Annotated[int, Field(strict=True, gt=0, le=100_000)]
Units = Annotated[int, Field(strict=True, ge=0, le=100_000_000)]
Minor = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
"""Money in minor units; beyond ten million dollars it is a mistake, not a price."""
