"""Decide some days again under another policy, and say what that would have changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from oms.db import transaction
from oms.replays import joint, reading
from oms.replays.choosing import Chosen, every_version
from oms.replays.figures import Figures
from oms.replays.reading import Days
from oms.replays.report import Changed, Left, Pair, ParcelTold, PlanTold, Report, RunTold
from oms.sourcing.deciding import Solved
from oms.sourcing.models import RoutingDecision
from oms.sourcing.policy import Policy
from oms.sourcing.replaying import Kept, NotReplayable, decide_again, kept_of, made_by
from routing.explain import PlanCost
from routing.stored import parse_explanation

Told = Callable[[int, int], None]
"""Is told how many of how many decisions and runs are done."""

_OTHERWISE: Final = "under the policy it was made by it comes out otherwise now"


@dataclass(slots=True)
class _Found:
    """What is added up while decisions are replayed."""

    totals: dict[str, Pair] = field(default_factory=dict)
    compared: int = 0
    reproduced: int = 0
    changed: list[Changed] = field(default_factory=list)
    not_compared: list[Left] = field(default_factory=list)
    not_reproduced: list[Left] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    """What could not be weighed, each thing once."""


def replay(
    days: Days,
    chosen: Chosen,
    *,
    against: Chosen | None = None,
    tell: Told = lambda _done, _of: None,
) -> Report:
    """Put every decision of these days to a policy; compare with another, or with what was decided.

    The same decisions and policies give the same report. What cannot be replayed is in it with
    the reason, and in none of the sums. Nothing is written.
    """
    with transaction() as session:
        ids = reading.decision_ids(session, days)
        runs = reading.run_ids(session, days)
        versions = every_version(session)
    found = _Found()
    other = None if against is None else against.policy
    for done, (row, number) in enumerate(reading.decisions(ids), start=1):
        _one(found, row, number, chosen.policy, other, versions)
        tell(done, len(ids) + len(runs))
    told: list[RunTold] = []
    for run_id in runs:
        told.append(joint.replay_run(run_id, chosen.policy, other, versions))
        tell(len(ids) + len(told), len(ids) + len(runs))
    return Report(
        days=tuple(day.isoformat() for day in days.days),
        time_zone=str(days.zone),
        policy=chosen.told(),
        against=None if against is None else against.told(),
        decisions=len(ids),
        compared=found.compared,
        reproduced=found.reproduced,
        orders_changed=len({one.order for one in found.changed}),
        totals=tuple(found.totals[currency] for currency in sorted(found.totals)),
        runs=tuple(told),
        changed=tuple(found.changed),
        not_compared=tuple(found.not_compared),
        not_reproduced=tuple(found.not_reproduced),
        notes=tuple(found.notes),
    )


def _one(
    found: _Found,
    row: RoutingDecision,
    number: int,
    policy: Policy,
    against: Policy | None,
    versions: Mapping[int, Policy],
) -> None:
    try:
        kept = kept_of(row)
        again, after, before = _solved(kept, made_by(kept, versions), policy, against)
    except NotReplayable as reason:
        found.not_compared.append(_left(row, number, reason.message))
        return
    found.compared += 1
    for solved in (again, after, before):
        found.notes |= dict.fromkeys(() if solved is None else solved.notes)
    if _same(row, again):
        found.reproduced += 1
    else:
        found.not_reproduced.append(_left(row, number, _OTHERWISE))
    old = parse_explanation(row.explanation).winner if before is None else _winner(before)
    _compare(found, kept, number, old, _winner(after))


def _solved(
    kept: Kept, own: Policy, policy: Policy, against: Policy | None
) -> tuple[Solved, Solved, Solved | None]:
    """The decision under each of these; policies that say the same are asked once."""
    again = decide_again(kept, own)
    after = again if policy == own else decide_again(kept, policy)
    if against is None:
        return again, after, None
    if against == policy:
        return again, after, after
    return again, after, again if against == own else decide_again(kept, against)


def _compare(found: _Found, kept: Kept, number: int, before: PlanCost, after: PlanCost) -> None:
    row, days = kept.row, kept.inputs.promise_days
    units = {line.id: line.units for line in kept.order.lines}
    skus = {line.id: line.sku for line in kept.order.lines}
    pair = found.totals.setdefault(
        row.currency, Pair(currency=row.currency, before=Figures(), after=Figures())
    )
    pair.before.add(before, units=units, promise_days=days)
    pair.after.add(after, units=units, promise_days=days)
    if _places(before) != _places(after):
        found.changed.append(
            Changed(
                order=str(row.order_id),
                number=number,
                decision=str(row.id),
                currency=row.currency,
                before=_told(before, skus, days),
                after=_told(after, skus, days),
            )
        )


def _same(row: RoutingDecision, again: Solved) -> bool:
    plan: Any = again.decision.plan_document()
    return bool(plan == row.plan and again.decision.cost_cents == row.cost_minor)


def _winner(solved: Solved) -> PlanCost:
    return solved.decision.explanation.winner


def _places(plan: PlanCost) -> Sequence[tuple[str, tuple[str, ...]]]:
    return sorted((parcel.location, parcel.lines) for parcel in plan.parcels)


def _told(plan: PlanCost, skus: Mapping[str, str], promise_days: int) -> PlanTold:
    return PlanTold(
        cost_minor=plan.cents,
        parcels=tuple(
            ParcelTold(location=parcel.location, skus=tuple(skus[line] for line in parcel.lines))
            for parcel in plan.parcels
        ),
        unfilled=tuple(line.sku for line in plan.unfilled),
        late=any(parcel.days > promise_days for parcel in plan.parcels),
    )


def _left(row: RoutingDecision, number: int, reason: str) -> Left:
    return Left(decision=str(row.id), order=str(row.order_id), number=number, reason=reason)
