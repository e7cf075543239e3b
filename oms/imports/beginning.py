"""Know an import again: the same file is imported once, unless somebody asks for it again."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from oms import clock
from oms.errors import NotFound
from oms.imports.models import Import, ImportKind, ImportStatus
from oms.imports.sheets import Sheet


def begin(
    session: Session,
    sheet: Sheet,
    kind: ImportKind,
    *,
    file_name: str,
    actor: str,
    atomic: bool = False,
    dry_run: bool = False,
    again: bool = False,
) -> Import:
    """The import of this file: a new one, the one to carry on with, or the one that is done.

    A file is known by its bytes. With `again` a file that was imported is imported anew. A dry
    run stands for itself and is never carried on.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"imports:{kind.value}:{sheet.digest}"},
    )
    latest = None if dry_run else _latest(session, kind, sheet.digest)
    if latest is not None and not (again and latest.status is ImportStatus.DONE):
        if latest.rows_done == 0:
            latest.atomic = atomic
        return latest
    run = Import(
        kind=kind,
        digest=sheet.digest,
        round=latest.round + 1 if latest else 1,
        file_name=file_name[-200:],
        size_bytes=sheet.size_bytes,
        atomic=atomic,
        dry_run=dry_run,
        rows_total=sheet.rows,
        actor=actor,
        created_at=clock.now(),
    )
    session.add(run)
    session.flush()
    return run


def find(session: Session, import_id: UUID) -> Import:
    """One import."""
    run = session.get(Import, import_id, populate_existing=True)
    if run is None:
        raise NotFound(
            f"there is no import {import_id}",
            field="import_id",
            remedy="use the id that starting the import answered with",
        )
    return run


def newest(session: Session, *, limit: int = 50) -> list[Import]:
    """The imports that were begun last."""
    return list(
        session.exec(select(Import).order_by(col(Import.created_at).desc()).limit(limit)).all()
    )


def _latest(session: Session, kind: ImportKind, digest: str) -> Import | None:
    return session.exec(
        select(Import)
        .where(Import.kind == kind, Import.digest == digest, ~col(Import.dry_run))
        .order_by(col(Import.round).desc())
        .limit(1)
    ).first()
