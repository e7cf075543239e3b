"""What may still be promised, deduction by deduction.

    sellable = on_hand - reserved - damaged - safety - withheld          (columns of one balance)
    promisable to a channel = sellable + left of its own allotment
                              - what is kept back from it alone          (safety, buffer)

`sellable_sql` writes the first line for raw SQL, `SELLABLE` is the same for the ORM.

Where `by_channel` is false no rule names a channel, `sellable` is the answer for all of them, and
a promise is one guarded statement on one row:

    UPDATE stock_balances SET reserved = reserved + :units
    WHERE sku = :sku AND location_id = :location_id AND NOT by_channel
      AND on_hand - reserved - damaged - safety - withheld >= :units

No row then means too little or `by_channel`; in the second case `movements.apply` decides, under
the row's lock. `withheld` and `by_channel` are kept up to date by `folding`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial, reduce
from itertools import repeat
from operator import sub
from typing import Any, Final, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, collate, inspect, select
from sqlmodel import Session, col

from oms import clock
from oms.db import read_rows
from oms.inventory.models import StockBalance
from oms.inventory.rule_matching import Rules, rules_for
from oms.inventory.rule_models import RuleKind, StockRule

LOCK_ORDER = (collate(col(StockBalance.sku), "C"), col(StockBalance.location_id))
"""The sequence in which balances are locked: that of Python's sorting, whatever the database's."""

_FORMULA: Final = ("on_hand", "reserved", "damaged", "safety", "withheld")
"""Columns of a balance: the units there, and what is taken off them."""


def sellable_sql(balance: str = "stock_balances") -> str:
    """What of a balance any channel may have that no rule names, for a table of this name."""
    return "(" + " - ".join(f"{balance}.{name}" for name in _FORMULA) + ")"


SELLABLE: Final[ColumnElement[int]] = reduce(
    sub, (inspect(StockBalance).columns[name] for name in _FORMULA)
)
"""The same as an expression."""


def _array(number: str) -> str:
    """All of a group's numbers as one string of bytes, four for each."""
    return f"string_agg(int4send({number}), ''::bytea)"


_AT: Final = "string_agg(uuid_send(location_id), ''::bytea)"
_FIGURES: Final = f"""
SELECT sku, bool_or(by_channel OR withheld <> 0), {_AT}, {_array("on_hand")}, {_array("reserved")},
       {_array("safety")}, {_array("damaged")}, {_array("withheld")}, {_array("by_channel::int4")}
FROM (
    SELECT * FROM stock_balances WHERE sku = ANY(%b::text[]) ORDER BY sku, location_id
) AS ordered
GROUP BY sku ORDER BY sku
"""  # noqa: S608 - constants only
PROMISABLE: Final = f"""
SELECT sku, bool_or(by_channel), {_AT}, {_array(sellable_sql())}, {_array("by_channel::int4")}
FROM stock_balances WHERE sku = ANY(%b::text[]) AND (by_channel OR {sellable_sql()} > 0)
GROUP BY sku
"""  # noqa: S608 - constants only
"""Both answer with a row for each article. Its locations come as arrays, which costs half of what
thousands of rows would; aggregates over one input see it in one sequence."""
_DOUBTS: Final = "SELECT sku, location_id, doubted FROM stock_trust WHERE sku = ANY(%b::text[])"

Spot = tuple[str, UUID]
"""An article at a location."""


