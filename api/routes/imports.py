"""Bulk import: send a file, watch it, read what was wrong with its rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints

from api import uploads
from api.deps import ItemId, OperatorDep, SessionDep
from api.schemas.imports import ImportOut
from oms.access.models import Scope
from oms.db import transaction
from oms.imports import beginning, faults, running
from oms.imports import uploads as kept
from oms.imports.models import Import, ImportKind, ImportStatus

router = APIRouter(prefix="/v1/imports", tags=["imports"])

FileName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00/]+$")]


@router.post("", status_code=202, responses={200: {"description": "Imported before."}})
async def start(
    request: Request,
    response: Response,
    kind: Annotated[ImportKind, Query(description="What the rows are.")],
    file_name: Annotated[FileName, Query(description="Ends in .csv or .parquet.")],
    atomic: Annotated[bool, Query(description="All rows or none.")] = False,
    dry_run: Annotated[bool, Query(description="Say what would happen.")] = False,
    again: Annotated[bool, Query(description="Also if it was imported before.")] = False,
) -> ImportOut:
    """Send a file as the body of the request; a worker imports it.

    The same file is imported once: sent again, it answers 200 with the import that is done, or
    carries on with one that was interrupted. docs/imports.md describes the columns.
    """
    who = await uploads.authorized(request, Scope.OPERATIONS)
    async with uploads.on_disk(request) as path:

        def register() -> Import:
            with transaction() as session:
                return kept.register(
                    session,
                    Path(path),
                    kind,
                    file_name=file_name,
                    actor=who.actor,
                    atomic=atomic,
                    dry_run=dry_run,
                    again=again,
                )

        task = await run_in_threadpool(register)
    if task.status is ImportStatus.DONE:
        response.status_code = 200
    return ImportOut.model_validate(task)


@router.get("")
def listed(session: SessionDep, _who: OperatorDep) -> list[ImportOut]:
    """The imports that were begun last, newest first."""
    return [ImportOut.model_validate(task) for task in beginning.newest(session)]


@router.get("/{import_id}")
def one(import_id: ItemId, session: SessionDep, _who: OperatorDep) -> ImportOut:
    """How far an import is."""
    return ImportOut.model_validate(beginning.find(session, import_id))


@router.get("/{import_id}/errors", response_class=Response)
def errors(import_id: ItemId, session: SessionDep, _who: OperatorDep) -> StreamingResponse:
    """What was wrong with the rows: CSV with line, column, value, reason and remedy."""
    task = beginning.find(session, import_id)

    def written() -> Iterator[str]:
        with transaction() as unit:
            yield from faults.csv_text(running.faults_of(unit, import_id))

    name = f"{Path(task.file_name).stem}-errors.csv".encode("ascii", "replace").decode()
    return StreamingResponse(
        written(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
