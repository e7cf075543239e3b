"""`oms geography`: the map of postcodes."""

import re
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from oms.db import transaction
from oms.errors import Invalid, NotFound
from oms.locations import entering, geography, postcode_files

_AT_ONCE = 50_000
_SHOWN = 5
_SOME_WRONG = 3

commands = typer.Typer(help="Where postcodes lie.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="geography")


@commands.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="A .csv or .csv.gz file; docs/geography.md.")],
    country: Annotated[
        str | None, typer.Option(help="Code of the country, unless a column says it for each row.")
    ] = None,
) -> None:
    """Put postcodes on the map. Repeating it changes nothing; what is left out stays.

    Exit 0 when every row is in, 3 when some rows were wrong and the others are in.
    """
    if country is not None:
        country = _code(country)
    found = postcode_files.read(file, country=country)
    added = changed = 0
    with transaction() as session:
        rows = found.rows()
        while some := list(islice(rows, _AT_ONCE)):
            done = entering.enter_postcodes(session, some)
            added, changed = added + done.added, changed + done.changed
    same = len(found.places) - added - changed
    typer.echo(
        f"{added:,} postcodes added, {changed:,} changed, {same:,} as they were,"
        f" {len(found.faults):,} rows wrong"
    )
    for fault in found.faults[:_SHOWN]:
        typer.echo(f"  line {fault.line} {fault.column}: {fault.value!r} {fault.reason}", err=True)
    if found.faults[_SHOWN:]:
        typer.echo(f"  and {len(found.faults) - _SHOWN:,} more", err=True)
    raise typer.Exit(_SOME_WRONG if found.faults else 0)


@commands.command("find")
def find(
    postcode: Annotated[str, typer.Argument(help="As a customer writes it.")],
    country: Annotated[str, typer.Option(help="Code of its country.")],
) -> None:
    """Say where a postcode lies, and how well that is known."""
    with transaction() as session:
        found = geography.find(session, country=_code(country), postcode=postcode)
    if found is None:
        raise NotFound(
            f"nothing that begins like {postcode!r} is on the map of {country}",
            field="postcode",
            remedy="load a table of its country with `oms geography load FILE --country CODE`",
        )
    how = f" (the middle of all that begin with {found.area})" if found.area else ""
    typer.echo(f"{found.latitude:.4f}, {found.longitude:.4f}{how}")


def _code(country: str) -> str:
    code = country.upper()
    if not re.fullmatch("[A-Z]{2}", code):
        raise Invalid(
            f"{country!r} is no country code",
            field="country",
            remedy="write the two letters of ISO 3166, such as US or DE",
        )
    return code
