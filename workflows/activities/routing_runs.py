"""Steps of a joint run. Each is done once, however often it is asked for."""

from uuid import UUID

from temporalio import activity

from oms.sourcing import moving, runs
from workflows.activities.work import final_rules, unit_of_work, workflow_time
from workflows.messages import RunAsked, RunEnded, Subject


@activity.defn
def collect_waiting(asked: RunAsked) -> list[str]:
    """Begin a run for each currency in which orders wait."""
    with workflow_time(asked.at), final_rules():
        return [str(run_id) for run_id in runs.collect(asked.name, asked_by=asked.by)]


@activity.defn
def solve_run(subject: Subject) -> None:
    """Let the solver look at it; it is ended with this activity."""
    with final_rules():
        runs.solve(UUID(subject.id), watch=activity.heartbeat)


@activity.defn
def propose_moves(subject: Subject) -> None:
    """Say for every order where it should be."""
    with final_rules():
        runs.make_proposal(UUID(subject.id))


@activity.defn
def move_orders(subject: Subject) -> RunEnded:
    """Move what should be elsewhere, and end the run."""
    run_id = UUID(subject.id)
    with workflow_time(subject.at), final_rules():
        moving.carry_out(run_id, watch=activity.heartbeat)
        counts = runs.finish(run_id)
    with unit_of_work() as session:
        run = runs.read(session, run_id)
    assert run.number is not None
    return RunEnded(
        id=subject.id,
        number=run.number,
        orders=run.orders,
        committed=counts["committed"],
        lost=counts["lost"],
        kept=counts["kept"],
        fallback=run.fallback_reason or "",
    )
