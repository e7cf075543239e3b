"""`oms route`: solve a problem file, without database or server."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from routing.parse import ProblemFault
from routing.sequence import Method
from routing.solve import solve_document

_WRONG_INPUT = 2


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("route")(route)


def route(
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

    `oms route run` looks at the orders that wait instead, and `oms route runs` lists such runs.

    Exit 2 when the file is not as documented, naming the field.
    """
    begun = time.perf_counter()
    try:
        answer = solve_document(
            _read(problem),
            method=method,
            elapsed=lambda: time.perf_counter() - begun,
            time_limit_s=time_limit,
        )
    except ProblemFault as fault:
        typer.echo(f"{problem}: {fault}", err=True)
        raise typer.Exit(_WRONG_INPUT) from fault
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
    else:
        _show(answer)


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        typer.echo(f"{file} cannot be read: {error.strerror}", err=True)
        raise typer.Exit(_WRONG_INPUT) from error
    except (ValueError, RecursionError) as error:
        typer.echo(f"{file} is no JSON: {error}", err=True)
        raise typer.Exit(_WRONG_INPUT) from error


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
