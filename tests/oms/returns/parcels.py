"""Returns, and the steps that they take."""

from collections.abc import Mapping

from sqlmodel import Session

from oms.inventory.models import StockBalance
from oms.locations.models import Location
from oms.orders.models import Order
from oms.returns import asking, queries, receiving
from oms.returns.asking import Wanted
from oms.returns.models import Condition, Return, ReturnedGoods, Way
from tests.oms.payments.money import line_ids


def asked(session: Session, order: Order, *, way: Way = Way.MAIL, **units: int) -> Return:
    """A return of these units was asked for."""
    ids = line_ids(session, order)
    wanted = [Wanted(ids[sku], count, "too small") for sku, count in units.items()]
    return asking.ask(session, order.id, wanted, way=way, actor="customer")


def received(session: Session, row: Return, place: Location, **units: int) -> list[ReturnedGoods]:
    """These units came in at a place."""
    receiving.receive(session, row.id, units, location_id=place.id, actor="anna")
    return list(queries.goods(session, row.id))


def inspected(
    session: Session, row: Return, *, deduct: Mapping[str, int] | None = None
) -> list[ReturnedGoods]:
    """All that came was looked at."""
    for one in queries.goods(session, row.id):
        if one.condition is None:
            receiving.inspect(
                session, row.id, one.id, condition=Condition.AS_NEW, actor="anna",
                deduct_minor=(deduct or {}).get(one.sku, 0),
            )  # fmt: skip
    return list(queries.goods(session, row.id))


def lying(session: Session, place: Location, sku: str = "MUG") -> tuple[int, int]:
    """Units on hand, and how many of them are set apart."""
    session.flush()
    row = session.get(StockBalance, (sku, place.id), populate_existing=True)
    return (row.on_hand, row.damaged) if row else (0, 0)
