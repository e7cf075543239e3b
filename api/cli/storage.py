"""`oms storage`: tables that grow without end, their partitions and their archive."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from oms.db import transaction
from oms.errors import Invalid
from oms.settings import settings
from oms.storage import archiving, looking, maintaining
from oms.storage.archiving import Outcome, Step
from oms.storage.kept import retention
from oms.storage.models import Archive

storage = typer.Typer(help="Tables that grow without end: partitions and archive.")

_LEAST_DAYS = 7

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(storage, name="storage")


@storage.command("status")
def status(as_json: AsJson = False) -> None:
    """Show partitions, rows and sizes; exit 1 if something should be done about them."""
    with transaction() as session:
        found = looking.look(session, span=settings().partition_span)
    if as_json:
        _print([asdict(one) for one in found])
    else:
        table = Table("table", "partition", "from", "until", "rows", "MB", box=None)
        for one in found:
            for part in one.partitions:
                table.add_row(
                    one.table,
                    part.name,
                    _day(part.lower),
                    _day(part.upper),
                    f"{part.rows:,}",
                    f"{part.bytes / 1e6:,.1f}",
                )
            table.add_row(one.table, "default", "", "", f"{one.in_default:,}", "")
        console = Console(soft_wrap=True, highlight=False)
        console.print(table)
        for one in found:
            console.print(
                f"{one.table}: made until {_day(one.made_until)}, {one.archived} archived,"
                f" kept for {retention(settings())[one.table]} days"
            )
            for concern in one.concerns:
                console.print(f"  {concern}", style="red")
    raise typer.Exit(1 if any(one.concerns for one in found) else 0)


@storage.command("maintain")
def maintain(as_json: AsJson = False) -> None:
    """Make the partitions that are missing, now and ahead; a worker does this every hour.

    Rows that the default partition has taken meanwhile move, however many they are; whoever
    writes to that partition waits until then.
    """
    made = maintaining.maintain(most_moved=None)
    if as_json:
        _print([asdict(one) for one in made])
        return
    for one in made:
        typer.echo(f"{one.table}: {_day(one.lower)} to {_day(one.upper)}, {one.moved:,} rows moved")
    if not made:
        typer.echo("every partition was there")


@storage.command("archive")
def archive(
    to: Annotated[
        Path | None, typer.Option("--to", help="Folder for the files; else the setting.")
    ] = None,
    older_than: Annotated[
        str | None, typer.Option("--older-than", help="Days, as 400d; else as the settings say.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Move partitions of which every row is old into Parquet files.

    Each is taken out of its table, written with a manifest, read back, and only then dropped. A
    run that was interrupted is finished by the next one.
    """
    days = _days(older_than)
    if dry_run:
        _say_due(days, as_json=as_json)
        return
    folder = to or settings().archive_folder
    if folder is None:
        raise Invalid(
            "there is no folder to archive to",
            field="to",
            remedy="give --to FOLDER, or set TRIBUTARY_ARCHIVE_FOLDER",
        )
    outcome = archiving.archive(folder, days, tell=_say_nothing if as_json else _say)
    if as_json:
        _print(_document(outcome))
        return
    for why in outcome.held_back:
        typer.echo(f"held back: {why}")
    if not outcome.done and not outcome.held_back:
        typer.echo("nothing is old enough")


def _days(older_than: str | None) -> Mapping[str, int]:
    days = dict(retention(settings()))
    if older_than is None:
        return days
    found = re.fullmatch(r"(\d{1,5})d?", older_than)
    if found is None or int(found[1]) < _LEAST_DAYS:
        raise Invalid(
            f"--older-than is {older_than!r}",
            field="older-than",
            remedy=f"give a number of days, {_LEAST_DAYS} or more, as 400d",
        )
    return dict.fromkeys(days, int(found[1]))


def _say_due(days: Mapping[str, int], *, as_json: bool) -> None:
    found = archiving.due(days)
    if as_json:
        _print([asdict(one) for one in found])
        return
    for one in found:
        then = "held back" if one.held_back else "would be archived"
        typer.echo(
            f"{one.partition.name}: about {one.partition.rows:,} rows,"
            f" {one.partition.bytes / 1e6:,.1f} MB, {one.needed:,} still needed; {then}"
        )
    if not found:
        typer.echo("nothing is old enough")


def _say(step: Step, one: Archive) -> None:
    match step:
        case Step.SET_ASIDE:
            stay = f"rows that are still needed and stay: {one.still_needed:,}"
            typer.echo(f"{one.partition_name}: taken out of {one.table_name}; {stay}")
        case Step.WRITTEN:
            typer.echo(f"{one.partition_name}: {one.row_count:,} rows are in {one.file}")
        case Step.DROPPED:
            typer.echo(f"{one.partition_name}: dropped")


def _say_nothing(_step: Step, _one: Archive) -> None:
    """Only the outcome is printed."""


def _document(outcome: Outcome) -> dict[str, Any]:
    return {
        "archived": [one.model_dump(mode="json") for one in outcome.done],
        "held_back": list(outcome.held_back),
    }


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "the beginning"


def _print(document: Any) -> None:
    typer.echo(json.dumps(document, indent=2, default=str))
