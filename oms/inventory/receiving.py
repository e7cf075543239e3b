"""Goods come in, or are counted."""

from typing import NoReturn
from uuid import UUID

from sqlmodel import Session, select

from oms.errors import Conflict, Invalid
from oms.inventory import movements, trust
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


def take_back(
    session: Session,
    *,
    sku: str,
    location_id: UUID,
    units: int,
    actor: str,
    cause_id: UUID | None = None,
    key: str | None = None,
) -> None:
    """Book in what a customer brought back, into quarantine: only a disposition frees it."""
    if units <= 0:
        raise Invalid("units must be positive", field="units", remedy="give what came back")
    change = Change(
        sku,
        location_id,
        MovementKind.RETURN,
        on_hand=units,
        damaged=units,
        quarantined=units,
        key=key,
    )
    movements.apply(session, [change], cause=Cause("return", cause_id, actor))


def count(
    session: Session,
    *,
    sku: str,
    location_id: UUID,
    units: int,
    actor: str,
    key: str | None = None,
    damaged: int | None = None,
) -> int:
    """Set what is on hand to what was counted; return the difference.

    `units` is everything of the article that is there, damaged ones included; `damaged`, when
    given, is how many of them cannot be sold. A count that finds what was expected is kept too,
    and any count restores the trust in these books. One below what is promised is refused: first
    the orders concerned must be given back. With a `key` the same count is made once.
    """
    if units < 0 or (damaged is not None and not 0 <= damaged <= units):
        raise Invalid(
            "units must not be negative, and damaged units are among them",
            field="units" if units < 0 else "damaged",
            remedy="give what was counted",
        )
    # Without a row two first counts at once would lock nothing, and both would be added.
    movements.ensure_balance(session, sku=sku, location_id=location_id)
    balance = session.exec(
        select(StockBalance)
        .where(StockBalance.sku == sku, StockBalance.location_id == location_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    apart = balance.damaged if damaged is None else damaged
    if units < balance.reserved + apart:
        _refuse_count(balance, units=units, apart=apart)
    difference = units - balance.on_hand
    change = Change(
        sku,
        location_id,
        MovementKind.COUNT,
        on_hand=difference,
        damaged=apart - balance.damaged,
        key=key,
    )
    movements.apply(session, [change], cause=Cause("count", None, actor))
    trust.restore(session, sku=sku, location_id=location_id, actor=actor)
    return difference


def _refuse_count(balance: StockBalance, *, units: int, apart: int) -> NoReturn:
    besides = f" and {apart} are set apart as damaged" if apart else ""
    raise BelowPromised(
        f"{balance.sku}: {balance.reserved} units are promised to customers here{besides},"
        f" {units} were counted",
        field="units",
        remedy="reject the pickups or shipments that cannot be filled, then count again"
        + (", and say how many of the counted units are damaged" if apart else ""),
        facts={"promised": balance.reserved} | ({"damaged": apart} if apart else {}),
    )
