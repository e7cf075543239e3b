"""When a basket arrives if it is ordered now, what that costs, and why it cannot be promised.

The engine, its limits and its prices are those of routing, so an order with the date that is
promised is routed on time as long as stock and capacity are what they were. Dates that cost less
the later they are follow the earliest, up to the standing promise.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from oms import clock
from oms.promises.baskets import Stated
from oms.settings import settings
from oms.sourcing import dating
from routing import exact
from routing.candidates import Bools, Choices, survey, too_heavy
from routing.cost import FORBIDDEN
from routing.packages import Package
from routing.problem import Line
from routing.wording import amount


@dataclass(frozen=True, slots=True)
class Sent:
    """A parcel of the plan: from where, when it leaves and when it is there."""

    location: str
    skus: tuple[str, ...]
    leaves_on: date
    arrives_on: date


@dataclass(frozen=True, slots=True)
class ShippingOption:
    """A date by which the whole basket is there, for an order until `order_before`."""

    arrives_on: date
    promise_by: datetime
    """The end of that date on the customer's clock, as an order states it."""
    order_before: datetime
    """The first cut-off of the locations concerned; later the date may be a later one."""
    cost_minor: int
    """What sending it costs the shop: carriage, packing and picking."""
    parcels: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why one article of the basket is not promised. `free` are all units that could be sent."""

    sku: str
    units: int
    free: int
    reason: str


@dataclass(frozen=True, slots=True)
class Shipping:
    """Dates, the earliest first; what lacks, if there is none."""

    options: tuple[ShippingOption, ...]
    lacking: tuple[Lacking, ...]


def promise(stated: Stated) -> Shipping:
    """Find the dates at which all of the basket can be there."""
    if stated.releases_at is not None:
        return Shipping((), _not_released(stated, stated.releases_at))
    choices = survey(stated.network, stated.supply, stated.order())
    options = tuple(_option(stated, choices, *found) for found in _cheaper_and_cheaper(choices))
    return Shipping(options, () if options else _lacking(stated, choices))


def _cheaper_and_cheaper(choices: Choices) -> Iterator[tuple[int, int, tuple[Package, ...]]]:
    """Yield days, cost and plan of the earliest date, then of each later one that costs less.

    A date holds if what routing finds for it leaves nothing unfilled.
    """
    least = FORBIDDEN
    for days in sorted(set(choices.days[choices.able.any(axis=0)].tolist())):
        if least < FORBIDDEN and days > settings().ship_promise_days:
            return
        able = choices.able & (choices.days <= days)
        if not able.any(axis=1).all():
            continue
        found = exact.solve(replace(choices, able=able))
        filled = sum(len(package.lines) for package in found.packages)
        if filled == len(choices.lines) and found.cost_cents < least:
            least = found.cost_cents
            yield days, least, found.packages


def _option(
    stated: Stated, choices: Choices, days: int, cost: int, packages: tuple[Package, ...]
) -> ShippingOption:
    view = stated.view
    places = [view.places[package.at] for package in packages]
    cut_offs = [place.calendar.next_cut_off(clock.now(), cut_off=place.cut_off) for place in places]
    arrives_on = view.today + timedelta(days=days)
    promise_by = dating.end_of(arrives_on, zone=view.zone(stated.where)).astimezone(UTC)
    return ShippingOption(
        arrives_on=arrives_on,
        promise_by=promise_by,
        order_before=min((at for at in cut_offs if at is not None), default=promise_by),
        cost_minor=cost,
        parcels=tuple(
            Sent(
                location=place.code,
                skus=tuple(choices.lines[line].id for line in package.lines),
                leaves_on=view.today
                + timedelta(days=int(stated.network.handling_days[package.at])),
                arrives_on=view.today + timedelta(days=int(choices.days[package.at])),
            )
            for place, package in zip(places, packages, strict=True)
        ),
    )


def _not_released(stated: Stated, releases_at: datetime) -> tuple[Lacking, ...]:
    why = f"an article of the basket is not sold before {releases_at:%Y-%m-%d %H:%M} UTC"
    return tuple(Lacking(line.id, line.units, _free(stated, line), why) for line in stated.lines)


def _lacking(stated: Stated, choices: Choices) -> tuple[Lacking, ...]:
    """The lines that routing would leave unfilled however late, each with the reason."""
    filled = {line for package in exact.solve(choices).packages for line in package.lines}
    return tuple(
        Lacking(line.id, line.units, _free(stated, line), _why(stated, choices, at))
        for at, line in enumerate(choices.lines)
        if at not in filled
    )


def _free(stated: Stated, line: Line) -> int:
    shipping = np.array([place.can_ship for place in stated.view.places], dtype=np.bool_)
    return int(_held(stated, line)[shipping].sum())


def _held(stated: Stated, line: Line) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    held: np.ndarray[tuple[int], np.dtype[np.int32]] = stated.supply.units[
        stated.supply.row[line.sku]
    ]
    return held


def _why(stated: Stated, choices: Choices, at: int) -> str:
    """The first limit that no location passes for this line."""
    line, view = choices.lines[at], stated.view
    held = _held(stated, line)
    ships = np.array([place.can_ship for place in view.places], dtype=np.bool_)
    has: Bools = choices.in_stock[at]
    if not held.any():
        return "no location has any that may be promised"
    if not has.any():
        most = int(held.max())
        return (
            f"no location has {line.units} together: the most at one is {most},"
            f" and {int(held.sum())} in all"
        )
    if not (has & ships).any():
        return "only locations that do not ship have it"
    if not (has & ships & (choices.parcels_left > 0)).any():
        return "every location that has it has used up its capacity for today"
    most_days = stated.policy.limits.late_days
    if not (has & ships & (choices.days <= most_days)).any():
        return f"no location that has it can bring it within {most_days} days"
    if too_heavy(choices.rates, line):
        return f"{line.weight_g} g are more than a parcel may weigh"
    return _dear_or_scattered(stated, choices, at)


def _dear_or_scattered(stated: Stated, choices: Choices, at: int) -> str:
    """Why a line stays that one location could send: its cost, or too many parcels."""
    line, rates = choices.lines[at], choices.rates
    carriage = rates.carriage[rates.band(line.weight_g), choices.zone]
    costs = np.where(choices.able[at], carriage + rates.parcel + rates.line, FORBIDDEN)
    cheapest = int(costs.min())
    if cheapest >= line.unfilled_cents:
        sending, leaving = (
            amount(cents, stated.currency) for cents in (cheapest, line.unfilled_cents)
        )
        return f"sending it costs {sending}, and leaving it out is reckoned at {leaving}"
    most = stated.policy.limits.max_parcels
    return f"the basket would need more than {most} parcel{'' if most == 1 else 's'}"
