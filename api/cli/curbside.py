"""Hand-over at the car: a store's bays and slots, and who waits there now."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from oms.db import transaction
from oms.locations import queries as locations
from oms.pickup import desk
from oms.pickup.curbside import SetUp, of_store, set_up

curbside = typer.Typer(help="Hand-over at the car.")

Code = Annotated[str, typer.Argument(help="Code of the store.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(curbside, name="curbside")


@curbside.command("set")
def change(
    store: Code,
    bay: Annotated[list[str] | None, typer.Option(help="Label of a bay; repeat it.")] = None,
    slot_minutes: Annotated[int | None, typer.Option(help="Length of a slot.")] = None,
    slot_capacity: Annotated[int | None, typer.Option(help="Customers in one slot.")] = None,
) -> None:
    """Say which bays a store has, nearest first, and its slots; what is left out, it has not."""
    wanted = SetUp(tuple(bay or ()), slot_minutes, slot_capacity)
    with transaction() as session:
        place = locations.by_code(session, store)
        set_up(session, place, wanted, actor="operator:cli")
    typer.echo(f"{place.name}: {_words(wanted)}")


@curbside.command("show")
def show(store: Code, as_json: AsJson = False) -> None:
    """Show a store's bays and slots, and who is at the car or on the way."""
    with transaction() as session:
        place = locations.by_code(session, store)
        found = of_store(session, place.id)
        visits = desk.visits(session, location_id=place.id)
    if as_json:
        document = {**asdict(found), "visits": [asdict(visit) for visit in visits]}
        typer.echo(json.dumps(document, indent=2, default=str))
        return
    typer.echo(f"{place.name}: {_words(found)}")
    table = Table("order", "status", "bay", "waits", "called out again", box=None)
    for visit in visits:
        wait = f"{visit.waited_s // 60} min" if visit.here_at else ""
        again = f"{visit.escalated} times" if visit.escalated else ""
        table.add_row(visit.order_number, visit.status.value, visit.bay, wait, again)
    if visits:
        Console(highlight=False).print(table)


def _words(found: SetUp) -> str:
    bays = f"bays {', '.join(found.bays)}" if found.bays else "no numbered bays"
    if found.slot_minutes is None:
        return f"{bays}; customers come when they like"
    return f"{bays}; {found.slot_capacity} customers in each slot of {found.slot_minutes} minutes"
