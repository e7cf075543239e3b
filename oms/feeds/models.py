"""When a feed last changed, so that readers need not fetch what they have."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME


class FeedRevision(SQLModel, table=True):
    """The newest known content of a feed, by a digest of what it is made of."""

    __tablename__ = "feed_revisions"

    feed: str = Field(primary_key=True, max_length=80)
    digest: str = Field(max_length=32)
    changed_at: datetime = Field(sa_type=UTC_TIME)
