"""Fold what the rules keep back into one number a balance, so that a promise reads one row.

    withheld   = the safety rule that matches best + units in doubt + units left of allotments
    by_channel = whether some rule that matches names a channel

Whoever changes rules holds `exclusive`, whoever writes new balances `shared`, so that no balance
misses a rule that is being set at the same moment. Both come before any lock on a balance.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

_LOCK: Final = "stock rules"

_MATCHES: Final = """r.ended_at IS NULL
      AND (r.sku IS NULL OR r.sku = b.sku)
      AND (r.category IS NULL OR r.category = p.category)
      AND (r.location_id IS NULL OR r.location_id = b.location_id)"""

FOLDED: Final = f"""SELECT b.sku, b.location_id,
  coalesce((SELECT r.units FROM stock_rules r
            WHERE r.kind = 'safety' AND r.channel IS NULL AND {_MATCHES}
            ORDER BY r.sku IS NULL, r.category IS NULL, r.location_id IS NULL LIMIT 1), 0)
  + coalesce((SELECT t.doubted FROM stock_trust t
              WHERE t.sku = b.sku AND t.location_id = b.location_id), 0)
  + coalesce((SELECT sum(r.remaining) FROM stock_rules r
              WHERE r.kind = 'allotment' AND r.ended_at IS NULL AND r.sku = b.sku
                AND r.location_id = b.location_id), 0) AS withheld,
  EXISTS (SELECT 1 FROM stock_rules r WHERE r.channel IS NOT NULL AND {_MATCHES}) AS by_channel
FROM stock_balances b JOIN products p ON p.sku = b.sku"""  # noqa: S608 - constants only
"""What `withheld` and `by_channel` of every balance should be, by the rules as they are."""


def exclusive(session: Session) -> None:
    """Be the only one who changes rules, and wait for balances that are being opened."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": _LOCK}
    )


def shared(session: Session) -> None:
    """Wait for rules that are being changed; to be taken before new balances are written."""
    session.execute(
        text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))"), {"name": _LOCK}
    )


def fold(
    session: Session,
    *,
    sku: str | None = None,
    category: str | None = None,
    location_id: UUID | None = None,
) -> int:
    """Bring every balance of this range up to date with the rules; return how many changed.

    A range left open is every balance. Rows are locked in the one lock order before they are
    read, so that no promise can be made between the reading and the writing.
    """
    ranges = {
        "b.sku = :sku": ("sku", sku),
        "p.category = :category": ("category", category),
        "b.location_id = :location_id": ("location_id", location_id),
    }
    given = {condition: pair for condition, pair in ranges.items() if pair[1] is not None}
    return _fold(session, " AND ".join(given) or "true", dict(given.values()))


def fold_spots(session: Session, spots: Collection[tuple[str, UUID]]) -> int:
    """Bring these balances, given by article and location, up to date; return how many changed."""
    if not spots or not _any_rule(session):
        return 0
    ordered: Sequence[tuple[str, UUID]] = sorted(set(spots))
    chosen = (
        "(b.sku, b.location_id) IN"
        " (SELECT * FROM unnest(cast(:skus AS text[]), cast(:places AS uuid[])))"
    )
    return _fold(
        session,
        chosen,
        {"skus": [sku for sku, _ in ordered], "places": [place for _, place in ordered]},
    )


def fold_articles(session: Session, skus: Collection[str]) -> int:
    """Follow what articles have become, such as their category; return how many balances changed.

    To be called by whoever writes the catalogue, after the writing.
    """
    shared(session)
    if not skus or not _any_rule(session):
        return 0
    return _fold(session, "b.sku = ANY(:skus)", {"skus": sorted(set(skus))})


def _any_rule(session: Session) -> bool:
    found = session.execute(text("SELECT 1 FROM stock_rules WHERE ended_at IS NULL LIMIT 1"))
    return found.first() is not None


def _fold(session: Session, condition: str, values: dict[str, Any]) -> int:
    session.flush()
    session.execute(
        text(
            "SELECT 1 FROM stock_balances b JOIN products p ON p.sku = b.sku"  # noqa: S608 - ours
            f' WHERE {condition} ORDER BY b.sku COLLATE "C", b.location_id FOR UPDATE OF b'
        ),
        values,
    ).all()
    changed = session.execute(
        text(
            f"""UPDATE stock_balances old SET withheld = new.withheld, by_channel = new.by_channel
            FROM ({FOLDED} WHERE {condition}) new
            WHERE old.sku = new.sku AND old.location_id = new.location_id
              AND (old.withheld, old.by_channel) IS DISTINCT FROM (new.withheld, new.by_channel)
            RETURNING 1"""  # noqa: S608 - conditions are this module's own
        ),
        values,
    )
    return len(changed.all())
