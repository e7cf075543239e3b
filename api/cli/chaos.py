"""`oms chaos`: break the system on purpose and see that its promises hold."""

import json
import secrets
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from api.chaos import capture
from api.chaos import options as defaults
from api.chaos.options import Options, Variation
from api.stack.console import Console
from api.stack.supervisor import Stopped
from oms.errors import Invalid

FAULTS = "tests.chaos.faults"
"""Where planted faults are: in the tests, not in the product."""
CALLED_OFF = 130

chaos = typer.Typer(
    help="Kill parts of the system under load and check what it promised.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(chaos, name="chaos")


@chaos.callback()
def several() -> None:
    """Keep the command's name on the command line as long as there is only one."""


@chaos.command("capture")
def capture_orders(
    orders: Annotated[int, typer.Option(min=1, help="Orders to send.")] = defaults.ORDERS,
    kills: Annotated[int, typer.Option(min=0, help="kill -9 of a part.")] = defaults.KILLS,
    duplicates: Annotated[
        float, typer.Option(min=0, max=1, help="Share of messages sent more than once.")
    ] = defaults.DUPLICATES,
    hot_skus: Annotated[
        int, typer.Option(min=1, max=999, help="Articles that everybody wants.")
    ] = defaults.HOT_SKUS,
    web: Annotated[int, typer.Option(min=1, help="Web processes.")] = defaults.WEB_PROCESSES,
    seed: Annotated[
        int | None, typer.Option(help="Repeat a run's orders and kills. [default: by lot]")
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="New folder to keep. [default: a temporary one, removed at the end]"),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="File for the report as JSON.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    plant: Annotated[
        str | None, typer.Option(help="Plant a fault that must be found; needs the source tree.")
    ] = None,
) -> None:
    """Send orders while web processes and PostgreSQL are killed; exit 1 if a promise was broken.

    Starts a PostgreSQL and web processes of its own. Signed webhooks of every channel and tills'
    orders, repeated, reordered and for too little stock, are sent until they are acknowledged;
    then every acknowledged order must be there once, as it was told, and nothing oversold.
    """
    variation = _planted(plant) if plant else Variation()
    if report is not None:
        _check_writable(report)
    console = Console(sys.stderr)
    with tempfile.TemporaryDirectory(prefix="tributary-chaos-") as temporary:
        options = Options(
            data_dir=data_dir or Path(temporary),
            seed=secrets.randbelow(1_000_000) if seed is None else seed,
            orders=orders,
            kills=kills,
            duplicates=duplicates,
            hot_skus=hot_skus,
            web=web,
        )
        console.say(f"{orders:,} orders, {kills} kills, seed {options.seed}: {options.data_dir}")
        try:
            found = capture.run(options, console, variation=variation, plant=plant)
        except Stopped:
            raise typer.Exit(CALLED_OFF) from None
    document = json.dumps(found.document(), indent=2)
    if report is not None:
        report.write_text(document + "\n")
    for line in [document] if as_json else found.lines():
        typer.echo(line)
    if not found.sound and data_dir is None:
        console.say(f"To keep what a run leaves: --seed {options.seed} --data-dir FOLDER")
    raise typer.Exit(0 if found.sound else 1)


def _check_writable(file: Path) -> None:
    """Refuse now what could not be written after a long run."""
    try:
        file.touch()
    except OSError as error:
        raise Invalid(f"{file} cannot be written: {error.strerror}", field="--report") from error


def _planted(name: str) -> Variation:
    try:
        faults: dict[str, Variation] = import_module(FAULTS).FAULTS
    except ModuleNotFoundError as error:
        raise Invalid(
            "planted faults belong to the tests, which are not installed",
            field="--plant",
            remedy="run it from the root of the source tree: python -m api.cli chaos capture",
        ) from error
    if name not in faults:
        raise Invalid(
            f"there is no fault {name!r} to plant",
            field="--plant",
            remedy=f"one of {', '.join(faults)}",
        )
    return faults[name]
