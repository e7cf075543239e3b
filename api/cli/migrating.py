"""`oms migrate`: the database's structure."""

import typer

from oms import migrating
from oms.settings import settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate")(migrate)


def migrate() -> None:
    """Bring the database's structure up to date."""
    revision = migrating.migrate(settings().require_database_url())
    typer.echo(f"the database is at revision {revision}")
