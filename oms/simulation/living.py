"""One day under one policy: orders come, wait, are moved by joint runs, and are routed for good.

Every decision is made by the code that decides in the running system.
"""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from oms.replays.figures import Figures
from oms.settings import settings
from oms.simulation.demand import Asked
from oms.simulation.shelves import Account, Shelves, Waiting, units_of
from oms.simulation.stating import expected_days, snapshot_of, task_of
from oms.simulation.world import Hours, World
from oms.sourcing import bid_prices, collecting, freezing, weighing
from oms.sourcing.holding import best_plan
from oms.sourcing.joint import solve_jointly
from oms.sourcing.policy import Policy, before, release_at
from oms.sourcing.problems import Task
from oms.sourcing.proposing import propose
from routing.problem import Order

_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Life:
    """A network under one policy."""

    world: World
    hours: Hours
    policy: Policy
    shelves: Shelves
    account: Account
    came: Sequence[Asked]
    """The orders of this day and those before it, as far back as prices are learned from."""


def live(life: Life, arrivals: Sequence[Asked], *, begin: datetime) -> Figures:
    """Let a day (UTC) pass; what it came to by itself is returned, and added to the account.

    Of what happens at one moment, releases go before joint runs, and these before new orders.
    """
    today, end = Figures(), begin + _A_DAY
    coming = deque(arrivals)
    shelves = life.shelves
    while True:
        release = min(shelves.waiting.values(), key=lambda one: one.release_at, default=None)
        releases_at = end if release is None else release.release_at
        runs_at = _run_at(shelves, begin) or end
        arrives_at = coming[0].at if coming else end
        now = min(releases_at, runs_at, arrives_at)
        if now >= end:
            return today
        if release is not None and now == releases_at:
            _release(life, release, now, today)
        elif now == runs_at:
            _look_jointly(life, now)
        else:
            _arrive(life, coming.popleft(), today)


def _run_at(shelves: Shelves, begin: datetime) -> datetime | None:
    """The next joint run; none when nothing has changed since the last: it would find the same."""
    if shelves.stirred_at is None or not shelves.waiting:
        return None
    pause = timedelta(minutes=settings().routing_run_minutes)
    return begin + max(0, (shelves.stirred_at - begin) // pause + 1) * pause


def _arrive(life: Life, asked: Asked, today: Figures) -> None:
    task = _task(life, asked, now=asked.at)
    policy, inputs = life.policy, task.inputs
    service = inputs.service(policy)
    if not any(one.minutes for one in policy.holds if one.service is service):
        _decide(life, asked, task, asked.at, today)
        return
    plan = best_plan(
        task.problem, late_days=task.late_days, late_cents_per_day=task.late_cents_per_day
    )
    waits_until = release_at(
        policy,
        channel=asked.channel,
        service=service,
        captured_at=asked.at,
        promise_by=inputs.promise_by,
        cut_offs=_cut_offs(life, {parcel.location for parcel in plan.parcels}, asked.at),
    )
    if waits_until is None:
        _decide(life, asked, task, asked.at, today)
        return
    life.shelves.take(units_of(asked, plan))
    life.shelves.waiting[asked.id] = Waiting(
        asked,
        waits_until,
        {line: parcel.location for parcel in plan.parcels for line in parcel.lines},
    )
    life.shelves.stirred_at = asked.at
    life.account.waited += 1


def _cut_offs(life: Life, codes: Collection[str], now: datetime) -> list[datetime]:
    """The next cut-offs of some locations."""
    found = [
        life.world.calendars[place.code].next_cut_off(now, cut_off=place.cut_off)
        for place in life.world.places
        if place.code in codes
    ]
    return [moment for moment in found if moment is not None]


def _release(life: Life, one: Waiting, now: datetime, today: Figures) -> None:
    """Route an order that has waited; it stays where joint routing has put it, if it can."""
    del life.shelves.waiting[one.asked.id]
    life.shelves.give_back(one.held())
    whole = all(line.id in one.at for line in one.asked.lines)
    task = _task(life, one.asked, now=now, frozen=one.at if whole else {})
    _decide(life, one.asked, task, now, today)


def _look_jointly(life: Life, now: datetime) -> None:
    """Look at all orders that wait, and move those for which that is worth it."""
    shelves = life.shelves
    for one in shelves.waiting.values():
        shelves.give_back(one.held())
    stated = snapshot_of(life.world, life.hours, shelves, policy=life.policy, now=now)
    stated, notes = collecting.completed(stated, life.policy)
    expected = _expected(life, now)
    joint = solve_jointly(stated.problem, None, expected=expected)
    for wish in propose(stated, joint.answer, life.policy).wishes:
        if wish.kept is None:
            moved = shelves.waiting[wish.order_id]
            moved.at = dict(wish.new)
            if ends := _cut_offs(life, set(moved.at.values()), now):
                moved.release_at = max(now, min(moved.release_at, before(*ends)))
            life.account.moved += 1
    for one in shelves.waiting.values():
        shelves.take(one.held())
    _learn(life, joint.worth, expected or ())
    shelves.stirred_at = None
    life.account.runs += 1
    life.account.note(notes)


def _expected(life: Life, now: datetime) -> Sequence[Sequence[Order]] | None:
    """What may come, as in the running system; where bid prices do not count, nobody asks."""
    if not weighing.looks_at_prices(life.policy):
        return None
    return expected_days(
        life.world, life.hours, life.shelves, life.came, policy=life.policy, now=now
    )


def _learn(life: Life, worth: bid_prices.Prices, expected: Sequence[Sequence[Order]]) -> None:
    """Bid prices follow a run as they do in the running system."""
    if not worth:
        return
    shelves = life.shelves
    coming = {line.sku for day in expected for order in day for line in order.lines}
    waiting = {line.sku for one in shelves.waiting.values() for line in one.asked.lines}
    shelves.bid_prices = dict(
        bid_prices.smoothed(
            shelves.bid_prices,
            worth,
            skus=coming | waiting,
            smoothing_percent=life.policy.bid_prices.smoothing_percent,
        )
    )


def _decide(life: Life, asked: Asked, task: Task, now: datetime, today: Figures) -> None:
    decision = freezing.solve(task).decision
    life.account.note(task.notes)
    life.shelves.take(units_of(asked, decision.plan))
    life.shelves.given += [(now, parcel.location) for parcel in decision.plan.parcels]
    units = {line.id: line.units for line in asked.lines}
    for figures in (today, life.account.figures):
        figures.add(decision.explanation.winner, units=units, promise_days=task.inputs.promise_days)


def _task(life: Life, asked: Asked, *, now: datetime, frozen: dict[str, str] | None = None) -> Task:
    return task_of(
        life.world,
        life.hours,
        life.shelves,
        asked,
        policy=life.policy,
        now=now,
        frozen=frozen or {},
    )
