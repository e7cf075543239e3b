"""Archive files: Parquet with a manifest beside it, proved before anything is dropped."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from sqlmodel import Session

from oms import clock
from oms.copying import connection
from oms.errors import OmsError
from oms.storage.models import Archive
from oms.storage.partitions import SCHEMA, columns

_PIECE_ROWS: Final = 5_000
_KINDS: Final[dict[str, type]] = {
    "bigint": int,
    "integer": int,
    "boolean": bool,
    "bytea": bytes,
    "timestamp with time zone": datetime,
}
"""All other types are written as their text."""


class Unproven(OmsError):
    """A file does not hold what it should. Nothing was dropped."""

    code = "archive_unproven"


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was read back after it had been written."""

    file: str
    rows: int
    sha256: str


def write(session: Session, archive: Archive, folder: Path) -> Written:
    """Write the rows that were set aside, read them back, and only then give the file its name.

    A file that is there already, from a run that was interrupted, is written anew.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{archive.partition_name}.parquet"
    part = path.with_suffix(".part")
    source = f"{SCHEMA}.{archive.partition_name}"
    typed = columns(session, source)
    selected = ", ".join(
        f'"{name}"' if kind in _KINDS else f'"{name}"::text AS "{name}"' for name, kind in typed
    )
    with connection(session).cursor(name="archive") as cursor:
        cursor.itersize = _PIECE_ROWS
        query = f"SELECT {selected} FROM {source} ORDER BY {source}.id"  # noqa: S608 - our names
        cursor.execute(query)

        def pieces() -> Iterator[Sequence[tuple[Any, ...]]]:
            while piece := cursor.fetchmany(_PIECE_ROWS):
                yield piece

        kinds = [(name, _KINDS.get(kind, str)) for name, kind in typed]
        _parquet().write(part, kinds, pieces(), compression="zstd")
    rows = _count(session, source)
    _prove(part, rows=rows)
    written = Written(path.name, rows, _digest(part))
    _settle(part, path)
    _manifest(archive, written, path.with_suffix(".json"), [list(one) for one in typed])
    return written


def is_whole(archive: Archive, folder: Path) -> bool:
    """Whether the file that was recorded is still there as it was written."""
    path = folder / str(archive.file)
    return path.is_file() and _digest(path) == archive.sha256


def _prove(path: Path, *, rows: int) -> None:
    """Read everything back: as many rows, each of another id."""
    found, before = 0, None
    for piece in _parquet().values(path, "id"):
        for value in piece:
            if before is not None and value <= before:
                raise Unproven(f"{path} has {value} after {before}", remedy="run it again")
            before = value
        found += len(piece)
    if found != rows:
        raise Unproven(
            f"{path} has {found:,} rows and should have {rows:,}",
            remedy="see that the folder's disk is sound and has space, then run it again",
        )


def _count(session: Session, source: str) -> int:
    query = f"SELECT count(*) FROM {source}"  # noqa: S608 - our names
    row = connection(session).execute(query).fetchone()
    assert row is not None
    count: int = row[0]
    return count


def _settle(part: Path, path: Path) -> None:
    """Give the file its name once all of it is on the disk."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _manifest(archive: Archive, written: Written, path: Path, typed: list[list[str]]) -> None:
    facts = {
        "table": archive.table_name,
        "from": archive.lower_bound.isoformat() if archive.lower_bound else None,
        "until": archive.upper_bound.isoformat(),
        "rows": written.rows,
        "rows_left_in_the_table": archive.still_needed,
        "file": written.file,
        "sha256": written.sha256,
        "columns": typed,
        "written_at": clock.now().isoformat(),
    }
    part = path.with_suffix(".json.part")
    part.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    _settle(part, path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parquet() -> Any:
    """Loaded when it is used: its library takes a third of a second."""
    return import_module("oms.imports.parquet")
