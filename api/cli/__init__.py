"""The command line: `oms`."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import typer
from rich.console import Console

from oms.errors import OmsError
from oms.logs import configure

COMMANDS: Final = {
    "up": "up",
    "chaos": "chaos",
    "demo-prepare": "demo_preparing",
    "demo-associates": "demo_associates",
    "sandbox": "sandbox",
    "api": "web",
    "worker": "worker",
    "setup": "setting_up",
    "migrate": "migrating",
    "temporal-setup": "temporal",
    "route": "route",
    "route explain": "route_explaining",
    "route run": "route_runs",
    "route runs": "route_runs",
    "network": "network",
    "tariff": "network",
    "geography": "geography",
    "promise": "promises",
    "policy": "policies",
    "replay": "replays",
    "simulate": "simulations",
    "atp": "stock",
    "rules": "stock",
    "acceptance": "acceptance",
    "import": "bulk",
    "export": "bulk",
    "curbside": "curbside",
    "notices": "notices",
    "transfers": "transfers",
    "access": "access",
    "carriers": "carriers",
    "channels": "channels",
    "invariants": "lookups",
    "stock": "publishing",
    "feed": "feeds",
    "storage": "storage",
}
"""Which module has a command. Only that one is loaded: the solver alone takes a second.

Two words go before one: `oms route FILE` needs nothing of the system that `oms route run` needs.
"""


def application(command: str | None) -> typer.Typer:
    """The command line with one command, or with all of them for help and mistypings."""
    app = typer.Typer(
        name="oms",
        help="Tributary: orders from every channel, routed to the best location, seen to the end.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    every = dict.fromkeys(module for name, module in COMMANDS.items() if " " not in name)
    for name in [COMMANDS[command]] if command in COMMANDS else every:
        import_module(f"api.cli.{name}").register(app)

    @app.callback()
    def several() -> None:
        """Keep the command's name on the command line when only one is loaded."""

    return app


def main() -> None:
    """Run one command. Exit 0 when it went well, 1 for a broken rule, 2 for wrong input."""
    configure()
    try:
        application(command_of(sys.argv[1:]))()
    except OmsError as error:
        _refuse(error.message, error.remedy)
    except Exception as error:
        # By name: importing the class would make every command load the database's library.
        if type(error).__name__ != "OperationalError":
            raise
        _refuse(
            f"the database does not answer: {str(error).splitlines()[0]}",
            "start it, or set DATABASE_URL to where it is; `oms up` brings its own",
        )


def command_of(words: Sequence[str]) -> str | None:
    """The command that is meant, by its two words or by its first."""
    both = " ".join(words[:2])
    return both if both in COMMANDS else words[0] if words else None


def _refuse(message: str, remedy: str | None) -> None:
    say = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    say.print(f"error: {message}", style="red")
    if remedy:
        say.print(f"  {remedy}")
    sys.exit(1)
