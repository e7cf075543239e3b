"""Weeks of the same demand under several policies, day by day, kept after each of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from oms.replays.choosing import Chosen
from oms.simulation import state as states
from oms.simulation.demand import Asked
from oms.simulation.living import Life, live
from oms.simulation.report import PolicyFound, Report
from oms.simulation.shelves import Account, Shelves
from oms.simulation.state import DayTold, State, stage_of
from oms.simulation.world import Hours, World
from oms.sourcing import expecting
from oms.sourcing.policy import Policy


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be simulated. `of` is a digest of all that decides what comes out."""

    world: World
    policies: Mapping[str, Policy]
    orders: Callable[[date], Sequence[Asked]]
    """The orders of a day (UTC), the same whenever they are asked for."""
    demand: str
    start: date
    days: int
    restocked_every_days: int
    of: str


def simulate(
    plan: Plan, *, state: Path | None = None, tell: Callable[[State], None] = lambda _: None
) -> Report:
    """Simulate all days that are left, and report on all.

    With a state file each day is kept when it is over, and a simulation that was stopped goes on
    there: the report is the same as if it had never been. `tell` is called after each day.
    """
    now = None if state is None else states.read(state)
    if now is None:
        now = _begun(plan)
    else:
        states.require_same(now, of=plan.of, policies=plan.policies, days=plan.days)
    while now.done < plan.days:
        now = _next_day(plan, now)
        if state is not None:
            states.write(state, now)
        tell(now)
    return _report(plan, _settled(plan, now))


def _begun(plan: Plan) -> State:
    stages = {
        name: stage_of(Shelves(free=dict(plan.world.opening)), Account(), [])
        for name in plan.policies
    }
    return State(of=plan.of, start=plan.start, done=0, policies=stages)


def _next_day(plan: Plan, now: State) -> State:
    day = now.start + timedelta(days=now.done)
    begin = datetime.combine(day, time(0), UTC)
    arrivals = plan.orders(day)
    came = [*_before(plan, day), *arrivals]
    restocked = now.done > 0 and now.done % plan.restocked_every_days == 0
    stages = {}
    for name, policy in plan.policies.items():
        stage = now.policies[name]
        shelves, account = stage.shelves(), stage.account
        if restocked:
            shelves.fill_up(plan.world.opening, at=begin)
        life = Life(plan.world, Hours(plan.world), policy, shelves, account, came)
        today = live(life, arrivals, begin=begin)
        told = DayTold(day=day, decisions=today.decisions, cost_minor=today.cost_minor)
        stages[name] = stage_of(shelves, account, [*stage.days, told])
    return now.model_copy(update={"done": now.done + 1, "policies": stages})


def _before(plan: Plan, day: date) -> list[Asked]:
    """The orders of the days before one, as far back as prices are learned from."""
    days = (day - timedelta(days=ago) for ago in range(expecting.DAYS, 0, -1))
    return [asked for one in days if one >= plan.start for asked in plan.orders(one)]


def _settled(plan: Plan, now: State) -> State:
    """The state after what waits beyond the last day has been routed as well.

    Nothing waits for more than a day. It is not kept: more weeks go on from the last day.
    """
    day = now.start + timedelta(days=now.done)
    begin, came = datetime.combine(day, time(0), UTC), _before(plan, day)
    stages = {}
    for name, policy in plan.policies.items():
        stage = now.policies[name].model_copy(deep=True)
        shelves, account = stage.shelves(), stage.account
        life = Life(plan.world, Hours(plan.world), policy, shelves, account, came)
        rest = live(life, (), begin=begin)
        *days, last = stage.days
        last.decisions += rest.decisions
        last.cost_minor += rest.cost_minor
        stages[name] = stage_of(shelves, account, [*days, last])
    return now.model_copy(update={"policies": stages})


def _report(plan: Plan, now: State) -> Report:
    days = [now.start + timedelta(days=number) for number in range(now.done)]
    return Report(
        currency=plan.world.currency,
        start=now.start,
        days=now.done,
        orders=sum(len(plan.orders(day)) for day in days),
        demand=plan.demand,
        restocked_every_days=plan.restocked_every_days,
        policies=[
            PolicyFound(
                policy=Chosen(policy).told(),
                figures=now.policies[name].account.figures,
                waited=now.policies[name].account.waited,
                joint_runs=now.policies[name].account.runs,
                moved=now.policies[name].account.moved,
                notes=now.policies[name].account.notes,
                days=now.policies[name].days,
            )
            for name, policy in plan.policies.items()
        ],
    )
