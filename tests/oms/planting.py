"""Corruptions to plant, each for one invariant to find."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from oms import invariants


@dataclass(frozen=True, slots=True)
class Plant:
    """What to break, by which statements, and the constraints that would forbid it."""

    finds: str
    statements: tuple[str, ...]
    without: tuple[str, ...] = ()


def found_after(session: Session, plant: Plant) -> Sequence[str]:
    """What is found broken once the corruption is planted; it is dug out again."""
    savepoint = session.begin_nested()
    for constraint in plant.without:
        table, name = constraint.split()
        session.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE'))
    for statement in plant.statements:
        session.execute(text(statement))
    found = invariants.broken(session)
    savepoint.rollback()
    return [finding for finding in found if finding.startswith(f"{plant.finds}: ")]
