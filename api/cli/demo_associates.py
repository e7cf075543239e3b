"""`oms demo-associates`: the demo's people."""

from pathlib import Path

import typer

from api.demo import associates


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo-associates", hidden=True)(demo_associates)


def demo_associates(data_dir: Path, web_url: str) -> None:
    """Work in every store but the newcomer's, as people would, until told to stop."""
    associates.run(web_url=web_url, data_dir=data_dir)
