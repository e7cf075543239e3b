"""Import a file: piece by piece, each for good, or all of it in one transaction.

A piece and the note that it is done are committed together, so an import that was interrupted at
any moment carries on behind the last piece that counts, and no row is taken twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.errors import DeadlockDetected, UniqueViolation
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select

from oms.ahead import ahead
from oms.audit.recording import record
from oms.copying import copy_rows
from oms.db import transaction
from oms.errors import Conflict, Invalid
from oms.imports import beginning, bins, catalogue, orders, places, states
from oms.imports.batches import Batch, Outcome
from oms.imports.checking import Checked, Checker
from oms.imports.faults import Fault
from oms.imports.layouts import LAYOUTS
from oms.imports.models import Import, ImportFault, ImportKind, ImportStatus
from oms.imports.sheets import Sheet, pieces


@dataclass(frozen=True, slots=True)
class Kind:
    """How the rows of a kind are entered, how many at once, and which must come together.

    `prepare` does what can be done without the database, while the piece before is written.
    """

    enter: Callable[[Session, Batch], Outcome]
    piece_rows: int
    together: Sequence[str] = ()
    prepare: Callable[[Batch], Any] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a file, and its good rows ready to be entered."""

    checked: Checked
    batch: Batch


KINDS: Final[Mapping[ImportKind, Kind]] = {
    ImportKind.PRODUCTS: Kind(catalogue.enter_products, 5_000),
    ImportKind.LOCATIONS: Kind(places.enter_locations, 1_000),
    ImportKind.STOCK: Kind(places.count_stock, 20_000),
    ImportKind.LISTINGS: Kind(catalogue.enter_listings, 5_000),
    ImportKind.PRICES: Kind(catalogue.enter_prices, 5_000),
    ImportKind.ORDERS: Kind(orders.place_orders, 4_000, ("channel", "external_id"), orders.prepare),
    ImportKind.BINS: Kind(bins.enter_bins, 5_000),
    ImportKind.BOXES: Kind(places.enter_boxes, 5_000),
}
_TRIES: Final = 5


