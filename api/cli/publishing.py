"""`oms stock`: how the channels' stock figures stand, and what to do about them."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table

from oms.db import transaction
from oms.errors import Invalid
from oms.publishing import channels, drifting, owing
from oms.reports import publishing
from oms.settings import settings
from workflows.client import connect
from workflows.messages import StockCompared
from workflows.publishing import ReconcileStock
from workflows.queues import CORE

stock = typer.Typer(help="What the channels are told may be sold.")

Channel = Annotated[str | None, typer.Option(help="This channel only.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(stock, name="stock")


@stock.command("status")
def status(as_json: AsJson = False) -> None:
    """What each channel is owed, was told, and has refused."""
    with transaction() as session:
        found = publishing.by_channel(session, channels.publishing(settings()))
    if as_json:
        _print([asdict(one) for one in found])
        return
    table = Table("channel", "owed", "refused", "told", "last told", "compared", "error", box=None)
    for one in found:
        table.add_row(
            one.channel,
            str(one.owed),
            str(one.refused),
            str(one.told),
            f"{one.last_told_at:%Y-%m-%d %H:%M:%S}" if one.last_told_at else "never",
            f"{one.compared_at:%Y-%m-%d %H:%M:%S}" if one.compared_at else "never",
            one.last_error or "",
        )
    Console().print(table)


@stock.command("drift")
def drift(
    channel: Channel = None,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only what is not repaired; exit 1 if there is any.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Where a channel showed something else than it was told, the newest first."""
    chosen = _chosen(channel)
    with transaction() as session:
        rows = drifting.newest(session, channel=chosen[0] if channel else None, only_open=only_open)
        found = [row.model_dump(mode="json") for row in rows]
    if as_json:
        _print(found)
    elif not found:
        typer.echo("No drift was found." if not only_open else "No drift is open.")
    else:
        table = Table(
            "found at", "channel", "article", "place", "told", "found", "repaired at", box=None
        )
        for row in found:
            table.add_row(
                row["found_at"],
                row["channel"],
                row["channel_sku"],
                row["place"] or "all",
                str(row["published"]),
                str(row["found"]),
                row["repaired_at"] or "not yet",
            )
        Console().print(table)
    raise typer.Exit(1 if only_open and found else 0)


@stock.command("publish")
def publish(channel: Channel = None) -> None:
    """Tell a channel, or all, of every article again; what it shows rightly is not sent."""
    chosen = _chosen(channel)
    with transaction() as session:
        owing.owe_everything(session, channels=chosen, now=True)
    typer.echo(f"Owed anew: all that {', '.join(chosen)} list. The worker tells it.")


@stock.command("reconcile")
def reconcile(channel: Channel = None, as_json: AsJson = False) -> None:
    """Compare the channels' own figures with what they were told, now."""
    chosen = _chosen(channel)

    async def compare() -> list[StockCompared]:
        client = await connect()
        return await client.execute_workflow(
            ReconcileStock.run,
            list(chosen),
            id=f"sweep:stock:{uuid4().hex[:8]}",
            task_queue=CORE,
            static_summary="Compare the channels' stock figures, asked on the command line",
        )

    found = asyncio.run(compare())
    if as_json:
        _print([asdict(one) for one in found])
    else:
        for one in found:
            typer.echo(
                f"{one.channel}: {one.count} figures compared, {one.drifted} drifted,"
                f" {one.outdated} articles outdated"
            )
    missing = sorted(set(chosen) - {one.channel for one in found})
    if missing:
        typer.echo(f"not compared: {', '.join(missing)}; see `oms stock status`", err=True)
    raise typer.Exit(1 if missing else 0)


def _chosen(channel: str | None) -> list[str]:
    known = sorted(channels.publishing(settings()))
    if channel is None:
        return known
    if channel not in known:
        raise Invalid(
            f"{channel!r} is no channel that is told of stock",
            field="--channel",
            remedy=f"one of {', '.join(known) or 'none'}; see publish_stock in its settings",
        )
    return [channel]


def _print(found: Any) -> None:
    typer.echo(json.dumps(found, indent=2, default=str))
