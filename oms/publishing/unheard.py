"""Units that a channel has sold and not yet told us of: its figure fell, and no order explains it.

A shop lowers its own figure when it sells; the order reaches us a little later. If we set the
figure in between as if nothing had happened, the shop would sell these units again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from oms.channels.stock import Figure, Spot
from oms.orders.models import Order, OrderLine
from oms.publishing.levels import Target
from oms.publishing.models import StockPublished

_SLACK: Final = timedelta(seconds=5)
"""An order's id is made a little before the moment at which it is captured."""


def held_back(
    session: Session,
    *,
    channel: str,
    targets: Sequence[Target],
    told: Mapping[Spot, StockPublished],
    figures: Mapping[Spot, Figure],
) -> Mapping[Spot, int]:
    """Units by which each spot must stay below its target for now; spots of none are left out."""
    listings: dict[str, list[Target]] = {}
    for target in targets:
        listings.setdefault(target.spot[0], []).append(target)
    kept: dict[Spot, int] = {}
    for mine in listings.values():
        missing: dict[Spot, int] = {}
        times: list[datetime] = []
        for target in mine:
            row, figure = told.get(target.spot), figures.get(target.spot)
            if row is None or row.published_at is None or figure is None:
                continue
            if figure.quantity is not None and expected(row) != figure.quantity:
                missing[target.spot] = expected(row) - figure.quantity
                times.append(row.published_at)
        left = sum(missing.values())
        if left > 0:
            left -= _heard(session, channel=channel, sku=mine[0].sku, since=max(times))
        for target in sorted(mine, key=lambda each: -missing.get(each.spot, 0)):
            if left > 0 and target.quantity > 0:
                kept[target.spot] = min(left, target.quantity)
                left -= kept[target.spot]
    return kept


def expected(row: StockPublished) -> int:
    """What the channel had before it sold any; the lower figure if we do not know which it has."""
    return row.quantity if row.sent_quantity is None else min(row.quantity, row.sent_quantity)


def _heard(session: Session, *, channel: str, sku: str, since: datetime) -> int:
    """Units of an article that came in orders of the channel since then."""
    first = UUID(int=int((since - _SLACK).timestamp() * 1_000) << 80)  # ids sort by time
    units: int = session.exec(
        select(func.coalesce(func.sum(OrderLine.quantity), 0))
        .join(Order, col(Order.id) == OrderLine.order_id)
        .where(
            Order.channel == channel,
            Order.id >= first,
            Order.captured_at > since,
            OrderLine.sku == sku,
        )
    ).one()
    return units
