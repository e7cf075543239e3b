"""Tell the audit trail, and whoever publishes stock, what became of a rule that withholds it."""

from sqlmodel import Session

from oms.audit.recording import record
from oms.inventory.rule_models import StockRule
from oms.outbox.appending import append


def audit_rule(session: Session, rule: StockRule, *, action: str, actor: str) -> None:
    """Add the rule as it is now to the trail, and to the outbox that sellable stock has changed.

    The ledger does not show it: no unit has moved. `detail` is the article, or empty for many.
    """
    append(
        session,
        topic="stock.withheld",
        subject_type="stock_rule",
        subject_id=rule.id,
        version=1,
        detail=rule.sku or "",
    )
    record(
        session,
        action=action,
        subject_type="stock_rule",
        subject_id=rule.id,
        actor=actor,
        facts={
            "kind": rule.kind.value,
            "sku": rule.sku,
            "category": rule.category,
            "location_id": str(rule.location_id) if rule.location_id else None,
            "channel": rule.channel,
            "units": rule.units,
            "until": rule.until.isoformat() if rule.until else None,
            "because": rule.ended_because,
        },
    )
