"""When each scan of a parcel happens: the same parcel always has the same journey."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from carriers.base import NotFound, Scan, ScanCode
from carriers.simulated.config import SimulatedConfig
from carriers.simulated.numbers import read
from carriers.simulated.rates import service_of


@dataclass(frozen=True, slots=True)
class _Step:
    """A scan at some part of the journey: between `share` and `share + spread` of its days."""

    share: float
    spread: float
    code: ScanCode
    place: str
    text: str


_START: Final = (
    _Step(0.00, 0.02, ScanCode.ACCEPTED, "Origin depot", "Received from the sender"),
    _Step(0.06, 0.06, ScanCode.IN_TRANSIT, "Origin depot", "Departed"),
)
_HUB: Final = (
    _Step(0.40, 0.10, ScanCode.IN_TRANSIT, "Hub", "Arrived"),
    _Step(0.53, 0.08, ScanCode.IN_TRANSIT, "Hub", "Departed"),
)
_ARRIVAL: Final = _Step(0.74, 0.08, ScanCode.IN_TRANSIT, "Destination depot", "Arrived")
_ON_VAN: Final = _Step(0.85, 0.04, ScanCode.OUT_FOR_DELIVERY, "Destination depot", "On the van")
_DELIVERED: Final = _Step(0.91, 0.08, ScanCode.DELIVERED, "Recipient", "Left with the recipient")
_FAILED: Final = _Step(0.91, 0.08, ScanCode.DELIVERY_FAILED, "Recipient", "Nobody at home")
_LOST: Final = _Step(2.00, 0.50, ScanCode.LOST, "", "Not found in the network")
_RETURNED: Final = _Step(2.20, 0.40, ScanCode.RETURNED_TO_SENDER, "Sender", "Given back")


def planned_scans(
    config: SimulatedConfig, *, tracking_number: str, handed_over_at: datetime
) -> Iterator[Scan]:
    """All scans that the parcel will ever have, oldest first, none late for its delivery date.

    Identifiers depend on the tracking number alone, so a repeat is recognised. Raises
    `NotFound` for a number of another carrier.
    """
    parts = read(tracking_number)
    service = service_of(parts.service_digit)
    days = service.days_by_zone[parts.zone - 1] if service else None
    if days is None:
        raise NotFound(f"{tracking_number!r} names a service that does not exist")
    for index, step in enumerate(_journey(config, tracking_number, days=days), start=1):
        share = step.share + step.spread * _chance(tracking_number, f"when {index}")
        yield Scan(
            id=f"{tracking_number}-{index:02d}",
            tracking_number=tracking_number,
            code=step.code,
            at=handed_over_at + timedelta(days=days * share) / config.speed,
            place=step.place,
            text=step.text,
        )


def _journey(config: SimulatedConfig, tracking_number: str, *, days: int) -> list[_Step]:
    way = [*_START, *(_HUB if days > 1 else ())]
    to_door = [*way, _ARRIVAL, _ON_VAN]
    fate = _chance(tracking_number, "fate")
    if fate < config.lost_share:
        return [*way, _LOST]
    fate -= config.lost_share
    if fate < config.returned_share:
        return [*to_door, _FAILED, *_next_day(_ON_VAN, _FAILED, days=days), _RETURNED]
    fate -= config.returned_share
    if fate < config.failed_share:
        return [*to_door, _FAILED, *_next_day(_ON_VAN, _DELIVERED, days=days)]
    return [*to_door, _DELIVERED]


def _next_day(*steps: _Step, days: int) -> list[_Step]:
    later = 1 / days
    return [
        _Step(step.share + later, step.spread, step.code, step.place, step.text) for step in steps
    ]


def _chance(tracking_number: str, what: str) -> float:
    """A number from 0 to below 1 that looks random and never changes."""
    digest = hashlib.sha256(f"{tracking_number} {what}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
