"""Why an order went where it went: every decision told, and what would have changed the newest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlmodel import Session, select

from oms.locations.models import Location
from oms.sourcing.models import RoutingDecision
from routing.comparing import differences
from routing.explain import Explanation
from routing.parse import parse_problem
from routing.stored import parse_explanation
from routing.supposing import Supposed, supposed
from routing.wording import sentences

Names = Mapping[str, str]
"""Names of locations by their code."""


@dataclass(frozen=True, slots=True)
class Told:
    """One decision in words. `since` is what changed from the decision before it."""

    row: RoutingDecision
    explanation: Explanation
    sentences: tuple[str, ...]
    since: tuple[str, ...]


def location_names(session: Session) -> Names:
    """Every location's name, closed ones included: an old decision may name them."""
    return dict(session.exec(select(Location.code, Location.name)).all())


def told(rows: Sequence[RoutingDecision], names: Names) -> tuple[Told, ...]:
    """Tell an order's decisions, given and returned the newest first."""
    kept = [(row, parse_explanation(row.explanation)) for row in rows]
    since = changes(rows, names)
    return tuple(
        Told(row, explanation, _sentences(row, explanation, names), since=changed)
        for (row, explanation), changed in zip(kept, since, strict=True)
    )


def changes(rows: Sequence[RoutingDecision], names: Names) -> list[tuple[str, ...]]:
    """What changed with each decision since the one before; the newest first, as given."""
    if len(rows) < 2:  # the usual case need not read any snapshot
        return [()] * len(rows)
    read = [(parse_problem(row.snapshot), parse_explanation(row.explanation)) for row in rows]
    return [
        *(tuple(differences(before, after, names)) for after, before in pairwise(read)),
        (),
    ]


def supposed_of(row: RoutingDecision, names: Names) -> Supposed:
    """Work out what would have changed a decision, from its snapshot alone.

    It solves dozens of problems: ask for it when somebody wants to know, not when deciding.
    """
    problem = parse_problem(row.snapshot)
    return supposed(problem, problem.orders[0].id, names)


def _sentences(row: RoutingDecision, explanation: Explanation, names: Names) -> tuple[str, ...]:
    fallback = [f"{row.fallback_reason}."] if row.fallback_reason else []
    return (*sentences(explanation, names), *row.notes, *fallback)
