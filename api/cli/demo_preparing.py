"""`oms demo-prepare`: the demo's files. Every other process waits for it, so it loads little."""

from pathlib import Path

import typer

from api.cli.paths import shared_data
from api.demo import preparing
from api.stack.options import MAIL_PORT


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo-prepare", hidden=True)(demo_prepare)


def demo_prepare(
    data_dir: Path, web_url: str, sandbox_url: str, mail_port: int = MAIL_PORT
) -> None:
    """Write the demo's settings and shop book."""
    preparing.prepare(
        data_dir,
        web_url=web_url,
        sandbox_url=sandbox_url,
        mail_port=mail_port,
        shared=shared_data(),
    )
