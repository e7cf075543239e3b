"""`oms route`: solve a problem file, without database or server, and say why."""

import json
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from api.cli import route_explaining
from api.cli.problem_files import read_json, wrong_input
from routing.parse import ProblemFault
from routing.sequence import Method
from routing.solve import solve_document

_SOLVE: Final = "solve"


class FileFirst(TyperGroup):
    """`oms route FILE` solves the file; a first word that is a command is that command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in that is left out."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [_SOLVE, *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    route = typer.Typer(
        cls=FileFirst,
        no_args_is_help=True,
        help="Solve a problem file (`oms route FILE`), or explain a decision.",
    )
    route.command(_SOLVE)(solve)
    route_explaining.register(route)
    app.add_typer(route, name="route")


def solve(
    problem: Annotated[Path, typer.Argument(help="A problem file; docs/routing-problem.md.")],
    method: Annotated[
        Method, typer.Option(help="How each order's locations are chosen.")
    ] = Method.EXACT,
    time_limit: Annotated[
        float | None, typer.Option(min=0.01, help="Seconds after which the rest is left unfilled.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Choose the location that ships or hands over each line of a problem file.

    Exit 2 when the file is not as documented, naming the field.
    """
    begun = time.perf_counter()
    try:
        answer = solve_document(
            read_json(problem),
            method=method,
            elapsed=lambda: time.perf_counter() - begun,
            time_limit_s=time_limit,
        )
    except ProblemFault as fault:
        raise wrong_input(f"{problem}: {fault}") from fault
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
    else:
        _show(answer)


def _show(answer: dict[str, Any]) -> None:
    table = Table("order", "location", "lines", "cents", box=None)
    for order in answer["orders"]:
        for parcel in order["parcels"]:
            table.add_row(
                order["id"], parcel["location"], ", ".join(parcel["lines"]), str(parcel["cents"])
            )
        if order["unfilled"]:
            table.add_row(order["id"], "unfilled", ", ".join(order["unfilled"]), "")
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"{answer['status']}: {answer['cost_cents']} cents, proven at least"
        f" {answer['lower_bound_cents']} (gap {answer['gap']:.2%}), {answer['wall_s']:.3f} s"
    )
