"""`oms channels`: which there are, whether one keeps the protocol, what polling found."""

import asyncio
import json
from datetime import timedelta
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table

from api.sandbox.doubles import doubled
from oms import clock
from oms.channels import polling
from oms.channels.conformance.verifying import verify
from oms.channels.models import WritebackKind
from oms.channels.registry import channel, configured
from oms.db import transaction
from oms.errors import OmsError
from oms.reports import channels as report
from oms.settings import settings
from workflows.client import connect
from workflows.messages import Polled
from workflows.polling import PollChannels
from workflows.queues import CORE

Code = Annotated[str, typer.Argument(help="The channel's code in the settings.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Sales channels of this installation.", no_args_is_help=True)
    group.command("list")(list_channels)
    group.command("verify")(verify_channel)
    group.command("status")(status)
    group.command("drift")(drift)
    group.command("poll")(poll)
    app.add_typer(group, name="channels")


def list_channels() -> None:
    """Name the channels and what each can do."""
    table = Table("channel", "kind", "sends", "is asked", "stock", "is told", box=None)
    for code, each in sorted(configured().items()):
        asked = each.poller is not None and each.settings.poll
        queue = each.settings.selling_partner and each.settings.selling_partner.queue
        table.add_row(
            code,
            each.settings.kind,
            "webhooks" if each.caps.push else "to a queue" if queue else "no",
            "yes" if asked else "no",
            "yes" if each.caps.stock and each.settings.publish_stock else "no",
            _kinds(each.caps.tells),
        )
    Console().print(table)


def verify_channel(code: Code) -> None:
    """Ask a channel everything that the protocol promises; exit 1 if it breaks a promise.

    A stand-in on this machine plays the other side: the shop itself is not touched.
    """
    console = Console(highlight=False, soft_wrap=True)
    broken = 0
    with doubled(channel(code)) as subject:
        for finding in verify(subject):
            broken += bool(finding.fault)
            if finding.fault:
                console.print(f"[red]broken[/]     {finding.promise}")
            elif finding.not_asked:
                console.print(f"[yellow]not asked[/]  {finding.promise}")
            else:
                console.print(f"[green]kept[/]       {finding.promise}")
            if finding.fault or finding.not_asked:
                console.print(f"           {finding.fault or finding.not_asked}", markup=False)
    raise typer.Exit(1 if broken else 0)


def status() -> None:
    """How far each channel has been asked, and what that found."""
    with transaction() as session:
        found = report.by_channel(session, _asked())
    table = Table("channel", "known until", "asked", "seen", "missed in 7 days", "error", box=None)
    for one in found:
        table.add_row(
            one.channel,
            f"{one.known_until:%Y-%m-%d %H:%M:%S}" if one.known_until else "never asked",
            f"{one.polled_at:%Y-%m-%d %H:%M:%S}" if one.polled_at else "never",
            str(one.seen),
            str(one.missed),
            one.last_error or "",
        )
    Console().print(table)


def drift(
    code: Annotated[str | None, typer.Argument(help="This channel only.")] = None,
    days: Annotated[int, typer.Option(min=1, help="How far back.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List orders and changes that a channel did not tell us of and that asking found."""
    if code is not None:
        channel(code)
    since = clock.now() - timedelta(days=days)
    with transaction() as session:
        rows = [
            row.model_dump(mode="json")
            for row in polling.repairs(session, channel=code, since=since)
        ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        typer.echo(f"Nothing was missed in {days} days.")
        return
    table = Table("found at", "channel", "what", "order", "changed at", box=None)
    for row in rows:
        what = row["kind"].replace("_", " ")
        table.add_row(row["found_at"], row["channel"], what, row["reference"], row["changed_at"])
    Console().print(table)


def poll(code: Code) -> None:
    """Ask a channel for what changed, now."""
    channel(code)

    async def ask() -> list[Polled]:
        client = await connect()
        return await client.execute_workflow(
            PollChannels.run,
            [code],
            id=f"sweep:channels:{uuid4().hex[:8]}",
            task_queue=CORE,
            static_summary=f"Ask {code} for what changed, wished on the command line",
        )

    found = asyncio.run(ask())
    if not found:
        raise OmsError(f"{code} could not be asked", remedy="see why with `oms channels status`")
    typer.echo(f"{found[0].seen} orders looked at, {found[0].repaired} of them had been missed.")


def _kinds(tells: frozenset[WritebackKind]) -> str:
    """The facts that a channel takes, in words."""
    if tells == frozenset(WritebackKind):
        return "everything"
    return ", ".join(kind.value for kind in WritebackKind if kind in tells)


def _asked() -> list[str]:
    """The channels that are asked for their orders."""
    return sorted(code for code, each in configured(settings()).items() if each.poller is not None)
