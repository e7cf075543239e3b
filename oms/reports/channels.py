"""How the channels' orders stand: up to when each was asked, and what it had not told us."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from oms import clock
from oms.channels.amazon.mapping import BY_AMAZON
from oms.channels.models import ChannelMessage
from oms.channels.poll_models import ChannelPoll, ChannelRepair
from oms.ids import first_id_at

SPAN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ChannelOrders:
    """One channel that is asked for its orders; `missed` and `elsewhere` are of seven days."""

    channel: str
    known_until: datetime | None
    """Every change before it has been seen."""
    polled_at: datetime | None
    under_way: bool
    seen: int
    missed: int
    """Orders and changes that only asking brought, though the channel should have told us."""
    elsewhere: int
    """Messages of orders that the marketplace itself fulfils: kept, and not ours to route."""
    last_error: str | None
    last_error_at: datetime | None
    heard_at: datetime | None
    mended: str
    """What was last mended of its webhooks."""
    mended_at: datetime | None


def by_channel(session: Session, channels: Collection[str]) -> list[ChannelOrders]:
    """These channels by their codes."""
    since = clock.now() - SPAN
    polls = {row.channel: row for row in session.exec(select(ChannelPoll)).all()}
    missed: dict[str, int] = dict(
        session.exec(
            select(ChannelRepair.channel, func.count())
            .where(col(ChannelRepair.found_at) >= since)
            .group_by(ChannelRepair.channel)
        ).all()
    )
    elsewhere: dict[str, int] = dict(
        session.exec(
            select(ChannelMessage.channel, func.count(func.distinct(ChannelMessage.reference)))
            .where(col(ChannelMessage.id) >= first_id_at(since), ChannelMessage.topic == BY_AMAZON)
            .group_by(ChannelMessage.channel)
        ).all()
    )
    found = []
    for channel in sorted(channels):
        poll = polls.get(channel)
        found.append(
            ChannelOrders(
                channel=channel,
                known_until=poll.known_until if poll and poll.polled_at else None,
                polled_at=poll.polled_at if poll else None,
                under_way=poll is not None and poll.window_since is not None,
                seen=poll.seen if poll else 0,
                missed=missed.get(channel, 0),
                elsewhere=elsewhere.get(channel, 0),
                last_error=poll.last_error if poll else None,
                last_error_at=poll.last_error_at if poll else None,
                heard_at=poll.heard_at if poll else None,
                mended=poll.mended if poll else "",
                mended_at=poll.mended_at if poll else None,
            )
        )
    return found
