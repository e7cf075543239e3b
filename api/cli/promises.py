"""`oms promise`: by when a basket is there, and where it is ready when."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from api.schemas.promises import PickupOptionOut, PromiseOut, ShippingOptionOut, promise_out
from oms.db import transaction
from oms.promises import baskets, promising
from oms.promises.baskets import Basket
from routing.wording import amount


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("promise")(promise)


def promise(
    sku: Annotated[list[str], typer.Option(help="An article; once for each.")],
    qty: Annotated[
        list[int] | None, typer.Option(help="Units of each --sku, in the same sequence.")
    ] = None,
    postcode: Annotated[str | None, typer.Option(help="Where it is to go.")] = None,
    country: Annotated[str | None, typer.Option(help="Of the postcode, such as US.")] = None,
    latitude: Annotated[float | None, typer.Option(help="Instead of a postcode.")] = None,
    longitude: Annotated[float | None, typer.Option(help="Instead of a postcode.")] = None,
    channel: Annotated[str | None, typer.Option(help="Code of a sales channel.")] = None,
    currency: Annotated[str | None, typer.Option(help="Of the tariff.")] = None,
    stores: Annotated[int, typer.Option(help="How many stores are named at most.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer of the API.")] = False,
) -> None:
    """Say what can be promised for a basket, by the routing that its order will meet."""
    basket = Basket(
        lines=baskets.lines(sku, qty or ()),
        channel=channel,
        country=country.upper() if country else None,
        postcode=postcode,
        latitude=latitude,
        longitude=longitude,
        currency=currency,
    )
    with transaction() as session:
        found = promise_out(promising.promise(session, basket, stores=stores))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        _say(found)


def _say(found: PromiseOut) -> None:
    for one in found.shipping.options:
        typer.echo(_option(one, found.currency))
    for lacking in found.shipping.lacking:
        typer.echo(f"not sent: {lacking.quantity} x {lacking.sku}: {lacking.reason}")
    for store in found.pickup.stores:
        typer.echo(f"collect at {_store(store)}")
    if found.pickup.reason:
        typer.echo(f"not collected: {found.pickup.reason}")
    for store in found.pickup.in_part:
        typer.echo(f"collect in part at {_store(store)}, without {', '.join(store.lacking)}")
    for assumption in found.assumptions:
        typer.echo(f"note: {assumption}")


def _option(one: ShippingOptionOut, currency: str) -> str:
    parcels = ", ".join(
        f"{' and '.join(parcel.skus)} from {parcel.location} on {parcel.leaves_on:%a %d %b}"
        for parcel in one.parcels
    )
    return (
        f"there by {one.arrives_on:%a %d %b %Y} for {amount(one.cost_minor, currency)} {currency}"
        f" if ordered before {one.order_before:%Y-%m-%d %H:%M} UTC: {parcels}"
    )


def _store(store: PickupOptionOut) -> str:
    ready = _local(store.ready_by, store.time_zone)
    return f"{store.location} {store.name}, {store.distance_miles} miles: ready by {ready}"


def _local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%a %d %b %H:%M} ({zone})"
