"""The processes, each apart: web, worker, migrations, Temporal's set-up."""

import asyncio
import gc
import os
from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from oms import migrating
from oms.settings import settings
from workflows import setup, worker
from workflows.client import connect

_LAST_REQUESTS_S = 3


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("api")(serve)
    app.command("worker")(work)
    app.command("migrate")(migrate)
    app.command("temporal-setup")(temporal_setup)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8080,
) -> None:
    """Run the web process: JSON API, webhooks and pages."""
    settings().require_database_url()
    app = create_app()
    # What was loaded at start stays; the collector need not walk it at every full pass.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=_LAST_REQUESTS_S,
    )


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


def migrate() -> None:
    """Bring the database's structure up to date."""
    revision = migrating.migrate(settings().require_database_url())
    typer.echo(f"the database is at revision {revision}")


def temporal_setup() -> None:
    """Prepare the Temporal namespace: retention, search attributes, schedules."""

    async def prepare() -> list[str]:
        return await setup.prepare(await connect())

    for line in asyncio.run(prepare()):
        typer.echo(line)
