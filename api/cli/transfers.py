"""Transfers between locations from the command line."""

import json
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.schemas.transfers import TransferOut
from oms import clock
from oms.db import transaction
from oms.errors import Invalid
from oms.locations import queries as locations
from oms.transfers import queries, sending, showing
from oms.transfers.models import TransferStatus

transfers = typer.Typer(help="Goods that one location sends another.")

_OPEN = (TransferStatus.REQUESTED, TransferStatus.PICKED, TransferStatus.SHIPPED)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(transfers, name="transfers")


@transfers.command("list")
def show(
    location: Annotated[str | None, typer.Option(help="Only from or to this location.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Ended ones as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List transfers that are under way, the newest first."""
    with transaction() as session:
        place = locations.by_code(session, location) if location is not None else None
        rows = queries.of_location(
            session, place.id if place else None, statuses=() if history else _OPEN
        )
        found = showing.shown(session, rows)
    if as_json:
        documents = [TransferOut.model_validate(one).model_dump(mode="json") for one in found]
        typer.echo(json.dumps(documents, indent=2))
        return
    table = Table("number", "from", "to", "status", "goods", "expected", box=None)
    for one in found:
        goods = ", ".join(f"{line.picked or line.requested} {line.sku}" for line in one.lines)
        when = f"{one.expected_at:%Y-%m-%d %H:%M}"
        table.add_row(
            str(one.number), one.from_location, one.to_location, one.status.value, goods, when
        )
    Console(highlight=False).print(table)


@transfers.command("request")
def request(
    sender: Annotated[str, typer.Argument(help="Code of the location that sends.")],
    receiver: Annotated[str, typer.Argument(help="Code of the location that receives.")],
    goods: Annotated[list[str], typer.Argument(help="SKU=UNITS; repeat it.")],
    days: Annotated[int, typer.Option(min=0, help="In how many days it should be there.")] = 2,
) -> None:
    """Ask a location for goods; they are held there at once."""
    with transaction() as session:
        made = sending.request(
            session,
            from_location_id=locations.by_code(session, sender).id,
            to_location_id=locations.by_code(session, receiver).id,
            wanted=_wanted(goods),
            expected_at=clock.now() + timedelta(days=days),
            actor="operator:cli",
        )
        number = made.number
    typer.echo(f"transfer {number}: {sender} sends {receiver} {', '.join(goods)}")


def _wanted(goods: list[str]) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for one in goods:
        sku, _, units = one.rpartition("=")
        if not sku or not units.isdecimal():
            raise Invalid(f"{one} is not SKU=UNITS", field="goods", remedy="write MUG=3")
        wanted[sku] = wanted.get(sku, 0) + int(units)
    return wanted
