"""Find where a channel's figures are not what it was told, and have them told again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select, text

from oms import clock
from oms.channels.stock import Figure, Place, Spot
from oms.ids import new_id
from oms.publishing import owing, sending
from oms.publishing.levels import Target, targets
from oms.publishing.models import StockDrift, StockOwed


@dataclass(frozen=True, slots=True)
class Gap:
    """A spot whose figure is neither what it was told nor what it should be by now."""

    spot: Spot
    sku: str
    published: int
    found: int
    sellable: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a comparison found."""

    compared: int
    outdated: frozenset[str]
    """Articles of which something else can be sold than the channel was told."""
    gaps: Mapping[Spot, Gap]


def look(
    session: Session,
    *,
    channel: str,
    skus: Collection[str],
    places: Sequence[Place],
    figures: Mapping[Spot, Figure],
) -> Look:
    """Compare what the channel shows with what it was told and with what it should show.

    What is owed already is about to be told and is nobody's fault.
    """
    goals = targets(session, channel=channel, skus=skus, places=places)
    told = sending.published(session, channel=channel, skus=skus)
    owed = _owed(session, channel, skus)
    outdated: set[str] = set()
    gaps: dict[Spot, Gap] = {}
    for goal in goals:
        row, figure = told.get(goal.spot), figures.get(goal.spot)
        if row is None or row.published_at is None:
            if _needs_telling(goal, figure):
                outdated.add(goal.sku)
            continue
        if goal.quantity != row.quantity or goal.codes != row.codes:
            outdated.add(goal.sku)
        found = figure.quantity if figure is not None else None
        if figure is not None and figure.unread:
            continue
        if found is None and row.quantity > 0:
            outdated.add(goal.sku)
        if goal.sku in owed or found is None or found in (row.quantity, goal.quantity):
            continue
        gaps[goal.spot] = Gap(goal.spot, goal.sku, row.quantity, found, goal.quantity)
    return Look(len(figures), frozenset(outdated - owed), gaps)


def confirmed(first: Mapping[Spot, Gap], second: Mapping[Spot, Gap]) -> list[Gap]:
    """Gaps that a second look finds unchanged: no order or telling was just under way."""
    return [
        gap
        for spot, gap in second.items()
        if spot in first
        and (first[spot].found, first[spot].published) == (gap.found, gap.published)
    ]


def record(session: Session, *, channel: str, gaps: Sequence[Gap]) -> int:
    """Write the gaps down and owe their articles anew; return how many are new."""
    if not gaps:
        return 0
    now = clock.now()
    new = session.execute(
        insert(StockDrift)
        .values(
            [
                {
                    "id": new_id(),
                    "channel": channel,
                    "channel_sku": gap.spot[0],
                    "place": gap.spot[1],
                    "sku": gap.sku,
                    "published": gap.published,
                    "found": gap.found,
                    "sellable": gap.sellable,
                    "found_at": now,
                }
                for gap in sorted(gaps, key=lambda gap: gap.spot)
            ]
        )
        .on_conflict_do_nothing(
            index_elements=["channel", "channel_sku", "place"],
            index_where=text("repaired_at IS NULL"),
        )
        .returning(col(StockDrift.id))
    ).all()
    owing.owe(session, channels=[channel], skus=[gap.sku for gap in gaps])
    return len(new)


def repaired(session: Session, *, channel: str, skus: Collection[str]) -> None:
    """The channel shows again what it should of these articles."""
    session.execute(
        update(StockDrift)
        .where(
            col(StockDrift.channel) == channel,
            col(StockDrift.sku).in_(skus),
            col(StockDrift.repaired_at).is_(None),
        )
        .values(repaired_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def newest(
    session: Session, *, channel: str | None = None, only_open: bool = False, limit: int = 100
) -> Sequence[StockDrift]:
    """Drift that was found, the newest first."""
    wanted = select(StockDrift).order_by(col(StockDrift.found_at).desc()).limit(limit)
    if channel is not None:
        wanted = wanted.where(StockDrift.channel == channel)
    if only_open:
        wanted = wanted.where(col(StockDrift.repaired_at).is_(None))
    return session.exec(wanted).all()


def _needs_telling(goal: Target, figure: Figure | None) -> bool:
    """A spot that was never told, unless it shows none and should."""
    if figure is None:
        return False  # the channel does not sell it; telling it would only be refused
    return figure.quantity != goal.quantity and not (figure.absent and goal.quantity == 0)


def _owed(session: Session, channel: str, skus: Collection[str]) -> frozenset[str]:
    return frozenset(
        session.exec(
            select(StockOwed.sku).where(
                StockOwed.channel == channel, col(StockOwed.sku).in_(set(skus))
            )
        ).all()
    )


def counts(session: Session) -> Mapping[str, tuple[int, int]]:
    """Open and repaired drift by channel."""
    rows = session.exec(
        select(
            StockDrift.channel,
            func.count().filter(col(StockDrift.repaired_at).is_(None)),
            func.count().filter(col(StockDrift.repaired_at).is_not(None)),
        ).group_by(StockDrift.channel)
    ).all()
    return {channel: (still_open, done) for channel, still_open, done in rows}
