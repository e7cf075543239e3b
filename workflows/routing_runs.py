"""Look at all orders that wait, find better places for them together, and move those that can."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import SearchAttributeKey

with workflow.unsafe.imports_passed_through():
    from workflows.activities import routing_runs
    from workflows.messages import RunAsked, RunEnded, Subject
    from workflows.queues import DATABASE_RETRY, SOLVER

_READING = timedelta(minutes=10)
_SOLVING = timedelta(minutes=90)
_MOVING = timedelta(minutes=30)
_SIGN_OF_LIFE = timedelta(minutes=1)
_KIND = SearchAttributeKey.for_keyword("OmsKind")
_STAGE = SearchAttributeKey.for_keyword("OmsStage")


@workflow.defn
class RoutingRun:
    """One joint run: a problem for each currency in which orders wait.

    Every step is written down when it is done. Terminated and started again under its id, it goes
    on where it was; a run that never comes does no harm, because each order is routed when its
    wait is over.
    """

    @workflow.run
    async def run(self, asked_by: str) -> list[RunEnded]:
        """Make the run and say what came of it."""
        self._show("collecting")
        run_ids = await workflow.execute_activity(
            routing_runs.collect_waiting,
            RunAsked(workflow.info().workflow_id, asked_by, at=workflow.now()),
            summary="Gather the orders that wait into one problem",
            start_to_close_timeout=_READING,
            retry_policy=DATABASE_RETRY,
        )
        ended = [await self._one(Subject(run_id, at=workflow.now())) for run_id in run_ids]
        workflow.set_current_details("\n\n".join(_words(one) for one in ended) or "Nobody waits.")
        self._show("done")
        return ended

    async def _one(self, run: Subject) -> RunEnded:
        self._show("solving")
        await workflow.execute_activity(
            routing_runs.solve_run,
            run,
            task_queue=SOLVER,
            summary="Find better places, in a process of its own",
            start_to_close_timeout=_SOLVING,
            heartbeat_timeout=_SIGN_OF_LIFE,
            retry_policy=DATABASE_RETRY,
        )
        self._show("proposing")
        await workflow.execute_activity(
            routing_runs.propose_moves,
            run,
            summary="Say for every order where it should be",
            start_to_close_timeout=_READING,
            retry_policy=DATABASE_RETRY,
        )
        self._show("moving")
        return await workflow.execute_activity(
            routing_runs.move_orders,
            Subject(run.id, at=workflow.now()),
            summary="Move what is worth it and has not changed",
            start_to_close_timeout=_MOVING,
            heartbeat_timeout=_SIGN_OF_LIFE,
            retry_policy=DATABASE_RETRY,
        )

    def _show(self, stage: str) -> None:
        workflow.upsert_search_attributes([_KIND.value_set("routing run"), _STAGE.value_set(stage)])


def _words(one: RunEnded) -> str:
    said = (
        f"**Run {one.number}**: {one.orders} order(s) waited, {one.committed} moved,"
        f" {one.lost} lost, {one.kept} kept"
    )
    return said + (f". Everything stayed: {one.fallback}" if one.fallback else "")
