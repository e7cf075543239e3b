"""`oms route`: solve a problem file, without database or server."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from rich.console import Console
from rich.table import Table

from api.cli.problem_files import read_json, wrong_input
from routing.batch.effort import Limits, Progress
from routing.method import Method
from routing.parse import ProblemFault
from routing.solve import solve_document

Json: TypeAlias = dict[str, Any]
Work: TypeAlias = Callable[[], Json]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("route")(route)


def route(
    problem: Annotated[Path, typer.Argument(help="A problem file; docs/routing-problem.md.")],
    method: Annotated[
        Method, typer.Option(help="How each order's locations are chosen.")
    ] = Method.EXACT,
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=0.01, help="Seconds; then the rest is left unfilled, or the best joint plan told."
        ),
    ] = None,
    progress: Annotated[
        bool, typer.Option(help="Say on standard error how far a joint decision has come.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Choose the location that ships or hands over each line of a problem file.

    `oms route explain` says why an order went where it went; `oms route run` looks at the orders
    that wait, and `oms route runs` lists such runs.

    Ctrl-C ends a joint decision with the best plan so far. Exit 2 when the file is not as
    documented, naming the field.
    """
    begun = time.perf_counter()

    def elapsed() -> float:
        return time.perf_counter() - begun

    limits = Limits(
        seconds_left=lambda: None if time_limit is None else time_limit - elapsed(),
        report=(lambda told: _tell(told, elapsed())) if progress else (lambda _: None),
    )
    document = read_json(problem)
    try:
        with _interruptible(limits, when=method is Method.JOINT) as run:
            answer = run(
                lambda: solve_document(document, method=method, elapsed=elapsed, limits=limits)
            )
    except ProblemFault as fault:
        raise wrong_input(f"{problem}: {fault}") from fault
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
    else:
        _show(answer)


@contextmanager
def _interruptible(limits: Limits, *, when: bool) -> Iterator[Callable[[Work], Json]]:
    """Let Ctrl-C stop the work at its best plan: it runs beside, so that the signal is heard."""
    if not when:
        yield lambda work: work()
        return
    earlier = signal.signal(signal.SIGINT, lambda *_: limits.interrupter.interrupt())
    try:
        with ThreadPoolExecutor(1) as worker:
            yield lambda work: worker.submit(work).result()
    finally:
        signal.signal(signal.SIGINT, earlier)


def _tell(progress: Progress, seconds: float) -> None:
    plan = "no plan yet" if progress.plan_cents is None else f"plan {progress.plan_cents}"
    gap = "" if progress.gap is None else f", gap {progress.gap:.2%}"
    typer.echo(
        f"{seconds:7.1f} s  {progress.phase}: bound {progress.bound_cents}, {plan}{gap}", err=True
    )


def _lines(ids: list[str], units: dict[str, int]) -> str:
    """Return lines in one cell; of those that are split, how many units."""
    return ", ".join(f"{line} × {units[line]}" if line in units else line for line in ids)


def _show(answer: dict[str, Any]) -> None:
    table = Table("order", "location", "lines", "cents", box=None)
    for order in answer["orders"]:
        for parcel in order["parcels"]:
            where = (
                f"{parcel['location']} to {parcel['to']}" if "to" in parcel else parcel["location"]
            )
            where += f" ({parcel['window']})" if "window" in parcel else ""
            lines = _lines(parcel["lines"], parcel.get("units", {}))
            table.add_row(order["id"], where, lines, str(parcel["cents"]))
        if order["unfilled"]:
            left = _lines(order["unfilled"], order.get("unfilled_units", {}))
            table.add_row(order["id"], "unfilled", left, "")
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"{answer['status']}: {answer['cost_cents']} cents, proven at least"
        f" {answer['lower_bound_cents']} (gap {answer['gap']:.2%}), {answer['wall_s']:.3f} s"
    )
