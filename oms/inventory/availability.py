"""What may still be promised, deduction by deduction.

    sellable = on_hand - reserved - damaged - safety - withheld          (columns of one balance)
    promisable to a channel = sellable + left of its own allotment
                              - what is kept back from it alone          (safety, buffer)

Where `by_channel` is false no rule names a channel, `sellable` is the answer for all of them, and
a promise is one guarded statement on one row:

    UPDATE stock_balances SET reserved = reserved + :units
    WHERE sku = :sku AND location_id = :location_id AND NOT by_channel
      AND on_hand - reserved - damaged - safety - withheld >= :units

No row then means too little or `by_channel`; in the second case `movements.apply` decides, under
the row's lock. `withheld` and `by_channel` are kept up to date by `folding`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, collate, select
from sqlmodel import Session, col

from oms import clock
from oms.inventory.models import StockBalance
from oms.inventory.rule_matching import Rules, rules_for
from oms.inventory.rule_models import RuleKind, StockRule, StockTrust

LOCK_ORDER = (collate(col(StockBalance.sku), "C"), col(StockBalance.location_id))
"""The sequence in which balances are locked: that of Python's sorting, whatever the database's."""

SELLABLE = (
    col(StockBalance.on_hand)
    - StockBalance.reserved
    - StockBalance.damaged
    - StockBalance.safety
    - StockBalance.withheld
)
"""What of a balance any channel may have that no rule names."""

Spot = tuple[str, UUID]
"""An article at a location."""


@dataclass(frozen=True, slots=True)
class Availability:
    """One article at one location for one channel, with every deduction. Units.

    Without a channel it is what may be promised to a channel that no rule names.
    """

    sku: str
    location_id: UUID
    on_hand: int
    reserved: int
    safety: int
    """Kept back at this balance."""
    damaged: int = 0
    rule_safety: int = 0
    """Kept back by the safety rule that matches best."""
    doubted: int = 0
    """On the books, but goods were not found; until somebody counts."""
    ring_fenced: int = 0
    """Left of the allotments of other channels."""
    channel_safety: int = 0
    """What the channel's own safety rule keeps back beyond the common one."""
    buffer: int = 0
    """Kept back from this channel."""

    @property
    def promisable(self) -> int:
        """Units that a new order may be promised."""
        return max(0, self.on_hand - self.deducted)

    @property
    def deducted(self) -> int:
        """The sum of all deductions; it may exceed what is on hand."""
        return (
            self.reserved
            + self.damaged
            + self.safety
            + self.rule_safety
            + self.doubted
            + self.ring_fenced
            + self.channel_safety
            + self.buffer
        )


@dataclass(frozen=True, slots=True)
class _Deductions:
    """What the folded numbers of some balances consist of."""

    doubted: Mapping[Spot, int]
    allotments: Mapping[Spot, Sequence[StockRule]]
    rules: Rules
    channel: str | None

    def of(self, row: Row[tuple[str, UUID, int, int, int, int, int, bool]]) -> Availability:
        spot = (row.sku, row.location_id)
        fenced = self.allotments.get(spot, ())
        doubted = self.doubted.get(spot, 0)
        by_channel, buffer = (
            self.rules.kept_back(sku=row.sku, location_id=row.location_id, channel=self.channel)
            if row.by_channel
            else (0, 0)
        )
        return Availability(
            sku=row.sku,
            location_id=row.location_id,
            on_hand=row.on_hand,
            reserved=row.reserved,
            safety=row.safety,
            damaged=row.damaged,
            rule_safety=row.withheld - doubted - sum(rule.remaining or 0 for rule in fenced),
            doubted=doubted,
            ring_fenced=sum(
                rule.remaining or 0 for rule in fenced if is_closed_to(rule, self.channel)
            ),
            channel_safety=by_channel,
            buffer=buffer,
        )


def of(
    session: Session, skus: Collection[str], *, channel: str | None = None
) -> tuple[Availability, ...]:
    """Availability of these articles at every location that has a balance.

    Reads columns, not objects: the session keeps no stale copy of a balance. Where nothing is
    kept back by rules it is one query.
    """
    rows = session.execute(
        select(
            col(StockBalance.sku),
            col(StockBalance.location_id),
            col(StockBalance.on_hand),
            col(StockBalance.reserved),
            col(StockBalance.safety),
            col(StockBalance.damaged),
            col(StockBalance.withheld),
            col(StockBalance.by_channel),
        )
        .where(col(StockBalance.sku).in_(set(skus)))
        .order_by(col(StockBalance.sku), col(StockBalance.location_id))
    ).all()
    ruled = {row.sku for row in rows if row.withheld or row.by_channel}
    if not ruled:
        return tuple(Availability(*row[:6]) for row in rows)
    deductions = _deductions(session, ruled, channel=channel)
    return tuple(deductions.of(row) for row in rows)


def lock(session: Session, skus: Collection[str]) -> None:
    """Lock every balance of these articles, in the one lock order, until the transaction ends."""
    session.execute(
        select(col(StockBalance.sku))
        .where(col(StockBalance.sku).in_(set(skus)))
        .order_by(*LOCK_ORDER)
        .with_for_update()
    ).all()


def promisable(
    session: Session, skus: Collection[str], *, channel: str | None = None
) -> Mapping[Spot, int]:
    """Units that may be promised to this channel by (SKU, location), where there are any.

    Where channels are alike the database does the sum; only other articles are looked into.
    """
    rows = session.execute(
        select(
            col(StockBalance.sku),
            col(StockBalance.location_id),
            col(StockBalance.by_channel),
            SELLABLE,
        )
        .where(col(StockBalance.sku).in_(set(skus)))
        .where(col(StockBalance.by_channel) | (SELLABLE > 0))
    ).all()
    alike = {(sku, place): units for sku, place, by_channel, units in rows if not by_channel}
    unlike = {sku for sku, _, by_channel, _ in rows if by_channel}
    looked_into = of(session, unlike, channel=channel) if unlike else ()
    return alike | {
        (row.sku, row.location_id): row.promisable for row in looked_into if row.promisable
    }


def _deductions(session: Session, skus: Collection[str], *, channel: str | None) -> _Deductions:
    doubts = session.execute(
        select(col(StockTrust.sku), col(StockTrust.location_id), col(StockTrust.doubted)).where(
            col(StockTrust.sku).in_(skus)
        )
    ).all()
    allotments: dict[Spot, list[StockRule]] = {}
    for rule in session.scalars(
        select(StockRule)
        .where(
            col(StockRule.kind) == RuleKind.ALLOTMENT,
            col(StockRule.sku).in_(skus),
            col(StockRule.ended_at).is_(None),
        )
        .execution_options(populate_existing=True)
    ):
        assert rule.sku is not None
        assert rule.location_id is not None
        allotments.setdefault((rule.sku, rule.location_id), []).append(rule)
    return _Deductions(
        doubted={(row.sku, row.location_id): row.doubted for row in doubts},
        allotments=allotments,
        rules=rules_for(session, skus, channel=channel),
        channel=channel,
    )


def is_closed_to(rule: StockRule, channel: str | None) -> bool:
    """Whether an allotment keeps its units from this channel now."""
    due = rule.until is not None and rule.until <= clock.now()
    return rule.channel != channel and not due
