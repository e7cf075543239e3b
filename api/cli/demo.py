"""The demo's parts: settings, network, people and shops."""

from pathlib import Path
from typing import Annotated

import typer

from api.demo import associates, preparing, seeding
from api.sandbox import app as shops
from api.sandbox.config import read_config
from api.stack.options import SANDBOX_PORT

_SHARED = Path(__file__).parents[3] / "shared" / "data"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("demo-prepare", hidden=True)(demo_prepare)
    app.command("demo-seed", hidden=True)(demo_seed)
    app.command("demo-associates", hidden=True)(demo_associates)
    app.command("sandbox")(sandbox)


def demo_prepare(data_dir: Path, web_url: str, sandbox_url: str) -> None:
    """Write the demo's settings and shop book."""
    preparing.prepare(data_dir, web_url=web_url, sandbox_url=sandbox_url)


def demo_seed(data_dir: Path) -> None:
    """Fill the database with the demo's network and people."""
    seeding.seed(data_dir, shared=_SHARED if _SHARED.is_dir() else None)


def demo_associates(data_dir: Path, web_url: str) -> None:
    """Work in every store but the newcomer's, as people would, until told to stop."""
    associates.run(web_url=web_url, data_dir=data_dir)


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
    orders_per_minute: Annotated[float, typer.Option(min=0, help="Made-up orders.")] = 0,
) -> None:
    """Play the sales channels' shops: signed webhooks out, writebacks in, faults on demand."""
    shops.serve(
        shops.Options(
            config=read_config(config),
            port=port,
            book=book,
            data_dir=data_dir,
            shopify_schema=shopify_schema,
            orders_per_minute=orders_per_minute,
        ),
        announce=typer.echo,
    )
