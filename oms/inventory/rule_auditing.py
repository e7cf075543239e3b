"""Write into the audit trail what became of a stock rule."""

from sqlmodel import Session

from oms.audit.recording import record
from oms.inventory.rule_models import StockRule


def audit_rule(session: Session, rule: StockRule, *, action: str, actor: str) -> None:
    """Add the rule as it is now to the trail."""
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
