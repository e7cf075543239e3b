"""`oms import` and `oms export`: tables in and out, as CSV or Parquet."""

import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from oms.db import transaction
from oms.errors import Invalid
from oms.imports import beginning, exporting, faults, running
from oms.imports.layouts import LAYOUTS
from oms.imports.models import Import, ImportKind, ImportStatus
from oms.imports.sheets import inspect

_REFUSED: Final = 2
_SOME_WRONG: Final = 3
_SHOWN: Final = 5

KindArgument = Annotated[ImportKind, typer.Argument(help="What the rows are.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_file)
    app.command("export")(export_file)


def import_file(
    kind: KindArgument,
    file: Annotated[Path, typer.Argument(help="A .csv or .parquet file; docs/imports.md.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")
    ] = False,
    atomic: Annotated[
        bool, typer.Option("--atomic", help="All rows or, if one is wrong, none.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Import a file anew that was imported before.")
    ] = False,
    errors: Annotated[
        Path | None, typer.Option(help="Write what is wrong with rows to this CSV file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a table. Started again after an interruption, it carries on where it stopped.

    Exit 0 when every row is in, 3 when some rows were wrong and the others are in, 2 when the
    file was refused and nothing was taken, 1 for anything else.
    """
    try:
        sheet = inspect(file, LAYOUTS[kind])
    except Invalid as error:
        _say_refused(file, error, as_json=as_json)
        raise typer.Exit(_REFUSED) from error
    with transaction() as session:
        task = beginning.begin(
            session,
            sheet,
            kind,
            file_name=file.name,
            actor="cli",
            atomic=atomic,
            dry_run=dry_run,
            again=again,
        )
    done_before = task.status is ImportStatus.DONE
    if not done_before:
        prepare_for_bulk()
        with _progress(kind.value, sheet.rows, quiet=as_json) as show:
            task = running.run(task.id, sheet, tell=lambda at: show(at.rows_done))
    _tell(task, done_before=done_before, errors=errors, as_json=as_json)
    if task.status is ImportStatus.REFUSED:
        raise typer.Exit(_REFUSED)
    raise typer.Exit(_SOME_WRONG if task.wrong else 0)


def export_file(
    kind: KindArgument,
    file: Annotated[Path, typer.Argument(help="Where to write: a .csv or .parquet file.")],
    as_json: AsJson = False,
) -> None:
    """Write a table that `oms import` takes. Orders are those that are still open."""
    with _progress(kind.value, None, quiet=as_json) as show, transaction() as session:
        rows = exporting.export(session, kind, file, tell=show)
    if as_json:
        typer.echo(json.dumps({"kind": kind.value, "file": str(file), "rows": rows}))
    else:
        typer.echo(f"{rows:,} rows of {kind.value} are in {file}")


def prepare_for_bulk() -> None:
    """Set Python up for millions of rows.

    They make no cycles, and looking for some takes a quarter of the time. The thread that hands
    blocks to the server takes turns with one that makes the next: it must not wait 5 ms for each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    sys.setswitchinterval(0.000_5)


def summary(task: Import) -> dict[str, Any]:
    """An import as JSON."""
    return {
        "import_id": str(task.id),
        "kind": task.kind.value,
        "file_name": task.file_name,
        "sha256": task.digest,
        "status": task.status.value,
        "atomic": task.atomic,
        "dry_run": task.dry_run,
        "rows": task.rows_done,
        "added": task.added,
        "changed": task.changed,
        "unchanged": task.unchanged,
        "wrong": task.wrong,
        "problem": task.problem,
    }


def _tell(task: Import, *, done_before: bool, errors: Path | None, as_json: bool) -> None:
    if errors is not None:
        with transaction() as session, errors.open("w", newline="", encoding="utf-8") as file:
            faults.write(running.faults_of(session, task.id), file)
    if as_json:
        typer.echo(json.dumps({**summary(task), "imported_before": done_before}, indent=2))
    else:
        _say(task, done_before=done_before, errors=errors)


def _say(task: Import, *, done_before: bool, errors: Path | None) -> None:
    would = "would be " if task.dry_run else ""
    if done_before:
        typer.echo(
            f"this very file was imported on {task.finished_at:%Y-%m-%d at %H:%M} UTC;"
            " nothing was changed (--again imports it anew)"
        )
    if task.status is ImportStatus.REFUSED:
        typer.secho(f"refused: {task.problem}", fg=typer.colors.RED, err=True)
    counts = f"{task.added:,} {would}added, {task.changed:,} {would}changed"
    then = "then: " if done_before else ""
    typer.echo(f"{then}{counts}, {task.unchanged:,} as they were, {task.wrong:,} rows wrong")
    if not task.wrong:
        return
    with transaction() as session:
        told = running.faults_of(session, task.id)
        for fault, _ in zip(told, range(_SHOWN), strict=False):
            column = f" {fault.column}" if fault.column else ""
            typer.echo(f"  line {fault.line}{column}: {fault.value!r} {fault.reason}", err=True)
    if errors is None:
        typer.echo("  --errors FILE writes all of it, with remedies, to a CSV file", err=True)
    else:
        typer.echo(f"  all of it, with remedies, is in {errors}", err=True)


def _say_refused(file: Path, error: Invalid, *, as_json: bool) -> None:
    if as_json:
        facts = {"status": "refused", "problem": error.message, "remedy": error.remedy}
        typer.echo(json.dumps({"file_name": file.name, **facts}, indent=2))
        return
    typer.secho(f"refused: {error.message}", fg=typer.colors.RED, err=True)
    if error.remedy:
        typer.echo(f"  {error.remedy}", err=True)


class _Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        """The present rate."""
        return Text(f"{task.speed:,.0f} rows/s" if task.speed else "")


@contextmanager
def _progress(what: str, total: int | None, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how far it is, how fast, and how long it will take, for people who watch."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=quiet,
    )
    with bar:
        row = bar.add_task(what, total=total)
        yield lambda done: bar.update(row, completed=done)
