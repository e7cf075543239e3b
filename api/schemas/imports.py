"""Imports as the JSON API gives them."""

from datetime import datetime
from uuid import UUID

from api.schemas.base import Out
from oms.imports.models import ImportKind, ImportStatus


class ImportOut(Out):
    """One import and how far it is."""

    id: UUID
    kind: ImportKind
    file_name: str
    digest: str
    """SHA-256 of the file."""
    size_bytes: int
    atomic: bool
    dry_run: bool
    status: ImportStatus
    rows_total: int
    """About how many there are, until the import has seen them all."""
    rows_done: int
    added: int
    changed: int
    unchanged: int
    wrong: int
    """Rows that were not taken; `/v1/imports/{id}/errors` says why."""
    problem: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
