"""Keep an uploaded file until it has been imported, where every worker can fetch it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from oms.db import transaction
from oms.imports import beginning
from oms.imports.layouts import LAYOUTS
from oms.imports.models import Import, ImportKind, ImportPart, ImportStatus
from oms.imports.sheets import Sheet, inspect
from oms.outbox.appending import append

_PART_BYTES: Final = 1 << 20


def register(
    session: Session,
    path: Path,
    kind: ImportKind,
    *,
    file_name: str,
    actor: str,
    atomic: bool = False,
    dry_run: bool = False,
    again: bool = False,
) -> Import:
    """Keep a file and have a worker import it; return the import, which may be done already.

    Raises `Invalid` for a file that is not as its layout wants it; nothing is kept then.
    """
    sheet = inspect(path, LAYOUTS[kind], file_name=file_name)
    task = beginning.begin(
        session,
        sheet,
        kind,
        file_name=file_name,
        actor=actor,
        atomic=atomic,
        dry_run=dry_run,
        again=again,
    )
    if task.status is ImportStatus.DONE:
        return task
    _store(session, task.id, path)
    append(
        session,
        topic="import.uploaded",
        subject_type="import",
        subject_id=task.id,
        version=task.round,
    )
    return task


@contextmanager
def fetched(import_id: UUID) -> Iterator[Sheet | None]:
    """The kept file on this machine's disk for the length of the block; None if it is gone."""
    with transaction() as session:
        task = beginning.find(session, import_id)
    with tempfile.TemporaryDirectory(prefix="tributary-import-") as folder:
        path = Path(folder) / "upload"
        if not _write(import_id, path):
            yield None
            return
        yield inspect(path, LAYOUTS[task.kind], file_name=task.file_name)


def forget(session: Session, import_id: UUID) -> None:
    """Drop the kept file."""
    session.execute(delete(ImportPart).where(col(ImportPart.import_id) == import_id))


def _store(session: Session, import_id: UUID, path: Path) -> None:
    kept = select(ImportPart.number).where(ImportPart.import_id == import_id).limit(1)
    if session.exec(kept).first() is not None:
        return
    with path.open("rb") as file:
        number = 0
        while content := file.read(_PART_BYTES):
            number += 1
            part = {"import_id": import_id, "number": number, "content": content}
            session.execute(insert(ImportPart), part)  # no object: memory holds one part


def _write(import_id: UUID, path: Path) -> bool:
    with transaction() as session, path.open("wb") as file:
        parts = session.exec(
            select(ImportPart.content)
            .where(ImportPart.import_id == import_id)
            .order_by(col(ImportPart.number))
            .execution_options(yield_per=4)
        )
        for content in parts:
            file.write(content)
    return path.stat().st_size > 0
