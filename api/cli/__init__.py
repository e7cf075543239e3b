"""The command line: `oms`."""

import sys

import typer
from rich.console import Console

from api.cli import access, lookups, network, processes, route, up
from oms.errors import OmsError
from oms.logs import configure

app = typer.Typer(
    name="oms",
    help="Tributary: orders from every channel, routed to the best location, seen to the end.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (up, processes, route, network, access, lookups):
    part.register(app)


def main() -> None:
    """Run one command. Exit 0 when it went well, 1 for a broken rule, 2 for wrong input."""
    configure()
    try:
        app()
    except OmsError as error:
        say = Console(stderr=True, highlight=False)
        say.print(f"[bold red]error[/]: {error.message}", markup=True)
        if error.remedy:
            say.print(f"  {error.remedy}")
        sys.exit(1)
