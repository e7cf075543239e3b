"""`oms simulate`: weeks of demand on a network file under several policies side by side."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from api.cli.network import read_json
from api.cli.policies import read_policy, wrong_input
from api.cli.replays import AsJson, HtmlFile, PngFile
from api.reports import printing, simulations
from api.reports.wording import counted
from oms import clock, money
from oms.errors import Invalid
from oms.locations import postcode_files
from oms.network import reading
from oms.network.schema import NetworkFile
from oms.simulation import state as states
from oms.simulation.planning import People, Wanted, plan_of
from oms.simulation.simulating import Plan
from oms.simulation.simulating import simulate as simulate_days
from oms.simulation.state import State


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    network: Annotated[Path, typer.Argument(help="A network file; docs/network-file.md.")],
    weeks: Annotated[int, typer.Option(min=1, max=520, help="How many.")],
    policies: Annotated[str, typer.Option(help="Policy files, with commas between them.")],
    seed: Annotated[int, typer.Option(help="Another seed makes other orders.")] = 0,
    orders_per_day: Annotated[float, typer.Option(min=0.1, help="On a mean day.")] = 100,
    demand: Annotated[
        Path | None, typer.Option(help="A file of orders instead; docs/replay.md.")
    ] = None,
    postcodes: Annotated[
        Path | None,
        typer.Option(help="Postcodes with `population`, as `oms geography load` takes them."),
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The first day; by default next Monday."),
    ] = None,
    restock_days: Annotated[
        int, typer.Option(min=1, help="Stock is filled up again every so many days.")
    ] = 7,
    state: Annotated[
        Path | None, typer.Option(help="Keep each day here, and go on from here when stopped.")
    ] = None,
    html: HtmlFile = None,
    png: PngFile = None,
    as_json: AsJson = False,
) -> None:
    """Put the same weeks of demand to several policies, without a database, and compare.

    Ctrl-C stops it; with --state the same command goes on after the last whole day, and the report
    is the same as if it had never been stopped.
    """
    printing.require_folders(html, png, state)
    with wrong_input(network):
        stated = reading.read(read_json(network))
    wanted = Wanted(
        weeks=weeks,
        seed=seed,
        orders_per_day=orders_per_day,
        start=_start(start, state),
        restocked_every_days=restock_days,
        demand=None if demand is None else read_json(demand),
        people=None if postcodes is None else _people(postcodes, stated),
    )
    chosen = [read_policy(Path(name.strip())) for name in policies.split(",")]
    with wrong_input(demand or network):
        plan = plan_of(stated, chosen, wanted)
    report = simulate_days(plan, state=state, tell=lambda now: _tell(plan, now))
    shown = simulations.page(report)
    printing.save(shown, html_file=html, png_file=png)
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        printing.show(shown)


def _start(given: datetime | None, state: Path | None) -> date:
    """The day that was asked for, that of the simulation that goes on, or next Monday."""
    if given is not None:
        return given.date()
    begun = None if state is None else states.read(state)
    if begun is not None:
        return begun.start
    today = clock.now().date()
    return today + timedelta(days=7 - today.weekday())


def _people(file: Path, network: NetworkFile) -> People:
    countries = {one.country for one in network.locations}
    found = postcode_files.read(file, country=countries.pop() if len(countries) == 1 else None)
    if not any(found.people.values()):
        raise Invalid(
            f"{file} has no column `population` with numbers",
            field="postcodes",
            remedy="leave --postcodes out: then every postcode of the network file counts alike",
        )
    return {
        (round(latitude / count, 6), round(longitude / count, 6)): found.people[key]
        for key, (latitude, longitude, count) in found.places.items()
        if found.people.get(key)
    }


def _tell(plan: Plan, now: State) -> None:
    """Say how far it has come, and what an order has cost so far under each policy."""
    costs = []
    for name, stage in now.policies.items():
        figures = stage.account.figures
        minor = round(figures.cost_minor / figures.decisions) if figures.decisions else 0
        amount = money.grouped(minor, currency=plan.world.currency)
        costs.append(f"{name}: {counted(figures.decisions, 'order')} at {amount}")
    day = now.start + timedelta(days=now.done - 1)
    typer.echo(f"day {now.done} of {plan.days}, {day}  {'; '.join(costs)}", err=True)
