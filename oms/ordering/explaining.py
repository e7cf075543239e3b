"""Why so much and no more may be promised: each deduction with its rule, and what is to come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from oms.inventory import allotments, availability
from oms.inventory.availability import Availability
from oms.inventory.checkout_models import CheckoutHold, CheckoutHoldLine, CheckoutHoldStatus
from oms.inventory.rule_matching import Rules, rules_for
from oms.inventory.rule_models import RuleKind, StockRule, StockTrust
from oms.ordering import expecting
from oms.ordering.expecting import Coming


@dataclass(frozen=True, slots=True)
class Deduction:
    """Units that are on hand and not promised, and what that rests on."""

    what: str
    units: int
    why: str
    rule_id: UUID | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """How what may be promised of an article at one location comes about."""

    availability: Availability
    deductions: tuple[Deduction, ...]
    incoming: tuple[Coming, ...]


def explain(
    session: Session, sku: str, *, channel: str | None = None, location_id: UUID | None = None
) -> tuple[Explanation, ...]:
    """Explain every location that has a balance of the article, or one of them.

    The deductions of each add up to what is on hand less what is promisable, unless more is
    deducted than there is.
    """
    rules = rules_for(session, [sku], channel=channel)
    coming = expecting.uncommitted(session, [sku])
    return tuple(
        Explanation(
            availability=row,
            deductions=tuple(_deductions(session, row, rules, channel=channel)),
            incoming=tuple(one for one in coming if one.location_id == row.location_id),
        )
        for row in availability.of(session, [sku], channel=channel)
        if location_id in (None, row.location_id)
    )


def _deductions(
    session: Session, row: Availability, rules: Rules, *, channel: str | None
) -> Iterator[Deduction]:
    baskets = _in_baskets(session, row)
    trust = session.get(StockTrust, (row.sku, row.location_id), populate_existing=True)
    spot = (rules, row)
    found = (
        Deduction("orders", row.reserved - baskets, "held for orders"),
        Deduction("checkout holds", baskets, "kept for baskets"),
        Deduction("damaged", row.damaged, "set apart; not sellable"),
        Deduction("safety", row.safety, "kept back at this location for this article"),
        _by_rule(
            "safety by rule", row.rule_safety, _best(*spot, kind=RuleKind.SAFETY, channel=None)
        ),
        Deduction(
            "in doubt",
            row.doubted,
            f"not found {trust.times} time(s), trust {trust.percent} %; a count restores it"
            if trust
            else "",
        ),
        *_fenced(session, row, channel=channel),
        _by_rule(
            "safety by rule for the channel",
            row.channel_safety,
            _best(*spot, kind=RuleKind.SAFETY, channel=channel),
        ),
        _by_rule("buffer", row.buffer, _best(*spot, kind=RuleKind.BUFFER, channel=channel)),
    )
    return (one for one in found if one.units)


def _best(
    rules: Rules, row: Availability, *, kind: RuleKind, channel: str | None
) -> StockRule | None:
    return rules.best(kind, sku=row.sku, location_id=row.location_id, channel=channel)


def _by_rule(what: str, units: int, rule: StockRule | None) -> Deduction:
    if rule is None:
        return Deduction(what, units, "")
    ranges: Sequence[str] = [
        text
        for text in (
            rule.sku,
            f"category {rule.category}" if rule.category else None,
            "this location" if rule.location_id else None,
            f"channel {rule.channel}" if rule.channel else None,
        )
        if text
    ]
    why = f"{rule.units} for {', '.join(ranges) or 'everything'}"
    return Deduction(what, units, f"{why}: {rule.note}" if rule.note else why, rule.id, rule.until)


def _fenced(session: Session, row: Availability, *, channel: str | None) -> Iterator[Deduction]:
    for rule in allotments.open_allotments(session, sku=row.sku, location_id=row.location_id):
        if availability.is_closed_to(rule, channel) and rule.remaining:
            yield Deduction(
                "ring-fenced",
                rule.remaining,
                f"left of {rule.units} for channel {rule.channel}",
                rule.id,
                rule.until,
            )


def _in_baskets(session: Session, row: Availability) -> int:
    found = session.exec(
        select(func.coalesce(func.sum(CheckoutHoldLine.quantity), 0))
        .join(CheckoutHold, col(CheckoutHold.id) == CheckoutHoldLine.hold_id)
        .where(
            CheckoutHold.status == CheckoutHoldStatus.OPEN,
            CheckoutHoldLine.sku == row.sku,
            CheckoutHoldLine.location_id == row.location_id,
        )
    ).one()
    return int(found)
