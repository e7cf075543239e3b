"""Read what a command is given as a file, and refuse it with exit code 2."""

import json
from pathlib import Path
from typing import Any, Final

import typer

_WRONG_INPUT: Final = 2


def read_json(file: Path) -> Any:
    """Return what a JSON file says, or end the command with what is wrong with it."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise wrong_input(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise wrong_input(f"{file} is no JSON: {error}") from error


def wrong_input(message: str) -> typer.Exit:
    """Say what is wrong, and return what ends the command; the caller raises it."""
    typer.echo(message, err=True)
    return typer.Exit(_WRONG_INPUT)
