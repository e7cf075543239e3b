"""`oms feed`: write a feed to a file."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from oms.db import transaction
from oms.errors import Invalid
from oms.feeds import writing
from oms.feeds.writing import FeedForm
from oms.settings import settings

feed = typer.Typer(help="Feeds for those who show our range.")

File = Annotated[Path, typer.Argument(help="Where to write it; replaced as a whole at the end.")]
Channel = Annotated[str | None, typer.Option(help="Only what this channel lists, as it lists it.")]
_ENDINGS: Final = {".csv": FeedForm.CSV, ".jsonl": FeedForm.JSONL, ".ndjson": FeedForm.JSONL}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(feed, name="feed")


@feed.command("local-inventory")
def local_inventory(file: File, channel: Channel = None) -> None:
    """What lies in which store: JSON lines in the shape of Google's Merchant API."""
    lines = writing.local_inventory_feed(
        transaction,
        channel=_known(channel),
        pickup_ready_minutes=settings().pickup_ready_minutes,
    )
    typer.echo(f"{_write(file, lines)} lines in {file}")


@feed.command("products")
def products(file: File, channel: Channel = None) -> None:
    """What we sell: CSV or JSON lines, by the file's ending."""
    form = _ENDINGS.get(file.suffix)
    if form is None:
        raise Invalid(
            f"{file} ends in none of {', '.join(_ENDINGS)}",
            field="FILE",
            remedy="name it .csv or .jsonl, as you want it",
        )
    lines = writing.product_feed(transaction, channel=_known(channel), form=form)
    typer.echo(f"{_write(file, lines)} lines in {file}")


def _known(channel: str | None) -> str | None:
    if channel is not None and settings().channel(channel) is None:
        raise Invalid(
            f"there is no channel {channel!r}",
            field="--channel",
            remedy=f"configured: {', '.join(sorted(settings().channels)) or 'none'}",
        )
    return channel


def _write(file: Path, pieces: Iterator[str]) -> int:
    """Write the whole, or leave what was there; return the number of lines."""
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    lines = 0
    try:
        with fresh.open("w", encoding="utf-8", newline="") as target:
            for piece in pieces:
                lines += piece.count("\n")
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(file)
    except OSError as error:
        raise Invalid(f"{file} cannot be written: {error.strerror}", field="FILE") from error
    finally:
        fresh.unlink(missing_ok=True)
    return lines
