"""`oms route explain`: why an order goes where it goes, and what would send it elsewhere."""

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from api.cli import reasons_table
from api.cli.problem_files import read_json, wrong_input
from routing.decide import decide
from routing.parse import ProblemFault, parse_problem
from routing.supposing import supposed
from routing.wording import sentences

_ORDERS_NAMED: Final = 12


route = typer.Typer(help="Why an order goes where it goes.")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.add_typer(route, name="route")


@route.callback()
def alone() -> None:
    """Keep the command's name, though it is the only one here."""


@route.command()
def explain(
    order: Annotated[
        str | None, typer.Argument(help="Our number, an id, or channel:reference.")
    ] = None,
    problem: Annotated[
        Path | None, typer.Option(help="Explain an order of this problem file; no database.")
    ] = None,
    of_file: Annotated[
        str | None, typer.Option("--order", help="With --problem: the order's id in the file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell why an order goes where it goes: costs by term, who could not serve, what would flip it.

    Every decision of an order is told, the newest first, with what changed in between. An order of
    a file is decided as if it came first. Exit 2 for wrong input, 1 for an order that is unknown.
    """
    if problem is not None:
        _explain_file(problem, of_file or order, as_json=as_json)
    elif name := order or of_file:
        _explain_stored(name, as_json=as_json)
    else:
        raise wrong_input("no order given: oms route explain ORDER, or --problem FILE --order ID")


def _explain_file(file: Path, order: str | None, *, as_json: bool) -> None:
    try:
        problem = parse_problem(read_json(file))
    except ProblemFault as fault:
        raise wrong_input(f"{file}: {fault}") from fault
    known = [one.id for one in problem.orders]
    if order not in known:
        asked = f"there is no order {order} in it" if order else "say which with --order"
        raise wrong_input(f"{file}: {asked}; its orders: {', '.join(known[:_ORDERS_NAMED])}")
    decision, found = decide(problem, order), supposed(problem, order)
    if as_json:
        document = {"decision": decision.document(), "suppositions": list(found.sentences)}
        typer.echo(json.dumps(document | {"counterfactuals": found.documents()}, indent=2))
        return
    reasons_table.show(decision.explanation, {}, sentences(decision.explanation))
    reasons_table.show_supposed(found.sentences)


def _explain_stored(name: str, *, as_json: bool) -> None:
    # Loaded at need: a problem file is explained without the database's library.
    from api.cli import stored_reasons

    stored_reasons.explain(name, as_json=as_json)
