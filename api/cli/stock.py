"""Look at what may be promised, and set the rules that keep stock back."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel import Session, select

from oms.catalogue import queries as catalogue
from oms.db import transaction
from oms.errors import NotFound
from oms.inventory import rules
from oms.inventory.rule_models import RuleKind, StockRule
from oms.inventory.rules import Scope
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.ordering import explaining
from oms.ordering.explaining import Explanation

atp = typer.Typer(help="What is available to promise.")
rule_commands = typer.Typer(help="Rules that keep stock back: safety, buffers, allotments.")

Sku = Annotated[str, typer.Argument(help="The article.")]
LocationCode = Annotated[str | None, typer.Option("--location", help="Code of a location.")]
Channel = Annotated[str | None, typer.Option("--channel", help="Code of a sales channel.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(atp, name="atp")
    app.add_typer(rule_commands, name="rules")


@atp.callback()
def several() -> None:
    """Keep the command's own name although it is the only one."""


@atp.command("explain")
def explain(
    sku: Sku, location: LocationCode = None, channel: Channel = None, as_json: AsJson = False
) -> None:
    """Say why so much of an article may be promised and no more, deduction by deduction."""
    with transaction() as session:
        if not catalogue.products(session, [sku]):
            raise NotFound(f"not in the catalogue: {sku}", remedy="use a SKU of the catalogue")
        place = locations.by_code(session, location) if location is not None else None
        codes = _codes(session)
        found = explaining.explain(
            session, sku, channel=channel, location_id=place.id if place else None
        )
    if as_json:
        documents = [_document(one, codes, channel) for one in found]
        typer.echo(json.dumps(documents, indent=2, default=str))
        return
    whom = f" for {channel}" if channel else ""
    if not found:
        typer.echo(f"{sku} has never been in stock{f' at {location}' if location else ''}")
    for one in found:
        _show(one, title=f"{sku} at {codes[one.availability.location_id]}{whom}")


@rule_commands.command("list")
def list_rules(
    sku: Annotated[str | None, typer.Option(help="Only rules for this article.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Ended ones as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the rules in force, newest first."""
    with transaction() as session:
        codes = _codes(session)
        rows = rules.in_force(session, sku=sku, with_history=history)
    if as_json:
        documents = [row.model_dump() | {"location": _place(row, codes)} for row in rows]
        typer.echo(json.dumps(documents, indent=2, default=str))
        return
    table = Table("id", "kind", "units", "left", "for", "until", "set", "ended", box=None)
    for row in rows:
        table.add_row(
            str(row.id),
            row.kind.value,
            str(row.units),
            "" if row.remaining is None else str(row.remaining),
            _range(row, codes),
            _moment(row.until),
            f"{_moment(row.set_at)} by {row.set_by}",
            f"{_moment(row.ended_at)}: {row.ended_because}" if row.ended_at else "",
        )
    Console(soft_wrap=True).print(table)


@rule_commands.command("set")
def set_rule(
    kind: RuleKind,
    units: Annotated[int, typer.Argument(help="Units to keep back, at each location it matches.")],
    sku: Annotated[str | None, typer.Option(help="Only for this article.")] = None,
    category: Annotated[str | None, typer.Option(help="Only for articles of it.")] = None,
    location: LocationCode = None,
    channel: Channel = None,
    until: Annotated[
        datetime | None, typer.Option(help="Ends by itself then, in UTC: 2026-11-27T08:00:00.")
    ] = None,
    note: Annotated[str, typer.Option(help="Why, for whoever reads it.")] = "",
) -> None:
    """Put a rule in force. The one of the same kind and scope ends."""
    with transaction() as session:
        if sku is not None and not catalogue.products(session, [sku]):
            raise NotFound(f"not in the catalogue: {sku}", remedy="use a SKU of the catalogue")
        place = locations.by_code(session, location) if location is not None else None
        rule = rules.set_rule(
            session,
            kind,
            Scope(sku, category, place.id if place else None, channel),
            units=units,
            until=until.replace(tzinfo=UTC) if until and until.tzinfo is None else until,
            note=note,
            actor="cli",
        )
        words = _range(rule, _codes(session))
    typer.echo(f"{rule.id}: {kind.value} of {units} for {words}")


@rule_commands.command("end")
def end_rule(
    rule_id: UUID,
    because: Annotated[str, typer.Option(help="Why, for whoever reads the history.")],
) -> None:
    """Take a rule out of force."""
    with transaction() as session:
        rules.end_rule(session, rule_id, actor="cli", because=because)
    typer.echo(f"{rule_id} has ended")


def _show(one: Explanation, *, title: str) -> None:
    rows = [("on hand", one.availability.on_hand, "")]
    for part in one.deductions:
        until = f" (until {_moment(part.until)})" if part.until else ""
        rows.append((f"- {part.what}", -part.units, f"{part.why}{until}"))
    rows.append(("promisable", one.availability.promisable, ""))
    for coming in one.incoming:
        way = "on the way" if coming.in_transit else "ordered"
        expected = f"{way}, {coming.document}, expected {_moment(coming.expected_at)}"
        rows.append(("+ incoming", coming.units, expected))
    width = max(len(what) for what, _, _ in rows)
    typer.echo(title)  # plain lines: a table would fold them where the terminal is narrow
    for what, units, why in rows:
        typer.echo(f"  {what:<{width}}  {units:>6}  {why}".rstrip())


def _document(one: Explanation, codes: Mapping[UUID, str], channel: str | None) -> dict[str, Any]:
    return {
        "sku": one.availability.sku,
        "location": codes[one.availability.location_id],
        "channel": channel,
        "on_hand": one.availability.on_hand,
        "deductions": [
            {
                "what": part.what,
                "units": part.units,
                "why": part.why,
                "rule_id": part.rule_id,
                "until": part.until.isoformat() if part.until else None,
            }
            for part in one.deductions
        ],
        "promisable": one.availability.promisable,
        "incoming": [
            {
                "units": coming.units,
                "expected_at": coming.expected_at.isoformat(),
                "document": coming.document,
                "in_transit": coming.in_transit,
            }
            for coming in one.incoming
        ],
    }


def _range(row: StockRule, codes: Mapping[UUID, str]) -> str:
    parts = (
        row.sku,
        f"category {row.category}" if row.category else None,
        f"at {_place(row, codes)}" if row.location_id else None,
        f"channel {row.channel}" if row.channel else None,
    )
    return ", ".join(part for part in parts if part) or "everything"


def _place(row: StockRule, codes: Mapping[UUID, str]) -> str | None:
    return codes[row.location_id] if row.location_id else None


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""


def _codes(session: Session) -> Mapping[UUID, str]:
    return dict(session.exec(select(Location.id, Location.code)).all())
