"""Load a network: products, locations, stock and tariffs from one file."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from oms.db import transaction
from oms.errors import Invalid
from oms.network import loading
from oms.sourcing import tariffs
from routing.parse import ProblemFault, parse_tariff

network = typer.Typer(help="Products, locations, stock and tariffs.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(network, name="network")
    app.add_typer(tariff, name="tariff")


tariff = typer.Typer(help="What carriage costs, as routing reckons with it.")


@network.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="A network file; docs/network-file.md tells how.")],
) -> None:
    """Load a network file. Repeating it changes nothing; live stock is never overwritten."""
    with transaction() as session:
        loaded = loading.load(session, read_json(file), actor="cli")
    for what, count in loaded.counts.items():
        typer.echo(f"{what}: {count}")


@tariff.command("load")
def load_tariff(
    file: Annotated[Path, typer.Argument(help="The `tariff` object of the routing file format.")],
    name: Annotated[str, typer.Option(help="A name for the sheet, such as its date.")],
    currency: Annotated[str, typer.Option(help="ISO code of its currency.")],
) -> None:
    """Put a tariff sheet in force."""
    sheet = read_json(file)
    try:
        parse_tariff(sheet)
    except ProblemFault as fault:
        raise Invalid(str(fault), field=fault.field) from fault
    with transaction() as session:
        tariffs.load(session, name=name, currency=currency, sheet=sheet)
    typer.echo(f"{name} is in force")


def read_json(file: Path) -> Any:
    """The JSON document in a file, or an error that says where it is broken."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}", field=str(file)) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} is no JSON: {error}", field=str(file)) from error
