"""`oms replay`: decide a day again under another policy, and say what that would have changed."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from api.cli.policies import read_policy
from api.reports import printing, replays
from oms.db import transaction
from oms.errors import Invalid
from oms.replays import choosing
from oms.replays.choosing import AS_DECIDED, Chosen
from oms.replays.reading import Days
from oms.replays.replaying import replay as replay_days

_TELL_EVERY: Final = 500

HtmlFile = Annotated[Path | None, typer.Option("--html", help="Write the report as one HTML file.")]
PngFile = Annotated[Path | None, typer.Option("--png", help="Write its charts as a picture.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole report as JSON.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay")(replay)


def replay(
    day: Annotated[
        list[datetime],
        typer.Option(formats=["%Y-%m-%d"], help="The day; give it again for several days."),
    ],
    policy: Annotated[
        str, typer.Option(help="NAME, NAME@VERSION, standard, or a policy file by its path.")
    ],
    against: Annotated[
        str, typer.Option(help="Another policy in the same way, or what was decided.")
    ] = AS_DECIDED,
    time_zone: Annotated[str, typer.Option(help="On whose clock the day begins and ends.")] = "UTC",
    html: HtmlFile = None,
    png: PngFile = None,
    as_json: AsJson = False,
) -> None:
    """Put every decision of a day to a policy and compare; nothing is changed by it.

    The same decisions and policies give the same report. docs/replay.md tells how to read it.
    """
    printing.require_folders(html, png)
    days = Days(_dates(day), _zone(time_zone))
    chosen = _chosen(policy)
    other = None if against == AS_DECIDED else _chosen(against)
    report = replay_days(days, chosen, against=other, tell=_tell)
    shown = replays.page(report)
    printing.save(shown, html_file=html, png_file=png)
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        printing.show(shown)


def _dates(days: list[datetime]) -> tuple[date, ...]:
    return tuple(sorted({day.date() for day in days}))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(
            f"{name!r} is no time zone",
            field="time_zone",
            remedy="name it as the IANA data base does, such as America/Chicago",
        ) from error


def _chosen(name: str) -> Chosen:
    """A file where a path is meant, else a stored version."""
    if name.endswith(".json") or "/" in name:
        return Chosen(read_policy(Path(name)))
    with transaction() as session:
        return choosing.chosen(session, name)


def _tell(done: int, of: int) -> None:
    if done % _TELL_EVERY == 0 or done == of:
        typer.echo(f"{done:,} of {of:,} replayed", err=True)
