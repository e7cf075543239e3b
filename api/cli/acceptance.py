"""`oms acceptance`: how likely locations accept work, and what a person says instead."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.schemas.routing import AcceptanceOut
from oms.db import transaction
from oms.sourcing import acceptance, overriding

commands = typer.Typer(help="How likely locations do what they are given.")

Location = Annotated[str, typer.Argument(help="Code of a location.")]
SkuClass = Annotated[
    str, typer.Option("--class", help="Category of articles; without it every class.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="acceptance")


@commands.command("list")
def list_acceptance(
    location: Annotated[
        str | None, typer.Option(help="Only this location, with every class.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what was learned, and what overrides it."""
    with transaction() as session:
        found = acceptance.listed(session, location=location)
        rows = [AcceptanceOut.model_validate(one) for one in found]
    if as_json:
        typer.echo("[" + ",\n ".join(row.model_dump_json() for row in rows) + "]")
        return
    table = Table(
        "location", "class", "probability", "learned", "done", "given back", "said", box=None
    )
    for row in rows:
        table.add_row(
            row.location,
            row.sku_class or "all",
            f"{row.probability:.1%}",
            f"{row.learned:.1%}",
            f"{row.done:.1f}",
            f"{row.given_back:.1f}",
            _said(row),
        )
    Console().print(table)


@commands.command("set")
def set_override(
    location: Location,
    probability: Annotated[float, typer.Argument(help="From 0 (never) to 1 (always).")],
    reason: Annotated[str, typer.Option(help="Why, for whoever reads it.")],
    sku_class: SkuClass = "",
    until: Annotated[
        datetime | None, typer.Option(help="Ends by itself then, in UTC: 2026-11-27T08:00:00.")
    ] = None,
) -> None:
    """Say what routing reckons with, instead of what was learned."""
    with transaction() as session:
        row = overriding.set_override(
            session,
            location,
            sku_class=sku_class,
            probability=probability,
            reason=reason,
            until=until.replace(tzinfo=UTC) if until and until.tzinfo is None else until,
            actor="cli",
        )
        words = f"{location}, {sku_class or 'all'}: {row.probability:.1%}"
    typer.echo(words)


@commands.command("clear")
def clear_override(
    location: Location,
    because: Annotated[str, typer.Option(help="Why, for whoever reads the history.")],
    sku_class: SkuClass = "",
) -> None:
    """Let what was learned count again."""
    with transaction() as session:
        overriding.clear_override(
            session, location, sku_class=sku_class, because=because, actor="cli"
        )
    typer.echo(f"{location}, {sku_class or 'all'}: what was learned counts again")


def _said(row: AcceptanceOut) -> str:
    said = row.override
    if said is None:
        return ""
    until = f" until {said.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if said.until else ""
    return f"{said.reason} ({said.set_by}){until}"
