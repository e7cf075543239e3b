"""Joint runs, step by step: collect, solve, propose, and end. `moving` carries the wishes out.

Each step ends in a commit and is done once, however often it is asked for: a run goes on where it
was interrupted.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, insert
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from oms import clock
from oms.db import transaction
from oms.errors import NotFound
from oms.locations import queries as locations
from oms.settings import settings
from oms.sourcing import bid_prices, collecting, expecting, policies, states, tariffs, waiting
from oms.sourcing.policies import InForce
from oms.sourcing.policy import Policy
from oms.sourcing.proposing import BEST_PLACE, Proposal, Wish, locations_of, propose
from oms.sourcing.run_models import PlanStatus, RoutingPlan, RoutingRun, RunStatus
from oms.sourcing.snapshots import (
    Snapshot,
    joint_document,
    pack,
    pack_snapshot,
    parse_joint,
    unpack,
    unpack_snapshot,
)
from oms.sourcing.solving_apart import Attempt, solve_apart
from routing.parse import parse_tariff
from routing.problem import Order as Expected

_WITHOUT_DOCUMENTS: Final = (
    defer(RoutingRun.snapshot),  # type: ignore[arg-type]  # SQLModel types it by its value
    defer(RoutingRun.answer),  # type: ignore[arg-type]  # likewise
)


def collect(asked: str, *, asked_by: str) -> Sequence[UUID]:
    """Begin a run for each currency in which orders wait; the runs of this wish, if it has any."""
    with transaction() as session:
        if known := _asked(session, asked):
            return known
        counting = policies.current(session)
        stated = list(_state(session, counting.policy))
    whole = [
        (tariff_id, *collecting.completed(one, counting.policy))
        for tariff_id, one in stated
        if one.problem.orders
    ]
    with transaction() as session:
        _forget_old(session)
        rows = [
            _begun(
                one,
                asked=asked,
                asked_by=asked_by,
                tariff_id=tariff_id,
                counting=counting,
                notes=notes,
            )
            for tariff_id, one, notes in whole
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def solve(
    run_id: UUID, *, seconds: float | None = None, watch: Callable[[int], None] = lambda _: None
) -> None:
    """Let the solver look at a run's orders, in a process of its own.

    Without an answer that can be used the reason is recorded, and everything stays where it is.
    """
    with transaction() as session:
        run = read(session, run_id)
        if run.status is not RunStatus.COLLECTED:
            return
        expected = expecting.orders(session, currency=run.currency)
    snapshot = unpack_snapshot(run.snapshot)
    limit = settings().routing_run_seconds if seconds is None else seconds
    attempt = solve_apart(snapshot.problem, seconds=limit, expected=expected, watch=watch)
    record(run_id, snapshot, attempt, expected=expected)


def record(
    run_id: UUID,
    snapshot: Snapshot,
    attempt: Attempt,
    *,
    expected: Sequence[Sequence[Expected]] = (),
) -> None:
    """Keep what the solver found, or why it found nothing."""
    with transaction() as session:
        run = _locked(session, run_id)
        if run.status is RunStatus.COLLECTED:
            days = (snapshot.problem.orders, *expected)
            skus = {line.sku for day in days for order in day for line in order.lines}
            _record(session, run, attempt, skus)


def make_proposal(run_id: UUID) -> None:
    """Say for every order of a solved run where it should be."""
    with transaction() as session:
        run = read(session, run_id)
        if run.status is not RunStatus.SOLVED:
            return
        policy = _policy_of(session, run)
    snapshot = unpack_snapshot(run.snapshot)
    answer = None if run.answer is None else parse_joint(unpack(run.answer)).answer
    proposal = propose(snapshot, answer, policy)
    with transaction() as session:
        run = _locked(session, run_id)
        if run.status is RunStatus.SOLVED:
            _write(session, run, proposal)


def finish(run_id: UUID) -> Mapping[str, int]:
    """End a run that has no wish left; count what became of its wishes, by status."""
    with transaction() as session:
        run = _locked(session, run_id)
        if run.status is RunStatus.PROPOSED:
            states.move_run(run, RunStatus.DONE)
        return counts(session, run)


def read(session: Session, run_id: UUID) -> RoutingRun:
    """A run by its id."""
    run = session.get(RoutingRun, run_id)
    if run is None:
        raise NotFound(f"there is no routing run {run_id}", field="run_id")
    return run


def newest(session: Session, *, limit: int) -> Sequence[RoutingRun]:
    """The runs begun last."""
    return session.exec(
        select(RoutingRun)
        .order_by(col(RoutingRun.number).desc())
        .limit(limit)
        .options(*_WITHOUT_DOCUMENTS)
    ).all()


def counts(session: Session, run: RoutingRun) -> Mapping[str, int]:
    """How many orders of a run are in each status; kept are also those without a wish."""
    rows = session.exec(
        select(RoutingPlan.status, func.count())
        .where(RoutingPlan.run_id == run.id, RoutingPlan.status != PlanStatus.KEPT)
        .group_by(col(RoutingPlan.status))
    ).all()
    found = {status.value: 0 for status in PlanStatus}
    found |= {str(status): count for status, count in rows}
    return found | {PlanStatus.KEPT.value: run.orders - sum(found.values())}


def of_order(
    session: Session, order_id: UUID, *, limit: int
) -> Sequence[tuple[RoutingRun, RoutingPlan]]:
    """What joint runs wished for an order, the newest first."""
    return session.exec(
        select(RoutingRun, RoutingPlan)
        .join(RoutingPlan, col(RoutingPlan.run_id) == RoutingRun.id)
        .where(RoutingPlan.order_id == order_id)
        .order_by(col(RoutingRun.number).desc())
        .limit(limit)
        .options(*_WITHOUT_DOCUMENTS)
    ).all()


def _asked(session: Session, asked: str) -> Sequence[UUID]:
    return session.exec(
        select(RoutingRun.id).where(RoutingRun.asked == asked).order_by(RoutingRun.currency)
    ).all()


def _state(session: Session, policy: Policy) -> list[tuple[UUID, Snapshot]]:
    places = locations.active(session)
    found = []
    for currency in waiting.currencies(session):
        sheet = tariffs.current(session, currency=currency)
        pool = waiting.pool(session, currency=currency, most=settings().routing_run_most_orders)
        stated = collecting.snapshot(
            session, pool, places=places, tariff=parse_tariff(sheet.sheet), policy=policy
        )
        found.append((sheet.id, stated))
    return found


def _begun(
    stated: Snapshot,
    *,
    asked: str,
    asked_by: str,
    tariff_id: UUID,
    counting: InForce,
    notes: Sequence[str],
) -> RoutingRun:
    return RoutingRun(
        asked=asked,
        asked_by=asked_by,
        currency=stated.problem.currency,
        status=RunStatus.COLLECTED,
        at=clock.now(),
        tariff_id=tariff_id,
        policy_version=counting.version,
        orders=len(stated.problem.orders),
        snapshot=pack_snapshot(stated),
        notes=list(notes),
    )


def _record(session: Session, run: RoutingRun, attempt: Attempt, skus: Collection[str]) -> None:
    run.solver_ms = round(attempt.wall_s * 1_000)
    run.fallback_reason = attempt.failure
    if attempt.joint is not None:
        answer = attempt.joint.answer
        run.answer = pack(joint_document(attempt.joint, seconds=attempt.wall_s))
        run.answer_status = answer.status.value
        run.cost_minor = answer.cost_cents
        run.lower_bound_minor = answer.lower_bound_cents
        bid_prices.learn(
            session,
            attempt.joint.worth,
            run_id=run.id,
            skus=skus,
            smoothing_percent=_policy_of(session, run).bid_prices.smoothing_percent,
        )
    states.move_run(run, RunStatus.SOLVED)


def _write(session: Session, run: RoutingRun, proposal: Proposal) -> None:
    """Most orders are where they should be; only of the others there is something to keep."""
    now = clock.now()
    rows = [_plan(run, wish) | {"at": now} for wish in proposal.wishes if wish.kept != BEST_PLACE]
    if rows:
        session.execute(insert(RoutingPlan), rows)
    run.standing_minor = proposal.standing_cents
    states.move_run(run, RunStatus.PROPOSED)


def _plan(run: RoutingRun, wish: Wish) -> dict[str, object]:
    return {
        "run_id": run.id,
        "order_id": UUID(wish.order_id),
        "order_version": wish.version,
        "knot": wish.knot,
        "from_locations": locations_of(wish.old),
        "to_locations": locations_of(wish.new),
        "places": dict(wish.new),
        "gain_minor": wish.gain_cents,
        "status": PlanStatus.KEPT if wish.kept else PlanStatus.PROPOSED,
        "reason": wish.kept,
    }


def _policy_of(session: Session, run: RoutingRun) -> Policy:
    row = None if run.policy_version is None else policies.read(session, run.policy_version)
    return policies.in_force(row).policy


def _locked(session: Session, run_id: UUID) -> RoutingRun:
    return session.exec(
        select(RoutingRun)
        .where(RoutingRun.id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _forget_old(session: Session) -> None:
    before = clock.now() - timedelta(days=settings().routing_runs_kept_days)
    session.execute(delete(RoutingRun).where(col(RoutingRun.at) < before))
