"""By which ways goods of a pickup may come to its store: as the policy allows and calendars say.

    leaves[l]   = days until a parcel leaves l                    see `oms.sourcing.dating`
    arrives[l]  = first day >= leaves[l] + days of the lane on which the store works
    lane days   = arrives[l] - leaves[l]

The lane that names both ends goes before one that names the sender, that before one that names the
store, and that before one for all. Without days of its own a transfer takes as long as a parcel
takes by the tariff.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from oms.sourcing import dating
from oms.sourcing.policy import Policy, TransferLane
from routing import geo
from routing.problem import Lane, Problem

_Ends = tuple[str | None, str | None]

NO_LANES: Final[tuple[Lane, ...]] = ()


def lanes(
    problem: Problem, policy: Policy, *, receiving: Mapping[str, Sequence[int]]
) -> tuple[Lane, ...]:
    """Every lane into the stores of `receiving`, which says on which days each takes goods in.

    Days are counted as in the problem. A place from which nothing leaves has no lane.
    """
    if not policy.transfers:
        return NO_LANES
    stated: dict[_Ends, TransferLane] = {(one.sender, one.store): one for one in policy.transfers}
    return tuple(
        lane
        for store, days in receiving.items()
        if days
        for lane in _into(problem, store, days, stated)
    )


def _into(
    problem: Problem, store: str, receiving: Sequence[int], stated: Mapping[_Ends, TransferLane]
) -> Iterator[Lane]:
    transit = _transit_days(problem, store)
    for place, by_tariff in zip(problem.locations, transit, strict=True):
        found = _closest(stated, sender=place.id, store=store)
        if place.id == store or found is None or place.handling_days >= dating.NEVER:
            continue
        on_the_way = by_tariff if found.days is None else found.days
        next_open = bisect_left(receiving, place.handling_days + on_the_way)
        if next_open == len(receiving):
            continue
        yield Lane(
            source=place.id,
            to=store,
            parcel_cents=found.parcel_cents,
            line_cents=found.line_cents,
            days=receiving[next_open] - place.handling_days,
        )


def _closest(
    stated: Mapping[_Ends, TransferLane], *, sender: str, store: str
) -> TransferLane | None:
    for ends in ((sender, store), (sender, None), (None, store), (None, None)):
        if ends in stated:
            return stated[ends]
    return None


def _transit_days(problem: Problem, store: str) -> list[int]:
    """How long a parcel would take from each location to the store."""
    places, tariff = problem.locations, problem.tariff
    to = next(place for place in places if place.id == store)
    points = geo.unit_vectors([place.lat for place in places], [place.lon for place in places])
    edges = geo.zone_edges(tariff.zone_miles, road_factor=problem.road_factor)
    zones = geo.zones(edges, geo.squared_chords(points, lat=to.lat, lon=to.lon))
    return [tariff.transit_days[zone] for zone in zones.tolist()]
