"""The net under everything: open rows without a workflow, workflows whose row is closed."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import reconciling
    from workflows.messages import Mended
    from workflows.queues import DATABASE_RETRY

_ONE_PASS = timedelta(minutes=5)


@workflow.defn
class Reconcile:
    """Compare the database with what runs, and mend both."""

    @workflow.run
    async def run(self) -> Mended:
        """Make one pass."""
        return await workflow.execute_activity(
            reconciling.reconcile,
            summary="Compare open rows with running workflows",
            start_to_close_timeout=_ONE_PASS,
            retry_policy=DATABASE_RETRY,
        )
