"""How the channels' stock figures stand: what is owed, what was told, what drifted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from oms.publishing import drifting
from oms.publishing.models import StockChannel, StockOwed


@dataclass(frozen=True, slots=True)
class ChannelStock:
    """One channel. `owed_since` is the age of the oldest article that waits to be told."""

    channel: str
    owed: int
    owed_since: datetime | None
    refused: int
    told: int
    last_told_at: datetime | None
    compared: int
    compared_at: datetime | None
    drift_open: int
    drift_repaired: int
    paused_until: datetime | None
    last_error: str | None
    last_error_at: datetime | None


def by_channel(session: Session, channels: Collection[str]) -> list[ChannelStock]:
    """Every channel that is told of stock, by its code."""
    states = {row.channel: row for row in session.exec(select(StockChannel)).all()}
    drift = drifting.counts(session)
    owed = {
        channel: (count, since, refused)
        for channel, count, since, refused in session.exec(
            select(
                StockOwed.channel,
                func.count(),
                func.min(StockOwed.owed_since),
                func.count(col(StockOwed.last_error)),
            ).group_by(StockOwed.channel)
        ).all()
    }
    found = []
    for channel in sorted(channels):
        state = states.get(channel) or StockChannel(channel=channel)
        count, since, refused = owed.get(channel, (0, None, 0))
        still_open, repaired = drift.get(channel, (0, 0))
        found.append(
            ChannelStock(
                channel=channel,
                owed=count,
                owed_since=since,
                refused=refused,
                told=state.told,
                last_told_at=state.last_told_at,
                compared=state.compared,
                compared_at=state.compared_at,
                drift_open=still_open,
                drift_repaired=repaired,
                paused_until=state.paused_until,
                last_error=state.last_error,
                last_error_at=state.last_error_at,
            )
        )
    return found


def refused(session: Session, *, limit: int = 50) -> Sequence[StockOwed]:
    """Articles that a channel does not take, those tried most often first."""
    return session.exec(
        select(StockOwed)
        .where(col(StockOwed.last_error).is_not(None))
        .order_by(col(StockOwed.attempts).desc(), col(StockOwed.channel), col(StockOwed.sku))
        .limit(limit)
    ).all()
