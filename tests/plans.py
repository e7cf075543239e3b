"""The plans that PostgreSQL carries out for whatever a block of code asks of it.

They come from `auto_explain` as notices on the session's own connection, so it does not matter
who wrote the statement or how it was sent.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.errors import Diagnostic
from sqlalchemy import text
from sqlmodel import Session

PARAMETERS = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One step of a plan that reads a table."""

    table: str
    step: str
    index: str | None
    rows: int
    """Looked at, also those that were then thrown away."""


@dataclass(slots=True)
class Plans:
    """What was carried out."""

    statements: list[str] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    def add(self, notice: Diagnostic) -> None:
        """Take the plan in a notice, if there is one."""
        _, marker, plan = (notice.message_primary or "").partition("plan:\n")
        if marker:
            found = json.loads(plan)
            self.statements.append(found["Query Text"])
            self.readings += _readings(found["Plan"])


@contextmanager
def watched(session: Session, *, plan_cache_mode: str = "auto") -> Iterator[Plans]:
    """Collect the plans of what is asked in the block; every statement is prepared at once.

    `plan_cache_mode` force_generic_plan shows what is kept for a statement that is asked often.
    """
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    session.execute(
        text("SELECT set_config('plan_cache_mode', :mode, true)"), {"mode": plan_cache_mode}
    )
    for name, value in PARAMETERS.items():
        session.execute(text(f"SET LOCAL {name} = {value}"))
    plans = Plans()
    before = connection.prepare_threshold
    connection.prepare_threshold = 0
    connection.add_notice_handler(plans.add)
    yield plans
    session.flush()
    session.execute(text("SELECT 1"))  # a plan is told when the statement after it begins
    connection.remove_notice_handler(plans.add)
    connection.prepare_threshold = before


def _readings(node: dict[str, Any]) -> Iterator[Reading]:
    removed = sum(node.get(name, 0) for name in node if name.startswith("Rows Removed by"))
    if (table := node.get("Relation Name")) and node["Node Type"] != "ModifyTable":
        rows = round((node["Actual Rows"] + removed) * node["Actual Loops"])
        yield Reading(table, node["Node Type"], _index(node), rows)
    for child in node.get("Plans", ()):
        yield from _readings(child)


def _index(node: dict[str, Any]) -> str | None:
    """The index of this step, or of the one below that finds its rows."""
    if name := node.get("Index Name"):
        return str(name)
    return next((found for child in node.get("Plans", ()) if (found := _index(child))), None)
