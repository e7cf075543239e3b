"""`oms route run` and `oms route runs`: joint runs over the orders that wait."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table

from oms.db import transaction
from oms.sourcing import runs as joint_runs
from workflows.client import connect
from workflows.messages import RunEnded
from workflows.queues import CORE
from workflows.routing_runs import RoutingRun

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_SHOWN = 20


route = typer.Typer(help="Joint runs over the orders that wait.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(route, name="route")


@route.command("run")
def run(as_json: AsJson = False) -> None:
    """Look at all orders that wait, now, and move those for which that is worth it.

    The worker does it; exit 1 if the solver gave no answer and everything stayed where it was.
    """

    async def ask() -> list[RunEnded]:
        client = await connect()
        return await client.execute_workflow(
            RoutingRun.run,
            "cli",
            id=f"routing:{uuid4().hex[:12]}",
            task_queue=CORE,
            static_summary="Find better places for the orders that wait, asked on the command line",
        )

    ended = asyncio.run(ask())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in ended], indent=2))
    elif not ended:
        typer.echo("No order waits for joint routing.")
    else:
        for one in ended:
            typer.echo(
                f"run {one.number}: {one.orders} orders waited, {one.committed} moved,"
                f" {one.lost} lost, {one.kept} kept"
            )
            if one.fallback:
                typer.echo(f"  everything stayed: {one.fallback}")
    raise typer.Exit(1 if any(one.fallback for one in ended) else 0)


@route.command("runs")
def runs() -> None:
    """The joint runs made last, and what came of them."""
    with transaction() as session:
        rows = [
            (row, joint_runs.counts(session, row))
            for row in joint_runs.newest(session, limit=_SHOWN)
        ]
    if not rows:
        typer.echo("No joint run was made yet.")
        return
    table = Table("run", "at", "status", "orders", "moved", "lost", "solver", "note", box=None)
    for row, counts in rows:
        table.add_row(
            str(row.number),
            f"{row.at:%Y-%m-%d %H:%M} UTC",
            row.status.value,
            f"{row.orders} {row.currency}",
            str(counts["committed"]),
            str(counts["lost"]),
            f"{row.solver_ms / 1_000:.1f} s" if row.solver_ms is not None else "",
            " ".join([row.fallback_reason or row.answer_status or "", *row.notes]),
        )
    Console(soft_wrap=True).print(table)
