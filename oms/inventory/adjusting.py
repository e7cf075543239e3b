"""Say that stock is more or less than the ledger thinks, and why, without counting all of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlmodel import Session, select

from oms.errors import Conflict, Invalid
from oms.inventory import movements
from oms.inventory.models import MovementKind, StockBalance
from oms.inventory.movements import Cause, Change
from oms.inventory.receiving import BelowPromised


class AdjustReason(StrEnum):
    """Why stock is adjusted."""

    DAMAGED = "damaged"
    LOST = "lost"
    EXPIRED = "expired"
    OWN_USE = "own_use"
    FOUND = "found"
    CORRECTION = "correction"


class NotThatMany(Conflict):
    """More units are to be taken off than are on hand."""

    code = "not_that_many"


_SIGNS: Final[Mapping[AdjustReason, int]] = {
    AdjustReason.DAMAGED: -1,
    AdjustReason.LOST: -1,
    AdjustReason.EXPIRED: -1,
    AdjustReason.OWN_USE: -1,
    AdjustReason.FOUND: 1,
}
"""Goods that are damaged, lost, expired or used become less, goods that are found more."""


def adjust(
    session: Session,
    *,
    sku: str,
    location_id: UUID,
    units: int,
    reason: AdjustReason,
    actor: str,
    key: str | None = None,
) -> int:
    """Add `units` to what is on hand, or take them off if negative; return what is there then.

    The reason stands in the ledger. Goods that are damaged, lost, expired
    or used are written off. What is promised to customers is never taken. With a `key` the same
    adjustment is made once.
    """
    if units == 0 or units * _SIGNS.get(reason, units) < 0:
        raise Invalid(
            f"{units} units do not go with the reason {reason.value.replace('_', ' ')}",
            field="units",
            remedy="give a number below zero for what is gone, above zero for what was found",
        )
    movements.ensure_balance(session, sku=sku, location_id=location_id)
    balance = session.exec(
        select(StockBalance)
        .where(StockBalance.sku == sku, StockBalance.location_id == location_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    left = _left(balance, units)
    gone = reason in _SIGNS and units < 0
    kind = MovementKind.WRITE_OFF if gone else MovementKind.ADJUST
    change = Change(sku, location_id, kind, on_hand=units, key=key, reason=reason.value)
    movements.apply(session, [change], cause=Cause("correction", None, actor))
    return left


def _left(balance: StockBalance, units: int) -> int:
    """What is on hand afterwards, if that is enough for what was promised."""
    left = balance.on_hand + units
    if left < balance.damaged:
        raise NotThatMany(
            f"{balance.sku}: only {balance.on_hand - balance.damaged} sound units are on hand here",
            field="units",
            remedy="count the article instead",
            facts={"on_hand": balance.on_hand, "damaged": balance.damaged},
        )
    if left < balance.reserved + balance.damaged:
        raise BelowPromised(
            f"{balance.sku}: {balance.reserved} units are promised to customers here,"
            f" and {left - balance.damaged} would be left",
            field="units",
            remedy="reject the pickups or shipments that cannot be filled, then adjust again",
            facts={"promised": balance.reserved},
        )
    return left