class Availability(NamedTuple):
    """One article at one location for one channel, with every deduction. Units.

    Without a channel it is what may be promised to a channel that no rule names. A tuple, because
    a question may be answered by thousands of them.
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


_made: Final = partial(tuple.__new__, Availability)
"""An availability of all its values: thousands are made for one answer, and this costs least."""

_NOTHING: Final = (repeat(0),) * 5
"""What is deducted by rules where there are none, at any number of locations."""


@dataclass(frozen=True, slots=True)
class _Deductions:
    """What the folded numbers of some balances consist of."""

    doubted: Mapping[Spot, int]
    allotments: Mapping[Spot, Sequence[StockRule]]
    rules: Rules
    named: frozenset[UUID]
    """Locations that a rule names."""
    channel: str | None
    apart: frozenset[str]
    """Articles that some location doubts or has allotments of."""
    kept: dict[tuple[str, UUID | None], tuple[int, int]] = field(default_factory=dict)
    """What is kept back from the channel, by article and by location where a rule names one."""

    def of(self, row: tuple[Any, ...]) -> Availability:
        """Of the figures of one balance, in the sequence of `_FIGURES`."""
        spot, withheld = row[:2], row[6]
        own, buffer = self._kept_back(*spot) if row[7] else (0, 0)
        doubted = self.doubted.get(spot, 0)
        if spot not in self.allotments:
            return _made((*row[:6], withheld - doubted, doubted, 0, own, buffer))
        fenced = sum(rule.remaining or 0 for rule in self.allotments[spot])
        closed = fenced - self._left_of_own(spot)
        return _made((*row[:6], withheld - doubted - fenced, doubted, closed, own, buffer))

    def is_alike(self, sku: str) -> bool:
        """Whether rules say the same of an article wherever it is, and no goods are in doubt."""
        return not self.named and sku not in self.apart

    def everywhere(self, spot: Spot) -> tuple[Iterator[int], ...]:
        """What is deducted after what rules keep back from everybody, there as anywhere."""
        own, buffer = self._kept_back(*spot)
        return (*_NOTHING[:2], repeat(own), repeat(buffer))

    def promisable(self, spot: Spot, sellable: int) -> int:
        """What the channel may have where a rule names channels; below zero if less than none."""
        return sellable + self._left_of_own(spot) - sum(self._kept_back(*spot))

    def _left_of_own(self, spot: Spot) -> int:
        return sum(
            rule.remaining or 0
            for rule in self.allotments.get(spot, ())
            if not is_closed_to(rule, self.channel)
        )

    def _kept_back(self, sku: str, location_id: UUID) -> tuple[int, int]:
        alike = (sku, location_id if self.named and location_id in self.named else None)
        found = self.kept.get(alike)
        if found is None:
            found = self.kept[alike] = self.rules.kept_back(
                sku=sku, location_id=location_id, channel=self.channel
            )
        return found


def of(
    session: Session, skus: Collection[str], *, channel: str | None = None
) -> tuple[Availability, ...]:
    """Availability of these articles at every location that has a balance.

    By article and location. Where nothing is kept back by rules it is one query.
    """
    found = read_rows(session, _FIGURES, [list(set(skus))])
    ruled = {row[0] for row in found if row[1]}
    part = _deductions(session, ruled, channel=channel) if ruled else None
    told: list[Availability] = []
    for sku, _, at, *arrays in found:
        on_hand, reserved, safety, damaged, withheld, by_channel = map(_numbers, arrays)
        figures = (repeat(sku), _places(at), on_hand, reserved, safety, damaged)
        if part is None or sku not in ruled:
            told += map(_made, zip(*figures, *_NOTHING, strict=False))
        elif part.is_alike(sku) and len(set(by_channel)) == 1:
            rest = part.everywhere((sku, _place(at[:16]))) if by_channel[0] else _NOTHING[1:]
            told += map(_made, zip(*figures, withheld, *rest, strict=False))
        else:
            told += map(part.of, zip(*figures, withheld, by_channel, strict=False))
    return tuple(told)


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
    found = read_rows(session, PROMISABLE, [list(set(skus))])
    unlike = {row[0] for row in found if row[1]}
    part = _deductions(session, unlike, channel=channel) if unlike else None
    told: dict[Spot, int] = {}
    for sku, _, at, sellable, by_channel in found:
        spots = zip(repeat(sku), _places(at), strict=False)
        if part is None or sku not in unlike:
            told.update(zip(spots, _numbers(sellable), strict=True))
            continue
        if part.is_alike(sku):
            less = part.promisable((sku, _place(at[:16])), 0)
            ours = np.frombuffer(sellable, ">i4") + less * np.frombuffer(by_channel, ">i4")
            figures = zip(spots, ours.tolist(), strict=True)
            told.update((spot, units) for spot, units in figures if units > 0)
            continue
        each = zip(spots, _numbers(sellable), _numbers(by_channel), strict=True)
        for spot, units, own in each:
            if (left := part.promisable(spot, units) if own else units) > 0:
                told[spot] = left
    return told


@lru_cache(maxsize=100_000)
def _place(raw: bytes) -> UUID:
    return UUID(bytes=raw)


def _places(array: bytes) -> Iterator[UUID]:
    return map(_place, np.frombuffer(array, "V16").tolist())


def _numbers(array: bytes) -> list[int]:
    found: list[int] = np.frombuffer(array, ">i4").tolist()
    return found


def _deductions(session: Session, skus: Collection[str], *, channel: str | None) -> _Deductions:
    doubts = read_rows(session, _DOUBTS, [list(skus)])
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
    rules = rules_for(session, skus, channel=channel)
    return _Deductions(
        doubted={(sku, location_id): units for sku, location_id, units in doubts},
        allotments=allotments,
        rules=rules,
        named=rules.locations,
        channel=channel,
        apart=frozenset([sku for sku, *_ in doubts] + [sku for sku, _ in allotments]),
    )


def is_closed_to(rule: StockRule, channel: str | None) -> bool:
    """Whether an allotment keeps its units from this channel now."""
    due = rule.until is not None and rule.until <= clock.now()
    return rule.channel != channel and not due
