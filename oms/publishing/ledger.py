"""Learn from the stock ledger which articles changed, without a word from those who change them.

A movement's id is given out before its transaction commits, so rows may appear below the place
up to which was read. What was read is counted; when every transaction of that time has ended the
rows are counted again, and if there are more, all articles among them are taken once more.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, select

from oms.publishing import owing
from oms.publishing.models import LedgerCursor

_NAME: Final = "publishing"
BATCH: Final = 10_000

# Goods that were reserved and leave change what is on the shelf, not what can be sold.
_FRESH = text(
    """
    WITH fresh AS (
      SELECT id, sku, kind IN ('ship', 'collect') AND on_hand_delta = reserved_delta AS neutral
      FROM stock_movements WHERE id > :after ORDER BY id LIMIT :most)
    SELECT count(*) AS rows, max(id) AS last,
           coalesce(array_agg(DISTINCT sku) FILTER (WHERE NOT neutral), '{}') AS skus
    FROM fresh
    """
)
_COUNTED = text("SELECT count(*) FROM stock_movements WHERE id > :after AND id <= :upto")
_ARTICLES = text("SELECT DISTINCT sku FROM stock_movements WHERE id > :after AND id <= :upto")
_SNAPSHOT = text(
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
    " pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
)


def advance(session: Session, *, channels: Collection[str]) -> bool:
    """Owe the channels every article that moved since the last look; True if more may wait.

    The first look owes everything that is listed. Only one process reads at a time; another that
    comes meanwhile does nothing.
    """
    cursor = _cursor(session, channels)
    if cursor is None:
        return False
    fresh = session.execute(_FRESH, {"after": cursor.read_to, "most": BATCH}).one()
    if fresh.rows:
        owing.owe(session, channels=channels, skus=fresh.skus)
        cursor.seen += fresh.rows
        cursor.read_to = fresh.last
    _settle(session, cursor, channels)
    return bool(fresh.rows == BATCH)


def _cursor(session: Session, channels: Collection[str]) -> LedgerCursor | None:
    # To insert at every look would wait for whoever has the row.
    if session.exec(select(LedgerCursor.name).where(LedgerCursor.name == _NAME)).first() is None:
        fresh = insert(LedgerCursor).values(
            name=_NAME, read_to=-1, settled_to=-1, seen=0, checkpoint_seen=0
        )
        session.execute(fresh.on_conflict_do_nothing())
    cursor = session.exec(
        select(LedgerCursor)
        .where(LedgerCursor.name == _NAME)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()
    if cursor is not None and cursor.read_to < 0:
        # What is just being written below is met when the channels' figures are compared.
        newest = text("SELECT coalesce(max(id), 0) FROM stock_movements")
        last = session.execute(newest).scalar_one()
        cursor.read_to = cursor.settled_to = last
        owing.owe_everything(session, channels=channels)
    return cursor


def _settle(session: Session, cursor: LedgerCursor, channels: Collection[str]) -> None:
    """Take a checkpoint, or look whether the last one has found latecomers.

    The transaction's number is noted one look after the place itself: a writer draws its ids a
    moment before the number by which the snapshot knows it.
    """
    oldest_running, next_to_begin = session.execute(_SNAPSHOT).one()
    if cursor.checkpoint is None:
        if cursor.read_to > cursor.settled_to:
            cursor.checkpoint, cursor.checkpoint_seen = cursor.read_to, cursor.seen
            cursor.checkpoint_xid = None
    elif cursor.checkpoint_xid is None:
        cursor.checkpoint_xid = next_to_begin
    elif oldest_running >= cursor.checkpoint_xid:
        span = {"after": cursor.settled_to, "upto": cursor.checkpoint}
        if session.execute(_COUNTED, span).scalar_one() != cursor.checkpoint_seen:
            owing.owe(session, channels=channels, skus=session.execute(_ARTICLES, span).scalars())
        cursor.seen -= cursor.checkpoint_seen
        cursor.settled_to = cursor.checkpoint
        cursor.checkpoint = cursor.checkpoint_xid = None
