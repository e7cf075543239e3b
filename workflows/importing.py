"""Import an uploaded file, however often the worker is interrupted at it."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import importing
    from workflows.messages import News, Subject
    from workflows.queues import DATABASE_RETRY

_WHOLE_FILE = timedelta(hours=6)
_ONE_PIECE = timedelta(minutes=2)


@workflow.defn
class ImportFile:
    """One file. The import's row is the record; this only sees that somebody works on it."""

    @workflow.signal
    def changed(self, news: News) -> None:
        """The file was sent again; it is being imported already."""

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """Import it and say how it went."""
        return await workflow.execute_activity(
            importing.run_import,
            subject,
            summary="Read, check and enter the rows, piece by piece",
            start_to_close_timeout=_WHOLE_FILE,
            heartbeat_timeout=_ONE_PIECE,
            retry_policy=DATABASE_RETRY,
        )
