"""Tracking numbers: made from the purchase's key alone, and checked by their last digit.

`SIM` + service digit + zone digit + 15 digits of HMAC-SHA256(seed, key) + check digit.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

from carriers.base import NotFound

_SHAPE: Final = re.compile(r"SIM[1-9][1-9][0-9]{16}")
_DIGITS: Final = 15

# H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004): finds every single wrong digit and
# every swap of neighbours, which the modulus-10 schemes of most carriers do not.
_DAMM: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


@dataclass(frozen=True, slots=True)
class NumberParts:
    """What a tracking number tells about its parcel."""

    service_digit: int
    zone: int


def tracking_number(*, seed: str, key: str, service_digit: int, zone: int) -> str:
    """The number of the parcel bought with a key: always the same for the same arguments."""
    digest = hmac.digest(seed.encode(), key.encode("utf-8", "surrogatepass"), hashlib.sha256)
    serial = int.from_bytes(digest) % 10**_DIGITS
    digits = f"{service_digit}{zone}{serial:0{_DIGITS}d}"
    return f"SIM{digits}{check_digit(digits)}"


def read(number: str) -> NumberParts:
    """The parts of a tracking number. Raises `NotFound` unless shape and check digit hold."""
    if not _SHAPE.fullmatch(number) or check_digit(number[3:]) != 0:
        raise NotFound(f"{number!r} is not one of this carrier's tracking numbers")
    return NumberParts(service_digit=int(number[3]), zone=int(number[4]))


def check_digit(digits: str) -> int:
    """Damm's check digit; 0 for digits that already end in theirs."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return interim
