"""`oms api`: the web process."""

import gc
import socket
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from api.web import live
from oms.settings import settings

_LAST_REQUESTS_S = 3


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("api")(serve)


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
    # Orders come by the thousand and leave no cycles: collecting at every turn triples the p99.
    gc.set_threshold(20_000, 20, 100)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=_LAST_REQUESTS_S,
    )
    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise typer.Exit(1)


class Server(uvicorn.Server):
    """A server that does not wait for pages that listen for news: those never end by themselves."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the open streams, then wait for the last requests."""
        live.end_streams()
        await super().shutdown(sockets)
