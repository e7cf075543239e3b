"""Say whether a feed has changed, without writing it."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from oms import clock
from oms.feeds.models import FeedRevision

SOURCES: Final = (
    "products",
    "barcodes",
    "listings",
    "locations",
    "stock_balances",
    "stock_rules",
    "stock_trust",
)
"""Tables that feeds are made of. Rows are digested whole, so a new column counts as well."""


def revision(session: Session, *, feed: str, settings: str) -> FeedRevision:
    """The feed's present revision; `changed_at` is when this content was first asked for.

    `settings` are what shapes the feed besides the tables. Reading all rows takes a second for a
    few million of them, a small part of what writing the feed takes.
    """
    sums = ", ".join(
        f"(SELECT sum(hashtextextended(t::text, 0)::numeric) FROM {table} t)"  # noqa: S608 - tables of our own
        for table in SOURCES
    )
    digest = session.execute(
        text(f"SELECT md5(concat_ws(' ', CAST(:settings AS text), {sums}))"),
        {"settings": settings},
    ).scalar_one()
    now = clock.now().replace(microsecond=0)  # HTTP dates know no smaller part of time
    fresh = insert(FeedRevision).values(feed=feed, digest=digest, changed_at=now)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=["feed"],
            set_={"digest": fresh.excluded.digest, "changed_at": fresh.excluded.changed_at},
            where=col(FeedRevision.digest) != fresh.excluded.digest,
        )
    )
    return session.get_one(FeedRevision, feed, populate_existing=True)
