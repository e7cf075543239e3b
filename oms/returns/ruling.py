"""Publish rules: a version is added, and holds for what is asked from its moment on."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from oms import clock
from oms.errors import Invalid
from oms.returns.models import ReturnRules
from oms.returns.rules import RuleSet


def publish(
    session: Session,
    rules: RuleSet,
    *,
    note: str,
    actor: str,
    effective_from: datetime | None = None,
) -> ReturnRules:
    """Add a version. Returns that were judged before keep the version that they cite."""
    now = clock.now()
    if effective_from is not None and effective_from < now:
        raise Invalid(
            "rules cannot hold for what was asked before they were published",
            field="effective_from",
            remedy="leave it out, and they hold from now on",
        )
    names = [rule.name for rule in rules.rules]
    if len(set(names)) < len(names):
        raise Invalid(
            "two rules have one name",
            field="rules.name",
            remedy="a refusal cites its rule by name; make them different",
        )
    row = ReturnRules(
        body=rules.model_dump(mode="json"),
        note=note,
        effective_from=effective_from or now,
        created_at=now,
        created_by=actor,
    )
    session.add(row)
    session.flush()
    return row


def versions(session: Session, *, limit: int = 100) -> Sequence[ReturnRules]:
    """Every version, newest first."""
    return session.exec(
        select(ReturnRules).order_by(col(ReturnRules.version).desc()).limit(limit)
    ).all()
