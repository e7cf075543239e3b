"""`oms up`: the whole system on one machine."""

import os
from pathlib import Path
from typing import Annotated

import typer

from api.stack import options as defaults
from api.stack.folders import default_data_dir
from api.stack.options import UpOptions
from api.stack.up import up as start_stack


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up")(up)


def up(
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder for all data. [default: the user's data folder]")
    ] = None,
    port: Annotated[int, typer.Option(help="Port of pages and API.")] = defaults.WEB_PORT,
    postgres_port: Annotated[
        int, typer.Option(help="Port of PostgreSQL.")
    ] = defaults.POSTGRES_PORT,
    temporal_port: Annotated[int, typer.Option(help="Port of Temporal.")] = defaults.TEMPORAL_PORT,
    temporal_ui_port: Annotated[
        int, typer.Option(help="Port of Temporal's pages.")
    ] = defaults.TEMPORAL_UI_PORT,
    sandbox_port: Annotated[
        int, typer.Option(help="Port of the demo's shops.")
    ] = defaults.SANDBOX_PORT,
    mail_port: Annotated[
        int, typer.Option(help="Port of the demo's mailbox (SMTP).")
    ] = defaults.MAIL_PORT,
    demo: Annotated[
        bool, typer.Option("--demo", help="A retail network with live orders.")
    ] = False,
    orders_per_minute: Annotated[
        int, typer.Option(min=0, help="Pace of the demo's orders.")
    ] = defaults.ORDERS_PER_MINUTE,
    auto_associates: Annotated[
        bool, typer.Option("--auto-associates", help="Simulated people work in all stores but one.")
    ] = False,
) -> None:
    """Start everything on this machine and keep it up until Ctrl-C.

    DATABASE_URL and TEMPORAL_ADDRESS replace the PostgreSQL and the Temporal that come with it.
    """
    raise typer.Exit(
        start_stack(
            UpOptions(
                data_dir=data_dir or default_data_dir(os.environ),
                environ=dict(os.environ),
                database_url=os.environ.get("DATABASE_URL"),
                temporal_address=os.environ.get("TEMPORAL_ADDRESS"),
                port=port,
                postgres_port=postgres_port,
                temporal_port=temporal_port,
                temporal_ui_port=temporal_ui_port,
                sandbox_port=sandbox_port,
                mail_port=mail_port,
                demo=demo,
                orders_per_minute=orders_per_minute,
                auto_associates=auto_associates,
            )
        )
    )
