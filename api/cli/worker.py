"""`oms worker`: workflows, activities and the relay."""

import asyncio
import os
from typing import Annotated

import typer

from oms.settings import settings
from workflows import worker


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worker")(work)


def work(
    queues: Annotated[
        list[str] | None, typer.Option(help="Task queue to serve; repeat it. Default: all.")
    ] = None,
) -> None:
    """Run the worker process: workflows, activities and the relay."""
    settings().require_database_url()
    asyncio.run(worker.run(queues=queues))
    # Temporal's native threads may abort the interpreter while it is torn down.
    os._exit(0)
