"""Decide what a channel is told, and record what it took.

The figures are read from the channel first. Then, right before each sending, the stock is read
again: what must fall is told before what may rise, and nothing above what can be sold at that
moment. What already is as it should be is not told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import Session, col, select

from oms import clock
from oms.channels.stock import Figure, Place, Refusal, Spot, StockLevel, Telling
from oms.publishing import unheard
from oms.publishing.levels import Target, targets
from oms.publishing.models import StockPublished
from oms.upserting import Row, upsert

_UNKNOWN = Refusal("the channel has no such article, or does not show it to us")


class Phase(StrEnum):
    """What falls is told first: goods that moved are never shown at both places."""

    LOWER = "lower"
    RAISE = "raise"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a spot should show: at most what can be sold, less what is not heard of yet."""

    target: Target
    quantity: int
    now: Figure
    row: StockPublished | None

    @property
    def spot(self) -> Spot:
        """The listing at a place."""
        return self.target.spot

    @property
    def right(self) -> bool:
        """Whether the channel shows it already."""
        if self.now.unread:
            return (
                self.row is not None
                and self.row.published_at is not None
                and self.row.sent_quantity is None
                and self.row.quantity == self.quantity
            )
        if self.now.quantity is None:
            return self.now.absent and self.quantity == 0
        return self.now.quantity == self.quantity

    @property
    def phase(self) -> Phase:
        """Whether to tell it early. A figure that is not kept may stand for any number."""
        if self.now.quantity is None:
            return Phase.RAISE if self.now.absent else Phase.LOWER
        return Phase.LOWER if self.quantity < self.now.quantity else Phase.RAISE


@dataclass(frozen=True, slots=True)
class Plan:
    """One look: what to tell now, what is right already, and what cannot be told."""

    telling: Telling
    wanted: Mapping[Spot, Wanted]
    refused: Mapping[Spot, Refusal]
    held_back: frozenset[str]
    """Articles of which the channel may have sold units that we have not heard of."""
    skus: Mapping[Spot, str]


def plan(
    session: Session,
    *,
    channel: str,
    skus: Collection[str],
    places: Sequence[Place],
    figures: Mapping[Spot, Figure],
    phase: Phase,
) -> Plan:
    """Look at the stock as it is now and decide what to tell in this phase; nothing is written."""
    goals = targets(session, channel=channel, skus=skus, places=places)
    told = published(session, channel=channel, skus=skus)
    kept = unheard.held_back(session, channel=channel, targets=goals, told=told, figures=figures)
    wanted: dict[Spot, Wanted] = {}
    refused: dict[Spot, Refusal] = {}
    for goal in goals:
        figure = figures.get(goal.spot)
        quantity = goal.quantity - kept.get(goal.spot, 0)
        if figure is None or figure.fault:
            row = told.get(goal.spot)
            if figure is not None or quantity or (row and row.quantity):
                refused[goal.spot] = Refusal(figure.fault) if figure else _UNKNOWN
            continue
        wanted[goal.spot] = Wanted(goal, quantity, figure, told.get(goal.spot))
    levels = tuple(
        StockLevel(
            spot=each.spot,
            quantity=each.quantity,
            version=each.row.version + 1 if each.row else 1,
            now=each.now,
        )
        for each in wanted.values()
        if not each.right and each.phase is phase
    )
    return Plan(
        Telling(levels, key=_key(channel, levels), as_of=clock.now()),
        wanted,
        refused,
        frozenset(goal.sku for goal in goals if goal.spot in kept),
        {goal.spot: goal.sku for goal in goals},
    )


def intend(session: Session, *, channel: str, plan: Plan) -> None:
    """Note what is about to be sent, so that a lost answer is not taken for a sale."""
    rows: list[Row] = []
    for level in plan.telling.levels:
        each = plan.wanted[level.spot]
        rows.append(_row(channel, each, sent_quantity=level.quantity))
    _write(session, rows)


def record(
    session: Session, *, channel: str, plan: Plan, refused: Mapping[Spot, Refusal], at: datetime
) -> Mapping[Spot, Figure]:
    """Record what the channel took and what it had already; return its figures after it."""
    sent = {level.spot for level in plan.telling.levels}
    rows: list[Row] = []
    figures: dict[Spot, Figure] = {}
    for spot, each in plan.wanted.items():
        figures[spot] = each.now
        if spot in sent and spot not in refused:
            figures[spot] = replace(each.now, quantity=each.quantity, absent=False, unread=False)
        elif spot in sent:
            rows.append(_row(channel, each, sent_quantity=None))
            continue
        elif not each.right or _known(each):
            continue
        version = each.row.version + 1 if each.row else 1
        rows.append(
            _row(channel, each, sent_quantity=None)
            | {
                "quantity": each.quantity,
                "sellable": each.target.quantity,
                "codes": each.target.codes,
                "version": version,
                "published_at": at,
            }
        )
    _write(session, rows)
    return figures


def published(
    session: Session, *, channel: str, skus: Collection[str]
) -> Mapping[Spot, StockPublished]:
    """What the channel was told of these articles."""
    rows = session.exec(
        select(StockPublished)
        .where(StockPublished.channel == channel, col(StockPublished.sku).in_(set(skus)))
        .execution_options(populate_existing=True)
    ).all()
    return {(row.channel_sku, row.place): row for row in rows}


def _known(each: Wanted) -> bool:
    """Whether the record says already what the channel shows."""
    row = each.row
    return (
        row is not None
        and row.published_at is not None
        and row.sent_quantity is None
        and (row.quantity, row.sellable, row.codes)
        == (each.quantity, each.target.quantity, each.target.codes)
    )


def _row(channel: str, each: Wanted, *, sent_quantity: int | None) -> dict[str, object]:
    row = each.row
    return {
        "channel": channel,
        "channel_sku": each.spot[0],
        "place": each.spot[1],
        "sku": each.target.sku,
        "quantity": row.quantity if row else 0,
        "sellable": row.sellable if row else 0,
        "codes": row.codes if row else each.target.codes,
        "version": row.version if row else 0,
        "published_at": row.published_at if row else None,
        "sent_quantity": sent_quantity,
    }


def _write(session: Session, rows: Sequence[Row]) -> None:
    upsert(session, StockPublished, rows, key=("channel", "channel_sku", "place"))


def _key(channel: str, levels: Sequence[StockLevel]) -> str:
    """The same for a repetition of the same telling, and for nothing else."""
    content = [(*level.spot, level.quantity, level.now.quantity, level.version) for level in levels]
    return str(uuid5(NAMESPACE_URL, f"tributary:{channel}:{content}"))
