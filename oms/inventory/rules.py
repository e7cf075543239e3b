"""Set the rules that keep stock back, end them, and list them with their history.

A rule is set anew by ending its row and adding another, and both are in the audit trail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.errors import Conflict, Invalid, NotFound
from oms.inventory import allotments, availability, folding, movements
from oms.inventory.rule_auditing import audit_rule
from oms.inventory.rule_models import RuleKind, StockRule

MOST_UNITS = 1_000_000


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule is for; what is left open matches everything."""

    sku: str | None = None
    category: str | None = None
    location_id: UUID | None = None
    channel: str | None = None


def set_rule(
    session: Session,
    kind: RuleKind,
    scope: Scope,
    *,
    units: int,
    actor: str,
    until: datetime | None = None,
    note: str = "",
) -> StockRule:
    """Put a rule in force; the rule of the same kind and scope, if there is one, ends.

    An allotment holds these units from now on, whatever was left of the one before. Raises
    `Invalid` for a scope that the kind cannot have, a negative quantity, or an end in the past.
    """
    _require_sense(kind, scope, units=units, until=until)
    folding.exclusive(session)
    if kind is RuleKind.ALLOTMENT:
        assert scope.sku is not None
        assert scope.location_id is not None
        movements.ensure_balance(session, sku=scope.sku, location_id=scope.location_id)
        availability.lock(session, [scope.sku])
    known = _in_force(session, kind, scope)
    if known is not None:
        _close(known, actor=actor, because="it was set anew")
        session.flush()
    rule = StockRule(
        kind=kind,
        sku=scope.sku,
        category=scope.category,
        location_id=scope.location_id,
        channel=scope.channel,
        units=units,
        remaining=units if kind is RuleKind.ALLOTMENT else None,
        until=until,
        note=note,
        set_at=clock.now(),
        set_by=actor,
    )
    session.add(rule)
    session.flush()
    audit_rule(session, rule, action="stock_rule.set", actor=actor)
    _fold(session, rule)
    return rule


def end_rule(session: Session, rule_id: UUID, *, actor: str, because: str) -> StockRule:
    """Take a rule out of force; what it kept back may be promised at once.

    Raises `Conflict` when it has ended already.
    """
    folding.exclusive(session)
    rule = _get(session, rule_id)
    if rule.kind is RuleKind.ALLOTMENT:
        assert rule.sku is not None
        availability.lock(session, [rule.sku])
        session.refresh(rule)
    if rule.ended_at is not None:
        raise Conflict(
            f"this rule ended already, because {rule.ended_because}",
            field="rule_id",
            remedy="list the rules again; only those in force can be ended",
        )
    if rule.kind is RuleKind.ALLOTMENT:
        allotments.end(session, rule, actor=actor, because=because)
    else:
        _close(rule, actor=actor, because=because)
        session.flush()
        audit_rule(session, rule, action="stock_rule.ended", actor=actor)
    _fold(session, rule)
    if rule.sku is not None and rule.location_id is not None:
        movements.tell_of_increase(session, sku=rule.sku, location_id=rule.location_id)
    return rule


def next_due(session: Session, *, limit: int) -> Sequence[UUID]:
    """Rules in force whose end has come."""
    return session.exec(
        select(StockRule.id)
        .where(col(StockRule.ended_at).is_(None), col(StockRule.until) <= clock.now())
        .order_by(col(StockRule.until))
        .limit(limit)
    ).all()


def in_force(
    session: Session, *, sku: str | None = None, with_history: bool = False
) -> Sequence[StockRule]:
    """The rules in force, or all there ever were, newest first; of one article, if it is named."""
    query = select(StockRule).order_by(col(StockRule.set_at).desc(), col(StockRule.id).desc())
    if not with_history:
        query = query.where(col(StockRule.ended_at).is_(None))
    if sku is not None:
        query = query.where(StockRule.sku == sku)
    return session.exec(query).all()


def _require_sense(kind: RuleKind, scope: Scope, *, units: int, until: datetime | None) -> None:
    if not 0 <= units <= MOST_UNITS:
        raise Invalid(
            f"{units} units is not between 0 and {MOST_UNITS}",
            field="units",
            remedy="give a whole number of units",
        )
    if scope.sku is not None and scope.category is not None:
        raise Invalid(
            "a rule is for one article or for one category, not both",
            field="category",
            remedy="leave one of them out",
        )
    if kind is not RuleKind.SAFETY and scope.channel is None:
        raise Invalid(
            f"a rule of kind {kind.value} names its channel",
            field="channel",
            remedy="say for which channel, or set a safety rule, which may be for all",
        )
    if kind is RuleKind.ALLOTMENT and (scope.sku is None or scope.location_id is None):
        raise Invalid(
            "an allotment is of one article at one location",
            field="sku" if scope.sku is None else "location",
            remedy="name both; set one allotment for each location",
        )
    if until is not None and until <= clock.now():
        raise Invalid(
            f"{until.isoformat()} has passed",
            field="until",
            remedy="give a moment to come, or none for a rule without end",
        )


def _in_force(session: Session, kind: RuleKind, scope: Scope) -> StockRule | None:
    return session.exec(
        select(StockRule)
        .where(
            StockRule.kind == kind,
            col(StockRule.sku).is_not_distinct_from(scope.sku),
            col(StockRule.category).is_not_distinct_from(scope.category),
            col(StockRule.location_id).is_not_distinct_from(scope.location_id),
            col(StockRule.channel).is_not_distinct_from(scope.channel),
            col(StockRule.ended_at).is_(None),
        )
        .execution_options(populate_existing=True)
    ).first()


def _get(session: Session, rule_id: UUID) -> StockRule:
    rule = session.get(StockRule, rule_id, populate_existing=True)
    if rule is None:
        raise NotFound(
            f"there is no rule {rule_id}",
            field="rule_id",
            remedy="list the rules and use the id that is shown there",
        )
    return rule


def _close(rule: StockRule, *, actor: str, because: str) -> None:
    rule.ended_at, rule.ended_by, rule.ended_because = clock.now(), actor, because


def _fold(session: Session, rule: StockRule) -> None:
    folding.fold(session, sku=rule.sku, category=rule.category, location_id=rule.location_id)
