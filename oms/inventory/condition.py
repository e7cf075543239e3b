"""What cannot be sold: set damaged units apart, restore them, write them off; with a reason."""

from uuid import UUID

from sqlmodel import Session

from oms.errors import Invalid
from oms.inventory import movements
from oms.inventory.models import MovementKind
from oms.inventory.movements import Cause, Change


def set_apart(
    session: Session,
    *,
    sku: str,
    location_id: UUID,
    units: int,
    reason: str,
    actor: str,
    key: str | None = None,
) -> None:
    """Keep damaged units on hand and off sale. Raises `InsufficientStock` if so many are not free.

    Units that are promised to a customer are given back by a rejection instead.
    """
    _require_some(units)
    change = Change(
        sku, location_id, MovementKind.SET_APART, damaged=units, key=key, reason=_said(reason)
    )
    movements.apply(session, [change], cause=Cause("condition", None, actor))


def restore(
    session: Session,
    *,
    sku: str,
    location_id: UUID,
    units: int,
    reason: str,
    actor: str,
    key: str | None = None,
) -> None:
    """Sell units again that were set apart. Raises `Quarantined` if they came from customers."""
    _require_some(units)
    change = Change(
        sku, location_id, MovementKind.RESTORE, damaged=-units, key=key, reason=_said(reason)
    )
    movements.apply(session, [change], cause=Cause("condition", None, actor))


def write_off(
    session: Session,
    *,
    sku: str,
    location_id: UUID,
    units: int,
    reason: str,
    actor: str,
    damaged: bool = True,
    key: str | None = None,
) -> None:
    """Take units off the books for good: those set apart or, with `damaged` false, free ones.

    Raises `Quarantined` if those set apart came from customers.
    """
    _require_some(units)
    change = Change(
        sku,
        location_id,
        MovementKind.WRITE_OFF,
        on_hand=-units,
        damaged=-units if damaged else 0,
        key=key,
        reason=_said(reason),
    )
    movements.apply(session, [change], cause=Cause("condition", None, actor))


def leave_quarantine(
    session: Session,
    *,
    sku: str,
    location_id: UUID,
    units: int,
    sellable: bool,
    reason: str,
    actor: str,
    key: str,
) -> None:
    """Carry a disposition out: what came back is sold where it lies, or leaves the books."""
    change = Change(
        sku,
        location_id,
        MovementKind.RESTORE if sellable else MovementKind.WRITE_OFF,
        on_hand=0 if sellable else -units,
        damaged=-units,
        quarantined=-units,
        key=key,
        reason=_said(reason),
    )
    movements.apply(session, [change], cause=Cause("disposition", None, actor))


def _require_some(units: int) -> None:
    if units <= 0:
        raise Invalid("units must be positive", field="units", remedy="give how many units")


def _said(reason: str) -> str:
    if not reason.strip():
        raise Invalid(
            "no reason given", field="reason", remedy="say why, for whoever reads the ledger"
        )
    return reason.strip()
