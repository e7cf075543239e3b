"""What may still be promised: on hand, less reserved, less safety stock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import collate, select
from sqlmodel import Session, col

from oms.inventory.models import StockBalance

LOCK_ORDER = (collate(col(StockBalance.sku), "C"), col(StockBalance.location_id))
"""The sequence in which balances are locked: that of Python's sorting, whatever the database's."""


@dataclass(frozen=True, slots=True)
class Availability:
    """One article at one location, with every deduction. Units."""

    sku: str
    location_id: UUID
    on_hand: int
    reserved: int
    safety: int

    @property
    def promisable(self) -> int:
        """Units that a new order may be promised."""
        return max(0, self.on_hand - self.reserved - self.safety)


def of(session: Session, skus: Collection[str]) -> tuple[Availability, ...]:
    """Availability of these articles at every location that has a balance.

    Reads columns, not objects: the session keeps no stale copy of a balance.
    """
    rows = session.execute(
        select(
            col(StockBalance.sku),
            col(StockBalance.location_id),
            col(StockBalance.on_hand),
            col(StockBalance.reserved),
            col(StockBalance.safety),
        )
        .where(col(StockBalance.sku).in_(set(skus)))
        .order_by(col(StockBalance.sku), col(StockBalance.location_id))
    ).all()
    return tuple(Availability(*row) for row in rows)


def lock(session: Session, skus: Collection[str]) -> None:
    """Lock every balance of these articles, in the one lock order, until the transaction ends."""
    session.execute(
        select(col(StockBalance.sku))
        .where(col(StockBalance.sku).in_(set(skus)))
        .order_by(*LOCK_ORDER)
        .with_for_update()
    ).all()


def promisable(session: Session, skus: Collection[str]) -> Mapping[tuple[str, UUID], int]:
    """Promisable units by (SKU, location), where there are any."""
    return {
        (row.sku, row.location_id): row.promisable for row in of(session, skus) if row.promisable
    }
