"""`oms temporal-setup`: the Temporal namespace."""

import asyncio

import typer

from workflows import setup
from workflows.client import connect


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("temporal-setup")(temporal_setup)


def temporal_setup() -> None:
    """Prepare the Temporal namespace: retention, search attributes, schedules."""

    async def prepare() -> list[str]:
        return await setup.prepare(await connect())

    for line in asyncio.run(prepare()):
        typer.echo(line)
