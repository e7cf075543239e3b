"""Take units for one channel where channels are treated unlike, and give them back.

The lock on the balance protects the allotments of its article and location as well: nobody reads
`remaining` to decide, or writes it, without that lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from oms import clock
from oms.inventory import folding
from oms.inventory.availability import SELLABLE
from oms.inventory.models import StockBalance
from oms.inventory.rule_auditing import audit_rule
from oms.inventory.rule_matching import rules_for
from oms.inventory.rule_models import RuleKind, StockRule


@dataclass(frozen=True, slots=True)
class Allotted:
    """Units that came out of a channel's allotment, and the rule that had fenced them in."""

    units: int = 0
    rule_id: UUID | None = None


NOTHING = Allotted()
"""What is taken where no allotment is concerned."""


def open_allotments(session: Session, *, sku: str, location_id: UUID) -> Sequence[StockRule]:
    """The allotments of one balance, as they are in the database now."""
    return session.exec(
        select(StockRule)
        .where(
            StockRule.kind == RuleKind.ALLOTMENT,
            StockRule.sku == sku,
            StockRule.location_id == location_id,
            col(StockRule.ended_at).is_(None),
        )
        .order_by(col(StockRule.channel))
        .execution_options(populate_existing=True)
    ).all()


def take(
    session: Session, *, sku: str, location_id: UUID, channel: str | None, units: int
) -> Allotted | None:
    """Reserve units of a balance that has rules by channel; None if the channel may not.

    The channel's own allotment is used first, the common stock for the rest. Allotments whose
    release date has come are let go here, so that nobody waits for the sweep.
    """
    balance = session.execute(
        select(col(StockBalance.by_channel), SELLABLE.label("common"))
        .where(StockBalance.sku == sku, StockBalance.location_id == location_id)
        .with_for_update()
    ).first()
    if balance is None or not balance.by_channel:
        return None
    common = balance.common
    own: StockRule | None = None
    for rule in open_allotments(session, sku=sku, location_id=location_id):
        if rule.until is not None and rule.until <= clock.now():
            common += end(session, rule, actor="system", because="its release date has come")
        elif rule.channel == channel:
            own = rule
    fenced = own.remaining or 0 if own else 0
    rules = rules_for(session, [sku], channel=channel)
    kept = sum(rules.kept_back(sku=sku, location_id=location_id, channel=channel))
    if common + fenced - kept < units:
        return None
    taken = min(units, fenced)
    _change(session, sku=sku, location_id=location_id, reserved=units, withheld=-taken)
    if own is None or taken == 0:
        return NOTHING
    own.remaining = fenced - taken
    session.flush()
    return Allotted(taken, own.id)


def give_back(session: Session, allotted: Allotted, *, sku: str, location_id: UUID) -> None:
    """Fence units in again that were taken and are free now, if their allotment still holds.

    The caller frees them in the same transaction and has not done so yet.
    """
    session.execute(
        select(col(StockBalance.sku))
        .where(StockBalance.sku == sku, StockBalance.location_id == location_id)
        .with_for_update()
    ).all()
    for rule in open_allotments(session, sku=sku, location_id=location_id):
        if rule.id == allotted.rule_id:
            assert rule.remaining is not None
            rule.remaining += allotted.units
            session.flush()
            _change(session, sku=sku, location_id=location_id, withheld=allotted.units)


def end(session: Session, rule: StockRule, *, actor: str, because: str) -> int:
    """End an allotment under the lock of its balance; return the units that became common."""
    assert rule.sku is not None
    assert rule.location_id is not None
    left = rule.remaining or 0
    rule.ended_at, rule.ended_by, rule.ended_because = clock.now(), actor, because
    session.flush()
    audit_rule(session, rule, action="stock_rule.ended", actor=actor)
    folding.fold(session, sku=rule.sku, location_id=rule.location_id)
    return left


def _change(
    session: Session, *, sku: str, location_id: UUID, reserved: int = 0, withheld: int = 0
) -> None:
    session.execute(
        update(StockBalance)
        .where(col(StockBalance.sku) == sku, col(StockBalance.location_id) == location_id)
        .values(
            reserved=StockBalance.reserved + reserved, withheld=StockBalance.withheld + withheld
        )
        .execution_options(synchronize_session=False)
    )
