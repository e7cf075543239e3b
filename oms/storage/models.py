"""What has left the tables that grow without end."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME
from oms.ids import new_id


class Archive(SQLModel, table=True):
    """One stretch of a table on its way into a file: set aside, written, dropped.

    From the moment that it is set aside, its rows are no part of the table any more.
    """

    __tablename__ = "archives"
    __table_args__ = (
        CheckConstraint(
            "dropped_at IS NULL OR written_at IS NOT NULL", name="dropped_once_written"
        ),
        CheckConstraint(
            "(written_at IS NULL) = (file IS NULL) AND (written_at IS NULL) = (sha256 IS NULL)"
            " AND (written_at IS NULL) = (row_count IS NULL)",
            name="written_has_file",
        ),
        Index("uq_archives_partition", "partition_name", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    table_name: str = Field(max_length=63)
    partition_name: str = Field(max_length=63)
    """Of the table in which the rows are until they are dropped."""
    lower_bound: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """None: from the beginning."""
    upper_bound: datetime = Field(sa_type=UTC_TIME)
    row_count: int | None = Field(default=None, sa_type=BigInteger)
    """Known once they are written."""
    still_needed: int = Field(sa_type=BigInteger)
    """Rows of that time that were left in the table, because somebody may still ask for them."""
    set_aside_at: datetime = Field(sa_type=UTC_TIME)
    file: str | None = None
    """The file's name in the folder of the archive."""
    sha256: str | None = Field(default=None, max_length=64)
    written_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    dropped_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
