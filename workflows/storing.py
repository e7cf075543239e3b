"""Every hour: partitions ahead of their time, and old ones into files."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.activities import storing
    from workflows.queues import DATABASE_RETRY

_MAKING = timedelta(minutes=5)
_ARCHIVING = timedelta(hours=12)
_ONCE = RetryPolicy(maximum_attempts=1)
"""The next hour's run carries on."""


@workflow.defn
class KeepStorage:
    """Look after the tables that grow without end."""

    @workflow.run
    async def run(self) -> str:
        """Make one pass."""
        made = await workflow.execute_activity(
            storing.make_partitions,
            summary="Make partitions ahead of their time",
            start_to_close_timeout=_MAKING,
            retry_policy=DATABASE_RETRY,
        )
        archived = await workflow.execute_activity(
            storing.archive_what_is_old,
            summary="Move what is old into files",
            start_to_close_timeout=_ARCHIVING,
            retry_policy=_ONCE,
        )
        return f"{made} partitions made, {archived} archived"
