"""What becomes of goods that came back: only this makes them sellable, where they really are."""

from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.errors import Conflict, Invalid
from oms.inventory import condition as stock
from oms.inventory import supplies
from oms.returns import queries, receiving, states
from oms.returns.models import Disposition, Return, ReturnedGoods

_REASONS: Final = {
    Disposition.SELLABLE: "sound",
    Disposition.TRANSFER: "sound, for another location",
    Disposition.WRITE_OFF: "written off",
    Disposition.SUPPLIER: "back to the supplier",
}


def dispose(
    session: Session,
    return_id: UUID,
    goods_id: UUID,
    disposition: Disposition,
    *,
    actor: str,
    to_location_id: UUID | None = None,
) -> Return:
    """Decide what becomes of inspected goods, once; what is refurbished is decided on again.

    Sellable goods are sold where they lie. A transfer sends them to another location, where they
    are sellable when they are received. What is written off or goes back to the supplier leaves
    the books.
    """
    row, _ = queries.locked(session, return_id)
    one = receiving.of_return(session, row, goods_id)
    if one.condition is None:
        raise Conflict(
            "these goods were not inspected yet",
            field="goods_id",
            remedy="say in which state they are first",
        )
    if one.disposed_at is not None:
        raise Conflict(
            f"these goods were disposed of as {one.disposition}",
            field="goods_id",
            remedy="nothing is left to do; correct the stock if that was wrong",
        )
    _book(session, row, one, disposition, to_location_id=to_location_id, actor=actor)
    one.disposition = disposition
    if disposition is not Disposition.REFURBISH:
        one.disposed_at = clock.now()
    facts = {"goods": str(one.id), "disposition": disposition.value}
    states.tell(session, row, actor=actor, facts=facts, what="disposed")
    return row


def disposed_key(goods_id: UUID) -> str:
    """Under which the goods left quarantine."""
    return f"disposed:{goods_id}"


def _book(
    session: Session,
    row: Return,
    one: ReturnedGoods,
    disposition: Disposition,
    *,
    to_location_id: UUID | None,
    actor: str,
) -> None:
    transfer = disposition is Disposition.TRANSFER
    if transfer != (to_location_id is not None) or to_location_id == one.location_id:
        raise Invalid(
            "a transfer, and nothing else, names another location",
            field="to_location",
            remedy="name where the goods go, or choose another disposition",
        )
    if disposition is Disposition.REFURBISH:
        return
    stock.leave_quarantine(
        session,
        sku=one.sku,
        location_id=one.location_id,
        units=one.units,
        sellable=disposition in (Disposition.SELLABLE, Disposition.TRANSFER),
        reason=f"return {row.number}: {_REASONS[disposition]}",
        key=disposed_key(one.id),
        actor=actor,
    )
    if to_location_id is not None:
        supplies.transfer_out(
            session,
            document=f"return {row.number}/{one.id.hex[-8:]}",
            sku=one.sku,
            from_location_id=one.location_id,
            to_location_id=to_location_id,
            units=one.units,
            expected_at=clock.now(),
            actor=actor,
        )
