"""Goods come in and are looked at: what really came, where it lies, in which state.

Whatever comes is set apart at once at the location where it is. It is on hand there and cannot be
sold; only its disposition changes that.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.catalogue import queries as catalogue
from oms.errors import Conflict, Invalid, NotFound
from oms.inventory import receiving as stock
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.returns import queries, states
from oms.returns.models import (
    Condition,
    Return,
    ReturnedGoods,
    ReturnLine,
    ReturnStatus,
)

MOST_UNITS: Final = 100_000
_MAY_COME: Final = frozenset(
    {ReturnStatus.AUTHORISED, ReturnStatus.IN_TRANSIT, ReturnStatus.RECEIVED}
)


def receive(
    session: Session,
    return_id: UUID,
    units: Mapping[str, int],
    *,
    location_id: UUID,
    actor: str,
    version: int | None = None,
) -> Return:
    """Book in what came at a location, by SKU; several receipts add up.

    An article that was not announced is kept as unexpected: it is set apart like the others and
    refunded to nobody. What is missing is seen when the return is inspected.
    """
    row, _ = queries.locked(session, return_id)
    orders.require_version(f"return {row.number}", have=row.version, seen=version)
    _require_waiting(row)
    _require_sense(session, units)
    locations.require_returns(session.get_one(Location, location_id))
    made = _book_in(session, row, units, location_id=location_id, actor=actor)
    row.location_id = location_id
    facts = {"units": sum(units.values()), "unexpected": _unexpected(made)}
    if row.status is ReturnStatus.RECEIVED:
        states.tell(session, row, actor=actor, facts=facts, what="received_more")
    else:
        states.move(session, row, ReturnStatus.RECEIVED, actor=actor, facts=facts)
    return row


def inspect(
    session: Session,
    return_id: UUID,
    goods_id: UUID,
    *,
    condition: Condition,
    actor: str,
    note: str = "",
    photos: Sequence[str] = (),
    deduct_minor: int = 0,
) -> Return:
    """Say in which state received goods are; when all are looked at, the return is inspected.

    `deduct_minor` is what they are worth less than sold; it is kept back from the refund, and is
    refused when the money has gone back already.
    """
    row, _ = queries.locked(session, return_id)
    one = of_return(session, row, goods_id)
    if row.status is not ReturnStatus.RECEIVED or one.condition is not None:
        raise Conflict(
            f"these goods of return {row.number} were inspected already",
            field="goods_id",
            remedy="dispose of them",
            facts={"status": row.status.value},
        )
    if deduct_minor and (row.refund_id is not None or one.line_id is None):
        raise Conflict(
            "nothing can be deducted: the money has gone back, or the goods are not the order's",
            field="deduct_minor",
            remedy="leave it at zero and note the state of the goods",
        )
    if deduct_minor < 0:
        raise Invalid("a deduction is not below zero", field="deduct_minor", remedy="use 0")
    one.condition, one.note, one.photos = condition, note, list(photos)
    one.deduct_minor = deduct_minor
    session.flush()
    facts = {"goods": str(one.id), "condition": condition.value}
    if all(each.condition is not None for each in queries.goods(session, row.id)):
        facts |= {"missing": str(missing(session, row))}
        states.move(session, row, ReturnStatus.INSPECTED, actor=actor, facts=facts)
    else:
        states.tell(session, row, actor=actor, facts=facts, what="looked_at")
    return row


def missing(session: Session, row: Return) -> dict[str, int]:
    """Units that were announced and did not come, by SKU."""
    came = came_by_line(session, row.id)
    found: dict[str, int] = {}
    for line in queries.lines(session, row.id):
        lacking = line.units - came.get(line.line_id, 0)
        if lacking > 0:
            found[line.sku] = found.get(line.sku, 0) + lacking
    return found


def came_by_line(session: Session, return_id: UUID) -> dict[UUID, int]:
    """Units that came, by order line."""
    came: dict[UUID, int] = {}
    for one in queries.goods(session, return_id):
        if one.line_id is not None:
            came[one.line_id] = came.get(one.line_id, 0) + one.units
    return came


def of_return(session: Session, row: Return, goods_id: UUID) -> ReturnedGoods:
    """Goods of this return."""
    one = session.get(ReturnedGoods, goods_id, populate_existing=True)
    if one is None or one.return_id != row.id:
        raise NotFound(
            f"return {row.number} has no goods {goods_id}",
            field="goods_id",
            remedy="use an id that the return lists",
        )
    return one


def received_key(goods_id: UUID) -> str:
    """Under which the goods were booked in."""
    return f"return:{goods_id}"


def _require_waiting(row: Return) -> None:
    """Raise `Conflict` unless goods may still come for this return."""
    if row.status not in _MAY_COME:
        raise Conflict(
            f"return {row.number} is {row.status.value.replace('_', ' ')}, so nothing is"
            " received for it",
            field="status",
            remedy="authorise it first; a refused or expired return can be reopened",
            facts={"status": row.status.value},
        )
    if row.refund_id is not None:
        raise Conflict(
            f"the money of return {row.number} has gone back already",
            field="status",
            remedy="ask for another return for what came later",
        )


def _book_in(
    session: Session, row: Return, units: Mapping[str, int], *, location_id: UUID, actor: str
) -> list[ReturnedGoods]:
    """Write down what came, and set all of it apart where it is."""
    made = [
        ReturnedGoods(
            return_id=row.id,
            line_id=line_id,
            sku=sku,
            units=count,
            location_id=location_id,
            received_at=clock.now(),
            received_by=actor,
        )
        for sku, total in sorted(units.items())
        for line_id, count in _shared_out(session, row, sku, total)
    ]
    session.add_all(made)
    session.flush()
    for one in made:
        stock.take_back(
            session,
            sku=one.sku,
            location_id=location_id,
            units=one.units,
            cause_id=row.id,
            key=received_key(one.id),
            actor=actor,
        )
    return made


def _require_sense(session: Session, units: Mapping[str, int]) -> None:
    if not units or any(not 0 < count <= MOST_UNITS for count in units.values()):
        raise Invalid(
            f"every article needs a number of units from 1 to {MOST_UNITS}",
            field="goods.units",
            remedy="leave out what did not come",
        )
    unknown = sorted(set(units) - catalogue.known(session, list(units)))
    if unknown:
        raise NotFound(
            f"not in the catalogue: {', '.join(unknown)}",
            field="goods.sku",
            remedy="enter the article first, or set the goods aside by hand",
        )


def _shared_out(
    session: Session, row: Return, sku: str, units: int
) -> list[tuple[UUID | None, int]]:
    """The lines that units of an article belong to: those asked for first, the rest to nobody."""
    came = came_by_line(session, row.id)
    found: list[tuple[UUID | None, int]] = []
    asked = session.exec(
        select(ReturnLine)
        .where(ReturnLine.return_id == row.id, ReturnLine.sku == sku)
        .order_by(col(ReturnLine.id))
    ).all()
    for line in asked:
        part = min(units, line.units - came.get(line.line_id, 0))
        if part > 0:
            found.append((line.line_id, part))
            units -= part
    if units:
        found.append((None, units))
    return found


def _unexpected(made: Sequence[ReturnedGoods]) -> dict[str, int]:
    return {one.sku: one.units for one in made if one.line_id is None}
