"""From files and options to what is to be simulated."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from oms.errors import Invalid
from oms.network.schema import NetworkFile
from oms.settings import settings
from oms.simulation import demand_file
from oms.simulation.demand import Asked, made_up, market_of
from oms.simulation.simulating import Plan
from oms.simulation.state import digest
from oms.simulation.world import World, world_of
from oms.sourcing.policy import Policy, document

_WEEK: Final = 7

People = Mapping[tuple[float, float], float]
"""How many live at which coordinates."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. `demand` is the document of a demand file."""

    weeks: int
    seed: int
    orders_per_day: float
    start: date
    restocked_every_days: int
    demand: object = None
    people: People | None = None


def plan_of(network: NetworkFile, policies: Sequence[Policy], wanted: Wanted) -> Plan:
    """What is to be simulated. Raises `Invalid` for what does not fit together."""
    named = {policy.name: policy for policy in policies}
    if len(named) < len(policies):
        raise Invalid(
            "two of the policies have the same name, and the report could not tell them apart",
            field="policies",
            remedy="give each file a `name` of its own",
        )
    world = world_of(network)
    _require_known(policies, world)
    if wanted.demand is None:
        orders, said = _made_up(network, wanted)
    else:
        orders, said = _from_file(network, world, wanted)
    return Plan(
        world=world,
        policies=named,
        orders=orders,
        demand=said,
        start=wanted.start,
        days=wanted.weeks * _WEEK,
        restocked_every_days=wanted.restocked_every_days,
        of=_digest(network, policies, wanted),
    )


def _made_up(network: NetworkFile, wanted: Wanted) -> tuple[Callable[[date], Sequence[Asked]], str]:
    market = market_of(network, wanted.people)
    said = (
        f"made up from seed {wanted.seed}, {wanted.orders_per_day:g} orders on a mean day,"
        f" customers {_homes(network, wanted)}"
    )

    def orders(day: date) -> Sequence[Asked]:
        return list(made_up(market, day, seed=wanted.seed, mean=wanted.orders_per_day))

    return orders, said


def _homes(network: NetworkFile, wanted: Wanted) -> str:
    if wanted.people:
        return "by the population of their postcodes"
    return "evenly by postcode" if network.postcodes else "where the locations are"


def _from_file(
    network: NetworkFile, world: World, wanted: Wanted
) -> tuple[Callable[[date], Sequence[Asked]], str]:
    days: dict[date, list[Asked]] = {}
    asked = demand_file.read(wanted.demand, network, world)
    end = wanted.start + timedelta(days=wanted.weeks * _WEEK)
    for one in asked:
        if not wanted.start <= one.at.date() < end:
            raise Invalid(
                f"the order of {one.at:%Y-%m-%d %H:%M} UTC is not between {wanted.start} and {end}",
                field=f"orders[{one.id}].at",
                remedy="give another --start, or more --weeks",
            )
        days.setdefault(one.at.date(), []).append(one)
    return lambda day: days.get(day, []), f"{len(asked):,} orders from a file"


def _require_known(policies: Sequence[Policy], world: World) -> None:
    codes = {place.code for place in world.places}
    for policy in policies:
        for at, one in enumerate(policy.exclusions):
            if one.location not in codes:
                raise Invalid(
                    f"policy {policy.name!r} excludes {one.location!r}, which is no active"
                    " location of the network file",
                    field=f"exclusions[{at}].location",
                )


def _digest(network: NetworkFile, policies: Sequence[Policy], wanted: Wanted) -> str:
    known = settings()
    return digest(
        [
            network.model_dump_json(),
            json.dumps([document(policy) for policy in policies]),
            json.dumps([wanted.seed, wanted.orders_per_day, wanted.restocked_every_days]),
            wanted.start.isoformat(),
            json.dumps(wanted.demand, sort_keys=True),
            json.dumps(sorted([*where, count] for where, count in (wanted.people or {}).items())),
            json.dumps(
                [
                    known.road_factor,
                    known.ship_promise_days,
                    known.pickup_ready_minutes,
                    known.routing_run_minutes,
                ]
            ),
        ]
    )
