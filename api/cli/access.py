"""Let people, devices and programs in."""

from typing import Annotated

import typer

from oms.access import enrolling, managing
from oms.access.models import Scope
from oms.db import transaction
from oms.locations import queries as locations

access = typer.Typer(help="Service keys, operators, devices and associates.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(access, name="access")


@access.command("key")
def key(
    name: Annotated[str, typer.Argument(help="Who uses the key; shown in the audit trail.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; repeat it.")],
) -> None:
    """Issue a service key. It is shown once."""
    with transaction() as session:
        made = enrolling.issue_key(session, name=name, scopes=scope)
    typer.echo(made)


@access.command("operator")
def operator(
    login: str,
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
) -> None:
    """Add an account for operations."""
    with transaction() as session:
        enrolling.add_operator(session, login=login, password=password)
    typer.echo(f"{login} may sign in at /operations")


@access.command("device")
def device(
    location: Annotated[str, typer.Argument(help="Code of the store or warehouse.")], name: str
) -> None:
    """Enrol a device at a location. Its token is shown once; type it in at /enrol."""
    with transaction() as session:
        place = locations.by_code(session, location)
        _, token = enrolling.enrol_device(session, location_id=place.id, name=name)
    typer.echo(token)


@access.command("associate")
def associate(
    location: Annotated[str, typer.Argument(help="Code of the store or warehouse.")],
    badge: str,
    name: str,
    pin: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
    manages: Annotated[bool, typer.Option(help="Looks after the location as well.")] = False,
) -> None:
    """Let a person work at a location with a badge and a PIN."""
    with transaction() as session:
        place = locations.by_code(session, location)
        managing.add(
            session, place, badge=badge, name=name, pin=pin, manages=manages, actor="operator:cli"
        )
    typer.echo(f"{name} may sign in on the devices of {place.name}")
