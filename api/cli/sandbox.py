"""`oms sandbox`: the demo's shops and carriers."""

from pathlib import Path
from typing import Annotated

import typer

from api.sandbox import app as shops
from api.sandbox.config import read_config
from api.stack.options import SANDBOX_PORT


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sandbox")(sandbox)


def sandbox(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = SANDBOX_PORT,
    config: Annotated[Path, typer.Option(help="Which shops it plays (JSON).")] = Path(
        "sandbox.json"
    ),
    book: Annotated[
        Path | None, typer.Option(help="What the shops sell, for made-up orders (JSON).")
    ] = None,
    data_dir: Annotated[Path, typer.Option(help="Folder for the shops' orders.")] = Path(),
    shopify_schema: Annotated[
        Path | None, typer.Option(help="Official schema to check requests against.")
    ] = None,
    carrier_schemas: Annotated[
        Path | None, typer.Option(help="Folder of the carriers' official schemas, likewise.")
    ] = None,
    channel_schemas: Annotated[
        Path | None, typer.Option(help="Folder of Amazon's official models, likewise.")
    ] = None,
    orders_per_minute: Annotated[float, typer.Option(min=0, help="Made-up orders.")] = 0,
) -> None:
    """Play the shops and parcel carriers: signed webhooks out, calls in, faults on demand."""
    shops.serve(
        shops.Options(
            config=read_config(config),
            port=port,
            book=book,
            data_dir=data_dir,
            shopify_schema=shopify_schema,
            carrier_schemas=carrier_schemas,
            channel_schemas=channel_schemas,
            orders_per_minute=orders_per_minute,
        ),
        announce=typer.echo,
    )
