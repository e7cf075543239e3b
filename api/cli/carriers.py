"""`oms carriers`: which there are, what a parcel would cost, and whether one keeps the protocol."""

from dataclasses import replace
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table

from carriers.base import Address, Carrier, CarrierError, Parcel, Shipment
from carriers.conformance import Subject, verify
from carriers.registry import UnknownCarrier
from oms import clock
from oms.errors import NotFound
from oms.settings import settings
from workflows import carriage

_SENDER = Address(
    name="Warehouse",
    company="Tributary",
    street="417 Montgomery Street",
    city="San Francisco",
    region="CA",
    postcode="94104",
    country="US",
    phone="4155550100",
)
_RECIPIENT = Address(
    name="Test Recipient",
    street="179 N Harbor Drive",
    city="Redondo Beach",
    region="CA",
    postcode="90277",
    country="US",
    phone="3105550100",
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Parcel carriers of this installation.", no_args_is_help=True)
    group.command("list")(list_carriers)
    group.command("verify")(verify_carrier)
    app.add_typer(group, name="carriers")


def list_carriers() -> None:
    """Name the carriers, and those among which each parcel's is chosen."""
    compared = settings().compare_carriers or (settings().carrier,)
    table = Table("carrier", "takes part in the choice", "rate sheet", box=None)
    sheets = carriage.sheets()
    for code in carriage.registry().codes:
        table.add_row(code, "yes" if code in compared else "no", "yes" if code in sheets else "no")
    Console().print(table)


def verify_carrier(
    code: Annotated[str, typer.Argument(help="The carrier's code in the settings.")],
    weight_g: Annotated[int, typer.Option(min=1, help="Of the parcel that is tried.")] = 1_000,
    from_country: Annotated[str, typer.Option(help="Where it is sent from.")] = "US",
    from_postcode: Annotated[str, typer.Option(help="Likewise.")] = _SENDER.postcode,
    to_country: Annotated[str, typer.Option(help="Where it goes.")] = "US",
    to_postcode: Annotated[str, typer.Option(help="Likewise.")] = _RECIPIENT.postcode,
    forgets: Annotated[
        bool, typer.Option("--forgets", help="It need not find labels that it sold.")
    ] = False,
) -> None:
    """Ask a carrier everything that the protocol promises; exit 1 if it breaks a promise.

    It buys labels and gives them back: use the carrier's test environment.
    """
    try:
        carriage.registry().get(code)
    except UnknownCarrier as error:
        raise NotFound(str(error), field="CODE", remedy="configure it under `carriers`") from error
    shipment = Shipment(
        reference=f"verify-{uuid4().hex[:12]}",
        sender=replace(_SENDER, country=from_country, postcode=from_postcode),
        recipient=replace(_RECIPIENT, country=to_country, postcode=to_postcode),
        parcel=Parcel(weight_g=weight_g, length_mm=300, width_mm=200, height_mm=100),
        ship_on=clock.now().date(),
        value_minor=4_500,
        currency=settings().carrier_currency,
        notes=("verification",),
    )
    raise typer.Exit(1 if _report(code, shipment, forgets=forgets) else 0)


def _report(code: str, shipment: Shipment, *, forgets: bool) -> int:
    def subject_of(check: str) -> Subject:
        own = replace(shipment, reference=f"{shipment.reference}-{check[:8]}")

        def again() -> Carrier:
            carriage.registry.cache_clear()
            return carriage.registry().get(code)

        return Subject(
            again,
            own,
            remembers=not forgets,
            remembers_after_restart=not forgets,
            reports=False,
        )

    console = Console(highlight=False, soft_wrap=True)
    broken = 0
    try:
        for finding in verify(subject_of):
            broken += bool(finding.fault)
            mark = "[red]broken[/]" if finding.fault else "[green]kept[/]"
            console.print(f"{mark}  {finding.promise}")
            if finding.fault:
                console.print(f"        {finding.fault}", markup=False)
    except CarrierError as error:
        console.print(f"{error.code}: {error}", markup=False)
        return 1
    return broken
