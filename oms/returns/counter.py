"""Goods that a customer brings to a store, whatever channel sold them: all steps at once.

Asked for, received here, looked at, decided on, and the money given back: each by the function that
does it elsewhere, in one transaction. What the rules refuse, or want a person for, stays a return
that waits for operations; then nothing is taken in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms.errors import Conflict, Invalid
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.payments import crediting
from oms.payments.crediting import Opened
from oms.payments.models import Refund
from oms.returns import asking, disposing, exchanging, queries, receiving, settling
from oms.returns.asking import Wanted
from oms.returns.exchanging import Instead
from oms.returns.models import (
    Condition,
    Disposition,
    Return,
    ReturnedGoods,
    Way,
)
from oms.returns.states import AWAITED

_UNSOUND: Final = frozenset({Condition.DAMAGED, Condition.FAULTY})


class Give(StrEnum):
    """What the customer gets."""

    MONEY = "money"
    """By the tenders that it came from."""
    CREDIT = "credit"
    EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class Brought:
    """Units of an order line on the counter. Without a disposition they wait in quarantine."""

    line_id: UUID
    units: int
    condition: Condition
    reason: str = ""
    disposition: Disposition | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the customer gets, and what instead if they exchange."""

    give: Give = Give.MONEY
    instead: Sequence[Instead] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it. The code of a new store credit is here and nowhere else."""

    row: Return
    refund: Refund | None = None
    opened: Opened | None = None
    exchange: Order | None = None


def bring(
    session: Session,
    order_id: UUID,
    brought: Sequence[Brought],
    wish: Wish,
    *,
    place: Location,
    actor: str,
) -> Done:
    """Take goods of an order back that nobody announced.

    Raises what asking for a return raises, and `Invalid` for unsound goods that would be sold.
    """
    _require_sense(brought, wish)
    locations.require_returns(place)
    wanted = [Wanted(one.line_id, one.units, one.reason) for one in brought]
    row = asking.ask(session, order_id, wanted, way=Way.STORE, actor=actor)
    if row.status not in AWAITED:
        return Done(row)
    return take(session, row.id, brought, wish, place=place, actor=actor)


def take(
    session: Session,
    return_id: UUID,
    brought: Sequence[Brought],
    wish: Wish,
    *,
    place: Location,
    actor: str,
    version: int | None = None,
) -> Done:
    """Take the goods of an authorised return; what it announced and is not here is missing."""
    _require_sense(brought, wish)
    row, order = queries.locked(session, return_id)
    orders.require_version(f"return {row.number}", have=row.version, seen=version)
    units = _by_sku(session, row, brought)
    receiving.receive(session, row.id, units, location_id=place.id, actor=actor)
    other, opened = None, None
    if wish.give is Give.EXCHANGE:
        other = exchanging.exchange(
            session, row.id, wish.instead, actor=actor, pickup_store=place.code
        )
    elif wish.give is Give.CREDIT:
        opened = crediting.for_refunds(session, currency=order.currency, actor=actor)
        row.credit_id = opened.credit.id
    said = {one.line_id: one for one in brought}
    for one in queries.goods(session, row.id):
        if one.condition is None and one.line_id in said:
            receiving.inspect(
                session, row.id, one.id, condition=said[one.line_id].condition, actor=actor
            )
    refund = settling.give_money_back(session, row.id)
    for one in queries.goods(session, row.id):
        if one.line_id in said and one.disposed_at is None:
            _dispose(session, row, one, said[one.line_id].disposition, actor=actor)
    settling.close(session, row.id)
    return Done(row, refund, opened, other)


def decide(
    session: Session,
    return_id: UUID,
    goods_id: UUID,
    *,
    condition: Condition | None,
    disposition: Disposition,
    place: Location,
    actor: str,
) -> Return:
    """Decide on goods that wait in quarantine here; inspect them first if nobody has."""
    row, _ = queries.locked(session, return_id)
    one = receiving.of_return(session, row, goods_id)
    if one.location_id != place.id:
        raise Conflict(
            f"these goods are not at {place.name}",
            field="goods_id",
            remedy="let the location decide on them where they are",
        )
    if one.condition is None:
        if condition is None:
            raise Invalid(
                "in which state are they?", field="condition", remedy="look at them and choose"
            )
        receiving.inspect(session, row.id, one.id, condition=condition, actor=actor)
    _require_sound(one.condition or condition, disposition)
    settling.give_money_back(session, row.id)
    _dispose(session, row, one, disposition, actor=actor)
    settling.close(session, row.id)
    return row


def _dispose(
    session: Session,
    row: Return,
    one: ReturnedGoods,
    disposition: Disposition | None,
    *,
    actor: str,
) -> None:
    if disposition is not None:
        disposing.dispose(session, row.id, one.id, disposition, actor=actor)


def _by_sku(session: Session, row: Return, brought: Sequence[Brought]) -> Mapping[str, int]:
    """Units by article; lines that the return does not name are refused."""
    skus = {line.line_id: line.sku for line in queries.lines(session, row.id)}
    found: dict[str, int] = {}
    for one in brought:
        if one.line_id not in skus:
            raise Conflict(
                f"return {row.number} has no line {one.line_id}",
                field="line_id",
                remedy="reload the page, and take what it shows",
            )
        found[skus[one.line_id]] = found.get(skus[one.line_id], 0) + one.units
    return found


def _require_sense(brought: Sequence[Brought], wish: Wish) -> None:
    if not brought:
        raise Invalid(
            "nothing was brought",
            field="units",
            remedy="say how many units of which article are on the counter",
        )
    if (wish.give is Give.EXCHANGE) != bool(wish.instead):
        raise Invalid(
            "an exchange, and nothing else, names what the customer gets instead",
            field="instead",
            remedy="scan the new article, or give the money back",
        )
    for one in brought:
        _require_sound(one.condition, one.disposition)


def _require_sound(condition: Condition | None, disposition: Disposition | None) -> None:
    if condition in _UNSOUND and disposition is Disposition.SELLABLE:
        raise Invalid(
            f"goods that are {condition} are not sold again",
            field="disposition",
            remedy="have them refurbished, write them off, or decide later",
        )
