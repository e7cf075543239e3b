"""Note which articles a channel must be told of, hand them out in batches, take them back."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, text, tuple_, update
from sqlmodel import Session, col, select

from oms import clock
from oms.catalogue.models import Listing
from oms.inventory.availability import sellable_sql
from oms.orders.models import Order, OrderLine
from oms.publishing.models import StockOwed

COALESCE: Final = timedelta(seconds=1)
"""Changes of an article within this time are told as one, unless it is sold out."""
LEASE: Final = timedelta(seconds=100)
_LONGEST_WAIT: Final = timedelta(hours=1)
SOLD_OUT, FALLING, RISING = 0, 1, 2

# The order of priorities is a matter of urgency only, so sums that know no channel are enough.
_OWE = text(
    f"""
    WITH named AS (
      SELECT DISTINCT channel, sku FROM listings
      WHERE channel = ANY(:channels) AND (:everything OR sku = ANY(:skus))),
    sellable AS (
      SELECT sku, coalesce(sum(greatest({sellable_sql("b")}, 0)), 0) AS units
      FROM (SELECT DISTINCT sku FROM named WHERE NOT :everything) n
      LEFT JOIN stock_balances b USING (sku) GROUP BY sku),
    urgency AS (
      SELECT n.channel, n.sku,
             CASE WHEN s.units = 0 AND p.told > 0 THEN 0
                  WHEN s.units < p.told THEN 1 ELSE 2 END AS priority
      FROM named n LEFT JOIN sellable s USING (sku)
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(quantity), 0) AS told
        FROM stock_published t WHERE t.channel = n.channel AND t.sku = n.sku) p)
    INSERT INTO stock_owed
      (channel, sku, priority, version, owed_since, available_at, attempts)
    SELECT channel, sku, priority, 1, :now,
           CASE WHEN priority = 0 THEN CAST(:now AS timestamptz) ELSE :soon END, 0
    FROM urgency ORDER BY channel, sku
    ON CONFLICT (channel, sku) DO UPDATE SET
      version = stock_owed.version + 1,
      priority = least(stock_owed.priority, excluded.priority),
      available_at = CASE WHEN stock_owed.attempts = 0 OR excluded.priority = 0
        THEN least(stock_owed.available_at, excluded.available_at)
        ELSE stock_owed.available_at END
    """  # noqa: S608 - constants only
)


def owe(session: Session, *, channels: Collection[str], skus: Iterable[str]) -> None:
    """Owe these channels the stock of these articles, as far as they list them."""
    wanted = sorted(set(skus))
    if channels and wanted:
        _owe(session, channels, wanted, everything=False)


def owe_order(session: Session, order_id: UUID) -> None:
    """Owe an order's channel the stock of its articles: the channel has just booked them itself."""
    order = session.get_one(Order, order_id)
    skus = session.exec(select(OrderLine.sku).where(OrderLine.order_id == order_id)).all()
    owe(session, channels=[order.channel], skus=skus)


def owe_everything(session: Session, *, channels: Collection[str], now: bool = False) -> None:
    """Owe these channels the stock of all that they list; `now` also what was put off."""
    if not channels:
        return
    _owe(session, channels, [], everything=True)
    if now:
        session.execute(
            update(StockOwed)
            .where(col(StockOwed.channel).in_(channels))
            .values(available_at=clock.now())
            .execution_options(synchronize_session=False)
        )


def _owe(session: Session, channels: Collection[str], skus: list[str], *, everything: bool) -> None:
    now = clock.now()
    session.execute(
        _OWE,
        {
            "channels": sorted(channels),
            "skus": skus,
            "everything": everything,
            "now": now,
            "soon": now + COALESCE,
        },
    )


def claim(session: Session, *, channel: str, limit: int) -> Mapping[str, int]:
    """The most urgent articles that are due, each with the version seen, leased to the caller.

    Another caller skips them until they are settled or the lease runs out.
    """
    now = clock.now()
    rows = session.exec(
        select(StockOwed)
        .where(
            StockOwed.channel == channel,
            StockOwed.available_at <= now,
            func.coalesce(StockOwed.leased_until, now) <= now,
        )
        .order_by(col(StockOwed.priority), col(StockOwed.owed_since), col(StockOwed.sku))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        row.leased_until = now + LEASE
    return {row.sku: row.version for row in rows}


def settled(session: Session, *, channel: str, claimed: Mapping[str, int]) -> None:
    """The channel has what was owed; an article that changed again meanwhile stays owed."""
    if not claimed:
        return
    key = tuple_(col(StockOwed.sku), col(StockOwed.version))
    session.execute(
        delete(StockOwed).where(col(StockOwed.channel) == channel, key.in_(sorted(claimed.items())))
    )
    _release(session, channel, claimed, attempts=0, last_error=None)


def put_off(
    session: Session, *, channel: str, skus: Collection[str], wait: timedelta, error: str | None
) -> None:
    """Look at these articles again after a while. With an `error` it counts as a failed attempt."""
    if not skus:
        return
    now = clock.now()
    if error is None:
        _release(session, channel, skus, available_at=now + wait)
        return
    rows = session.exec(
        select(StockOwed)
        .where(StockOwed.channel == channel, col(StockOwed.sku).in_(skus))
        .order_by(col(StockOwed.sku))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        row.leased_until = None
        row.last_error = error[:500]
        row.attempts += 1
        row.available_at = now + min(wait * 2 ** min(row.attempts - 1, 12), _LONGEST_WAIT)


def hand_back(session: Session, *, channel: str, skus: Collection[str]) -> None:
    """End the lease: the channel could not be asked, and nothing is known of these articles."""
    _release(session, channel, skus)


def due(session: Session, *, channels: Collection[str]) -> frozenset[str]:
    """The channels for which something is due now."""
    now = clock.now()
    return frozenset(
        session.exec(
            select(StockOwed.channel)
            .where(
                col(StockOwed.channel).in_(channels),
                StockOwed.available_at <= now,
                func.coalesce(StockOwed.leased_until, now) <= now,
            )
            .distinct()
        ).all()
    )


def next_due_s(session: Session, *, channel: str, most_s: float) -> float | None:
    """Seconds until something is due; None if that is more than `most_s` away or never."""
    when = session.exec(
        select(func.min(func.greatest(StockOwed.available_at, StockOwed.leased_until))).where(
            StockOwed.channel == channel
        )
    ).one()
    if when is None:
        return None
    wait_s: float = max((when - clock.now()).total_seconds(), 0.0)
    return wait_s if wait_s <= most_s else None


def listed(session: Session, *, channel: str, after: str, limit: int) -> list[str]:
    """Our SKUs that the channel lists, in order, after a given one."""
    return list(
        session.exec(
            select(Listing.sku)
            .where(Listing.channel == channel, Listing.sku > after)
            .distinct()
            .order_by(Listing.sku)
            .limit(limit)
        ).all()
    )


def _release(session: Session, channel: str, skus: Collection[str], **values: object) -> None:
    session.execute(
        update(StockOwed)
        .where(col(StockOwed.channel) == channel, col(StockOwed.sku).in_(skus))
        .values(leased_until=None, **values)
        .execution_options(synchronize_session=False)
    )