class BeingImported(Conflict):
    """Another process is importing this very file."""

    code = "being_imported"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is, counted from the beginning of its file."""

    rows_total: int
    rows_done: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    """Rows that were not taken; some have several faults."""


class _Refused(Exception):
    """Rolls an atomic import back."""


Tell = Callable[[Progress], None]


def run(import_id: UUID, sheet: Sheet, *, tell: Tell = lambda _: None) -> Import:
    """Import a file, or carry on where it stopped; return the import as it then is.

    One that is done is left alone. Rows that are wrong are noted with line and reason; the good
    ones go in, or with `atomic` none. A file that cannot be read to its end is refused. Raises
    `BeingImported` when another process has it in hand.
    """
    with transaction() as session:
        task = beginning.find(session, import_id)
        if task.status is ImportStatus.DONE:
            return task
        _claim(session, task)
        states.move(task, ImportStatus.RUNNING)
        if task.atomic:
            _forget(session, task)
        so_far = _progress(task)
    try:
        if task.atomic:
            _all_or_nothing(task, sheet, so_far, tell)
        else:
            for piece in _pieces(task, sheet, done=so_far.rows_done):
                so_far = _enter_for_good(task, piece, so_far)
                tell(so_far)
            _finish(task.id, ImportStatus.DONE)
    except Invalid as error:
        _finish(task.id, ImportStatus.REFUSED, problem=error.message)
    with transaction() as session:
        return beginning.find(session, import_id)


def _pieces(task: Import, sheet: Sheet, *, done: int) -> Iterator[Piece]:
    """The pieces that are not done yet, checked; the rows that are done are remembered."""
    kind, import_id, actor = task.kind, task.id, task.actor

    def ready(checked: Checked) -> Piece:
        batch = Batch(LAYOUTS[kind], sheet.columns, checked.rows, import_id, actor)
        prepare = KINDS[kind].prepare
        return Piece(checked, replace(batch, prepared=prepare(batch)) if prepare else batch)

    def check_all() -> Iterator[Piece]:
        how, first = KINDS[kind], 0
        checker = Checker(LAYOUTS[kind], sheet.columns, together=how.together)
        for piece in pieces(sheet, rows=how.piece_rows, together=how.together):
            old = min(max(0, done - first), len(piece))
            if old:
                checker.check(piece[:old], first=first)
            if old < len(piece):
                yield ready(checker.check(piece[old:], first=first + old))
            first += len(piece)

    return ahead(check_all())


def _enter_for_good(task: Import, piece: Piece, so_far: Progress) -> Progress:
    for attempt in range(1, _TRIES + 1):
        try:
            with transaction() as session:
                now = beginning.find(session, task.id)
                _claim(session, now)
                if now.rows_done != piece.checked.first:
                    raise BeingImported(
                        f"another process is importing {now.file_name} at this moment",
                        remedy="let it finish; this one has changed nothing more",
                    )
                # A dry run does all that it would do, and undoes it.
                with session.begin_nested() as savepoint:
                    faults, after = _enter(session, task.kind, piece, so_far)
                    if task.dry_run:
                        savepoint.rollback()
                _note(session, now, after, faults)
            return after
        except (DBAPIError, psycopg.Error) as error:
            # A deadlock, or an order that came in beside: look again, with what is there now.
            cause = error.orig if isinstance(error, DBAPIError) else error
            if attempt == _TRIES or not isinstance(cause, DeadlockDetected | UniqueViolation):
                raise
    raise AssertionError("the last attempt returns or raises")


def _all_or_nothing(task: Import, sheet: Sheet, so_far: Progress, tell: Tell) -> None:
    noted: list[Fault] = []
    try:
        with transaction() as session:
            now = beginning.find(session, task.id)
            _claim(session, now)
            for piece in _pieces(task, sheet, done=0):
                faults, so_far = _enter(session, task.kind, piece, so_far)
                noted += faults
                _show(task.id, so_far)
                tell(so_far)
            if noted or task.dry_run:
                raise _Refused
            _note(session, now, so_far, [])
    except _Refused:
        kept = replace(so_far, added=0, changed=0, unchanged=0) if noted else so_far
        with transaction() as session:
            _note(session, beginning.find(session, task.id), kept, noted)
    if noted:
        rows = "row was" if so_far.wrong == 1 else "rows were"
        _finish(
            task.id,
            ImportStatus.REFUSED,
            problem=f"{so_far.wrong} {rows} wrong, so none was taken",
        )
    else:
        _finish(task.id, ImportStatus.DONE)


def _enter(
    session: Session, kind: ImportKind, piece: Piece, so_far: Progress
) -> tuple[list[Fault], Progress]:
    checked = piece.checked
    outcome = KINDS[kind].enter(session, piece.batch) if checked.rows else Outcome()
    faults = sorted([*checked.faults, *outcome.faults], key=lambda fault: fault.line)
    session.flush()
    return faults, Progress(
        rows_total=max(so_far.rows_total, checked.first + checked.count),
        rows_done=checked.first + checked.count,
        added=so_far.added + outcome.added,
        changed=so_far.changed + outcome.changed,
        unchanged=so_far.unchanged + outcome.unchanged,
        wrong=so_far.wrong + len({fault.line for fault in faults}),
    )


def _claim(session: Session, task: Import) -> None:
    """Let one transaction at a time work on an import; nobody waits for the other."""
    mine = session.execute(
        text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"import:{task.id}"},
    ).scalar_one()
    if not mine:
        raise BeingImported(
            f"another process is importing {task.file_name} at this moment",
            remedy="let it finish, then ask again",
        )


def _note(session: Session, task: Import, at: Progress, faults: Sequence[Fault]) -> None:
    """Write down how far the import is and what was wrong."""
    task.rows_total, task.rows_done = at.rows_total, at.rows_done
    task.added, task.changed, task.unchanged = at.added, at.changed, at.unchanged
    task.wrong = at.wrong
    if not faults:
        return
    number = session.exec(
        select(func.count()).select_from(ImportFault).where(ImportFault.import_id == task.id)
    ).one()
    copy_rows(
        session,
        "import_faults",
        ("import_id", "number", "line", "column", "value", "reason", "remedy"),
        [(task.id, number + at, *fault.as_row()) for at, fault in enumerate(faults, start=1)],
    )


def _show(import_id: UUID, at: Progress) -> None:
    """Let others see how far a transaction is that has not ended yet."""
    with transaction() as beside:
        beside.execute(
            update(Import)
            .where(col(Import.id) == import_id)
            .values(rows_done=at.rows_done, wrong=at.wrong)
        )


def _forget(session: Session, task: Import) -> None:
    """An atomic import that was refused begins anew."""
    task.rows_done = task.added = task.changed = task.unchanged = task.wrong = 0
    for fault in session.exec(select(ImportFault).where(ImportFault.import_id == task.id)):
        session.delete(fault)


def _finish(import_id: UUID, status: ImportStatus, *, problem: str | None = None) -> None:
    with transaction() as session:
        task = beginning.find(session, import_id)
        states.move(task, status, problem=problem)
        if status is ImportStatus.DONE:
            task.rows_total = task.rows_done
        record(
            session,
            action=f"import.{status.value}",
            subject_type="import",
            subject_id=task.id,
            actor=task.actor,
            facts={
                "kind": task.kind.value,
                "dry_run": task.dry_run,
                "added": task.added,
                "changed": task.changed,
                "wrong": task.wrong,
            },
        )


def faults_of(session: Session, import_id: UUID) -> Iterator[Fault]:
    """Everything that was wrong with the rows of an import, in the sequence of its file."""
    rows = session.exec(
        select(ImportFault)
        .where(ImportFault.import_id == import_id)
        .order_by(col(ImportFault.number))
        .execution_options(yield_per=5_000)
    )
    for row in rows:
        yield Fault(row.line, row.column, row.value, row.reason, row.remedy)


def _progress(task: Import) -> Progress:
    return Progress(
        rows_total=task.rows_total,
        rows_done=task.rows_done,
        added=task.added,
        changed=task.changed,
        unchanged=task.unchanged,
        wrong=task.wrong,
    )
