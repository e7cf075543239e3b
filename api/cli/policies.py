"""`oms policy`: what routing weighs, allows, excludes and waits for, version by version."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from api.cli.network import read_json
from api.reports import promotions
from oms.db import transaction
from oms.errors import Invalid
from oms.replays import promoting
from oms.sourcing import plugged_terms, policies, weighing
from oms.sourcing.models import RoutingPolicy
from oms.sourcing.policy import Policy, document, parse
from routing.weighing import TermFault

policy = typer.Typer(help="Routing policies: versions that are added and never changed.")

_WRONG_INPUT: Final = 2
File = Annotated[Path, typer.Argument(help="A policy file; docs/policies.md tells how.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(policy, name="policy")


@policy.command("list")
def list_versions(as_json: AsJson = False) -> None:
    """Every version, the one that counts last first; a star marks the one in force."""
    with transaction() as session:
        rows = policies.listed(session)
        current = policies.current(session).version
    if as_json:
        found = [_plain(row, current) for row in rows]
        typer.echo(json.dumps(found, indent=2, default=str))
        return
    if current is None:
        typer.echo("In force is the standard policy; `oms policy show` prints it.")
    table = Table("version", "name", "effective from", "added", "note", box=None)
    for row in rows:
        star = " *" if row.version == current else ""
        table.add_row(
            f"{row.version}{star}",
            row.name,
            f"{row.effective_from:%Y-%m-%d %H:%M} UTC",
            f"{row.created_at:%Y-%m-%d %H:%M} UTC by {row.created_by}",
            row.note,
        )
    if rows:
        Console(soft_wrap=True).print(table)
    for row in rows:
        typer.echo(f"replay of version {row.version}: {promotions.words(row)}")


@policy.command("show")
def show(
    version: Annotated[int | None, typer.Argument(help="By default the one in force.")] = None,
) -> None:
    """Print a version as a file that `oms policy add` takes."""
    with transaction() as session:
        found = (
            policies.current(session)
            if version is None
            else policies.in_force(policies.read(session, version))
        )
    typer.echo(json.dumps(document(found.policy), indent=2))


@policy.command("terms")
def terms() -> None:
    """What a policy may weigh beside carriage and handling; docs/cost-terms.md tells how."""
    for term in weighing.own_terms():
        typer.echo(f"{term.name}: {term.unit}")
    for name in plugged_terms.installed():
        try:
            typer.echo(f"{name}, of another package: {plugged_terms.load(name).unit}")
        except TermFault as fault:
            typer.echo(f"{name}, of another package, cannot be used: {fault.message}")


@policy.command("check")
def check(file: File) -> None:
    """Say whether a file is as documented, without a database; exit 2 naming the field if not."""
    with wrong_input(file):
        found = parse(read_json(file))
    typer.echo(f"{file}: policy {found.name!r} is as documented")
    _warn(found)


@policy.command("add")
def add(
    file: File,
    effective_from: Annotated[
        datetime | None,
        typer.Option(help="From when it counts, in UTC: 2026-11-27T08:00:00. By default now."),
    ] = None,
    note: Annotated[str, typer.Option(help="Why, for whoever reads it.")] = "",
    replay: Annotated[
        Path | None, typer.Option(help="What `oms replay --policy FILE --json` printed.")
    ] = None,
    without_replay: Annotated[str, typer.Option(help="Why it has no replay, in words.")] = "",
) -> None:
    """Add a version, with the replay that speaks for it. What was decided before stays."""
    start = effective_from
    if start is not None:
        start = start.replace(tzinfo=UTC) if start.tzinfo is None else start
    with wrong_input(file), transaction() as session:
        found = parse(read_json(file))
        row = promoting.promote(
            session,
            found,
            effective_from=start,
            actor="cli",
            note=note,
            replay=None if replay is None else read_json(replay),
            not_replayed_because=without_replay,
        )
    typer.echo(
        f"version {row.version}, {row.name!r}, counts from {row.effective_from:%Y-%m-%d %H:%M} UTC"
    )
    _warn(found)


@policy.command("diff")
def diff(
    old: Annotated[str, typer.Argument(help="A version, or a file.")],
    new: Annotated[str, typer.Argument(help="Another.")],
) -> None:
    """Say figure by figure what the second does otherwise; exit 1 if there is anything."""
    found = policies.differences(_named(old), _named(new))
    for one in found:
        typer.echo(f"{one.field}: {json.dumps(one.old)} -> {json.dumps(one.new)}")
    raise typer.Exit(1 if found else 0)


def _named(name: str) -> Policy:
    """A stored version by its number, else the policy in a file."""
    if name.isdecimal():
        with transaction() as session:
            return policies.in_force(policies.read(session, int(name))).policy
    return read_policy(Path(name))


def read_policy(file: Path) -> Policy:
    """The policy in a file, or the end of the command with what is wrong with it."""
    with wrong_input(file):
        return parse(read_json(file))


def _warn(found: Policy) -> None:
    """What another package must bring may be missing here, and be there where orders are routed."""
    for name in found.weights.plugged_percent:
        try:
            plugged_terms.load(name)
        except TermFault as fault:
            typer.echo(f"note: weights.plugged_percent.{name}: {fault.message}", err=True)


@contextmanager
def wrong_input(file: Path) -> Generator[None]:
    """A file that is not as documented is the caller's to mend: exit 2."""
    try:
        yield
    except Invalid as error:
        typer.echo(f"error: {file}: {error.message}", err=True)
        if error.remedy:
            typer.echo(f"  {error.remedy}", err=True)
        raise typer.Exit(_WRONG_INPUT) from error


def _plain(row: RoutingPolicy, current: int | None) -> dict[str, Any]:
    return row.model_dump() | {"in_force": row.version == current}
