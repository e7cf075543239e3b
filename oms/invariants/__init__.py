"""What must always hold, checked in SQL against a live database.

Each query returns one text per violation.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from oms.invariants import money, orders, stock

_MOST_SHOWN = 20
CHECKS: Final = (*stock.CHECKS, *orders.CHECKS, *money.CHECKS)


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant, and whatever breaks it."""

    name: str
    violations: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {"invariant": self.name, "violations": list(self.violations)}


def check(session: Session) -> list[Finding]:
    """Check everything; at most twenty violations of each are listed."""
    return [
        Finding(
            name,
            tuple(session.execute(text(f"{query} LIMIT {_MOST_SHOWN}")).scalars().all()),
        )
        for name, query in CHECKS
    ]


def broken(session: Session) -> list[str]:
    """What does not hold, in words; empty when all is well."""
    return [
        f"{finding.name}: {violation}"
        for finding in check(session)
        for violation in finding.violations
    ]
