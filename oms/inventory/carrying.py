"""Carry the sums of movements forward before these leave the ledger."""

from sqlalchemy import text
from sqlmodel import Session


def carry(session: Session, leaving: str, *, but_not: str) -> None:
    """Add to what is carried whatever the movements in a table, `leaving`, add up to.

    Those whose ids are in the table `but_not` stay in the ledger. To be called in the very
    transaction in which the others leave it; then balances are the sum of the ledger and of what
    is carried at any moment.
    """
    rows = f"{leaving} r WHERE NOT EXISTS (SELECT FROM {but_not} n WHERE n.id = r.id)"
    session.execute(
        text(
            "INSERT INTO stock_carried AS c (sku, location_id, on_hand, reserved, damaged)"  # noqa: S608 - our names
            " SELECT r.sku, r.location_id, sum(r.on_hand_delta), sum(r.reserved_delta),"
            f" sum(r.damaged_delta) FROM {rows} GROUP BY r.sku, r.location_id"
            " ON CONFLICT (sku, location_id) DO UPDATE SET on_hand = c.on_hand + excluded.on_hand,"
            " reserved = c.reserved + excluded.reserved, damaged = c.damaged + excluded.damaged"
        )
    )
    session.execute(
        text(
            "INSERT INTO supply_carried AS c (supply_id, kind, units)"  # noqa: S608 - our names
            f" SELECT r.cause_id, r.kind, sum(r.on_hand_delta) FROM {rows}"
            " AND r.cause_type = 'supply' GROUP BY r.cause_id, r.kind"
            " ON CONFLICT (supply_id, kind) DO UPDATE SET units = c.units + excluded.units"
        )
    )
