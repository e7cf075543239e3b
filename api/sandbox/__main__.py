"""Run the channel sandbox: `python -m api.sandbox --port 8099 --config sandbox.json`."""

from pathlib import Path
from typing import Annotated

import typer

from api.sandbox.app import Options, serve
from api.sandbox.config import read_config
from oms.errors import OmsError


def main(
    config: Annotated[Path, typer.Option(help="JSON: oms_url and shops with their secrets")],
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8099,
    data_dir: Annotated[
        Path | None, typer.Option(help="folder that keeps the shops' orders; else forgotten")
    ] = None,
    book: Annotated[Path | None, typer.Option(help="JSON: articles, stores, addresses")] = None,
    orders_per_minute: Annotated[
        float, typer.Option(min=0, max=600, help="random orders on average")
    ] = 0.0,
    shopify_schema: Annotated[
        Path | None, typer.Option(help="hold every request against this official schema")
    ] = None,
    carrier_schemas: Annotated[
        Path | None, typer.Option(help="folder of the carriers' official schemas, likewise")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="the same random orders every time")] = None,
) -> None:
    """Play the shops: place orders, send signed webhooks, take writebacks in."""
    try:
        options = Options(
            config=read_config(config),
            port=port,
            data_dir=data_dir,
            book=book,
            carrier_schemas=carrier_schemas,
            orders_per_minute=orders_per_minute,
            shopify_schema=shopify_schema,
            seed=seed,
        )
        serve(options, announce=lambda url: typer.echo(f"The shops' view: {url}"))
    except OmsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
