"""`oms setup`: what a new installation or a new release needs before it works."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from api.cli.paths import shared_data
from api.demo import seeding
from oms import migrating
from oms.settings import settings
from workflows import setup
from workflows.client import connect


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("setup")(set_up)


def set_up(
    demo: Annotated[
        Path | None, typer.Option(hidden=True, help="Data folder of the demo to be seeded.")
    ] = None,
) -> None:
    """Bring the database's structure up to date and prepare the Temporal namespace.

    The same as `oms migrate` and `oms temporal-setup`, in one go.
    """
    revision = migrating.migrate(settings().require_database_url())
    typer.echo(f"the database is at revision {revision}")
    for line in asyncio.run(_prepare_temporal()):
        typer.echo(line)
    if demo is not None:
        seeding.seed(demo, shared=shared_data())


async def _prepare_temporal() -> list[str]:
    return await setup.prepare(await connect())
