"""The import of an uploaded file."""

from uuid import UUID

from temporalio import activity

from oms.db import transaction
from oms.imports import running, uploads
from workflows.messages import Subject


@activity.defn
def run_import(subject: Subject) -> str:
    """Import the file or carry on with it; a worker that died at it is replaced by another."""
    import_id = UUID(subject.id)
    with uploads.fetched(import_id) as sheet:
        if sheet is None:
            return "the file is no longer kept: it was imported before"
        task = running.run(
            import_id, sheet, tell=lambda progress: activity.heartbeat(progress.rows_done)
        )
    with transaction() as session:
        uploads.forget(session, import_id)
    return f"{task.status.value}: {task.added} added, {task.changed} changed, {task.wrong} wrong"
