"""Which rule counts for an article at a location: the one that says most exactly what it means.

Among rules of one kind and channel a rule for the article beats one for its category, which
beats one for all articles; then a rule for the location beats one for all locations.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, or_, select

from oms.db import read_rows
from oms.inventory.rule_models import RuleKind, StockRule

_CATEGORIES: Final = "SELECT sku, category FROM products WHERE sku = ANY(%b::text[])"


@dataclass(frozen=True, slots=True)
class Rules:
    """The active safety and buffer rules that may concern some articles, ready to be asked."""

    rows: Sequence[StockRule]
    categories: Mapping[str, str]

    @property
    def locations(self) -> frozenset[UUID]:
        """The locations that some of them name; all others are alike to them."""
        return frozenset(row.location_id for row in self.rows if row.location_id is not None)

    def best(
        self, kind: RuleKind, *, sku: str, location_id: UUID, channel: str | None
    ) -> StockRule | None:
        """The rule of this kind that counts here; with `channel` None the one for everybody."""
        matching = [
            row
            for row in self.rows
            if row.kind is kind
            and row.channel == channel
            and row.sku in (None, sku)
            and row.category in (None, self.categories.get(sku))
            and row.location_id in (None, location_id)
        ]
        return min(matching, key=_vagueness, default=None)

    def kept_back(self, *, sku: str, location_id: UUID, channel: str | None) -> tuple[int, int]:
        """Units kept back from one channel alone: by its safety rule, and by its buffer.

        A channel's own safety rule takes the place of the common one where it keeps more back.
        """
        if channel is None:
            return 0, 0
        own = self.best(RuleKind.SAFETY, sku=sku, location_id=location_id, channel=channel)
        common = self.best(RuleKind.SAFETY, sku=sku, location_id=location_id, channel=None)
        buffer = self.best(RuleKind.BUFFER, sku=sku, location_id=location_id, channel=channel)
        more = (own.units if own else 0) - (common.units if common else 0)
        return max(0, more) if own else 0, buffer.units if buffer else 0


def rules_for(session: Session, skus: Collection[str], *, channel: str | None) -> Rules:
    """The safety and buffer rules for everybody and for this channel that may match."""
    wanted = set(skus)
    categories = dict(read_rows(session, _CATEGORIES, [list(wanted)]))
    rows = session.exec(
        select(StockRule).where(
            col(StockRule.ended_at).is_(None),
            col(StockRule.kind).in_((RuleKind.SAFETY, RuleKind.BUFFER)),
            or_(col(StockRule.channel).is_(None), col(StockRule.channel) == channel),
            or_(col(StockRule.sku).is_(None), col(StockRule.sku).in_(wanted)),
        )
    ).all()
    return Rules(rows, categories)


def _vagueness(row: StockRule) -> tuple[bool, bool, bool]:
    return row.sku is None, row.category is None, row.location_id is None
