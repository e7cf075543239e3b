"""Goods come in, or are counted."""

from uuid import UUID

from sqlmodel import Session, select

from oms.errors import Conflict, Invalid
from oms.inventory import movements
from oms.inventory.models import MovementKind, StockBalance
from oms.inventory.movements import Cause, Change


class BelowPromised(Conflict):
    """A count found fewer units than are promised to customers."""

    code = "below_promised"


def receive(
    session: Session,
    *,
    sku: str,
    location_id: UUID,
    units: int,
    actor: str,
    key: str | None = None,
) -> None:
    """Book goods in. With a `key` the same delivery is booked once."""
    if units <= 0:
        raise Invalid("units must be positive", field="units", remedy="give what came in")
    change = Change(sku, location_id, MovementKind.RECEIVE, on_hand=units, key=key)
    movements.apply(session, [change], cause=Cause("delivery", None, actor))


def count(
    session: Session,
    *,
    sku: str,
    location_id: UUID,
    units: int,
    actor: str,
    key: str | None = None,
) -> int:
    """Set what is on hand to what was counted; return the difference.

    A count that finds what was expected is kept too. One below what is promised is refused:
    first the orders concerned must be given back. With a `key` the same count is made once.
    """
    if units < 0:
        raise Invalid("units must not be negative", field="units", remedy="give what was counted")
    # Without a row two first counts at once would lock nothing, and both would be added.
    movements.ensure_balance(session, sku=sku, location_id=location_id)
    balance = session.exec(
        select(StockBalance)
        .where(StockBalance.sku == sku, StockBalance.location_id == location_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if units < balance.reserved:
        raise BelowPromised(
            f"{sku}: {balance.reserved} units are promised to customers here, {units} were counted",
            field="units",
            remedy="reject the pickups or shipments that cannot be filled, then count again",
            facts={"promised": balance.reserved},
        )
    difference = units - balance.on_hand
    change = Change(sku, location_id, MovementKind.COUNT, on_hand=difference, key=key)
    movements.apply(session, [change], cause=Cause("count", None, actor))
    return difference
