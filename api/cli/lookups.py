"""Look into a running system: invariants, and why an order went where it went."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from oms import invariants
from oms.db import transaction


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("invariants")(check)


def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check in the live database what must always hold; exit 1 if something does not."""
    with transaction() as session:
        found = invariants.check(session)
    broken = [one for one in found if one.violations]
    if as_json:
        typer.echo(json.dumps([one.document() for one in found], indent=2))
    else:
        table = Table("invariant", "holds", "first violations", box=None)
        for one in found:
            table.add_row(
                one.name, "no" if one.violations else "yes", "; ".join(one.violations[:3])
            )
        Console().print(table)
    raise typer.Exit(1 if broken else 0)
