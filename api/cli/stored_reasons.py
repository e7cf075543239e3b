"""Tell why an order of the running system went where it went."""

import typer

from api.cli import reasons_table
from api.reasons import why
from oms.db import transaction
from oms.orders import queries as orders
from oms.sourcing import decisions, reasons
from oms.sourcing.reasons import Names, Told
from routing.supposing import Supposed


def explain(name: str, *, as_json: bool) -> None:
    """Print every decision of an order; raises `NotFound` for an order that is unknown."""
    with transaction() as session:
        order = orders.named(session, name)
        if as_json:
            typer.echo(why(session, order).model_dump_json(indent=2))
            return
        rows = decisions.of_order(session, order.id)
        names = reasons.location_names(session)
        told = reasons.told(rows, names)
        supposed = reasons.supposed_of(rows[0], names) if rows else None
        title = f"Order {order.number} ({order.channel} {order.display_number})"
    _show(title, told, supposed, names)


def _show(title: str, told: tuple[Told, ...], supposed: Supposed | None, names: Names) -> None:
    if not told:
        typer.echo(f"{title} has not been routed.")
    for number, one in enumerate(told):
        row = one.row
        typer.echo(
            f"{title}, decision {len(told) - number} of {len(told)}, {row.at:%Y-%m-%d %H:%M:%S} UTC"
            f" by {row.engine}: {row.status}"
        )
        reasons_table.show(one.explanation, names, one.sentences)
        if supposed is not None and not number:
            reasons_table.show_supposed(supposed.sentences)
        if one.since:
            typer.echo("\nDifferent from the decision before:")
            for sentence in one.since:
                typer.echo(f"- {sentence}")
        typer.echo("")
