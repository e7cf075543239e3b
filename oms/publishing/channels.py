"""How publishing to each channel goes: what was told, what failed, and the case for a person."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import delete, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.channels.registry import WITHOUT_STOCK
from oms.channels.stock import Refusal, Spot
from oms.exceptions.cases import open_case, resolve_cause
from oms.exceptions.models import ExceptionKind
from oms.publishing.models import StockChannel, StockOwed, StockPublished
from oms.settings import Settings

_CAUSE = "stock"
_SHOWN = 5


def publishing(settings: Settings) -> frozenset[str]:
    """The channels that are told of stock."""
    return frozenset(
        code
        for code, each in settings.channels.items()
        if each.publish_stock and each.kind not in WITHOUT_STOCK
    )


def forget_others(session: Session, channels: Collection[str]) -> None:
    """Forget what was told to channels that are told no more, and of listings that are gone."""
    for table in (StockOwed, StockPublished, StockChannel):
        session.execute(delete(table).where(col(table.channel).not_in(channels)))
    session.execute(
        text(
            "DELETE FROM stock_published p WHERE NOT EXISTS (SELECT 1 FROM listings l"
            " WHERE l.channel = p.channel AND l.channel_sku = p.channel_sku)"
        )
    )


def told(session: Session, *, channel: str, count: int, at: datetime) -> None:
    """The channel answered and took so many figures."""
    row = _locked(session, channel)
    row.paused_until = None
    row.last_error = None
    row.last_error_at = None
    if count:
        row.told += count
        row.last_told_at = at


def failed(session: Session, *, channel: str, error: str, retry_after_s: int | None) -> None:
    """The channel could not be asked; if it said when to come back, it is left alone until then."""
    row = _locked(session, channel)
    row.last_error = error[:500]
    row.last_error_at = clock.now()
    if retry_after_s is not None:
        row.paused_until = clock.now() + timedelta(seconds=retry_after_s)


def compared(session: Session, *, channel: str, count: int) -> None:
    """All of the channel's figures have been compared."""
    row = _locked(session, channel)
    row.compared_at = clock.now()
    row.compared = count


def reachable(session: Session, channels: Collection[str]) -> frozenset[str]:
    """Those of the channels that have not asked to be left alone."""
    now = clock.now()
    paused = session.exec(
        select(StockChannel.channel).where(
            col(StockChannel.channel).in_(channels), col(StockChannel.paused_until) > now
        )
    ).all()
    return frozenset(channels) - frozenset(paused)


def paused(session: Session, *, channel: str) -> bool:
    """Whether the channel wants to be left alone now."""
    return channel not in reachable(session, [channel])


def open_case_for_channel(session: Session, *, channel: str, error: str) -> None:
    """Nothing can be told to the channel: ask for a person."""
    _open(session, channel, f"{channel} cannot be told of stock: {error}")


def review_case(session: Session, *, channel: str, refused: Mapping[Spot, Refusal]) -> None:
    """Open a case for what the channel refuses, or close it when nothing is refused any more."""
    if refused:
        named = ", ".join(
            f"{spot[0]}{f' at {spot[1]}' if spot[1] else ''} ({refusal.reason})"
            for spot, refusal in sorted(refused.items())[:_SHOWN]
        )
        more = f" and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
        _open(session, channel, f"{channel} does not take the stock of {named}{more}")
    elif not _failing(session, channel):
        resolve_cause(
            session,
            cause_type=_CAUSE,
            cause_id=_cause_id(channel),
            actor="system",
            resolution="the channel takes its stock",
        )


def _failing(session: Session, channel: str) -> int:
    count: int = session.exec(
        select(func.count()).where(
            StockOwed.channel == channel, col(StockOwed.last_error).is_not(None)
        )
    ).one()
    return count


def _open(session: Session, channel: str, detail: str) -> None:
    open_case(
        session,
        kind=ExceptionKind.WRITEBACK_FAILED,
        cause_type=_CAUSE,
        cause_id=_cause_id(channel),
        detail=detail,
        remedy="mend the cause at the channel or in the settings; it is tried again by itself,"
        " and at once after `oms stock publish`. What fails is listed under Operations, Stock",
    )


def _cause_id(channel: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"tributary:stock:{channel}")


def _locked(session: Session, channel: str) -> StockChannel:
    session.execute(
        insert(StockChannel)
        .values(channel=channel, told=0, compared=0)
        .on_conflict_do_nothing(index_elements=["channel"])
    )
    return session.get_one(StockChannel, channel, with_for_update=True, populate_existing=True)
