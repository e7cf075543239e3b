"""Where an article lies inside a location: in which zone, which aisle, which bin."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel


class ArticleBin(SQLModel, table=True):
    """One place where units of an article lie. An article may lie in several."""

    __tablename__ = "article_bins"
    __table_args__ = (
        PrimaryKeyConstraint("location_id", "sku", "zone", "aisle", "bin"),
        CheckConstraint("rank > 0", name="rank_positive"),
        CheckConstraint("bin <> ''", name="bin_named"),
        Index("ix_article_bins_sku", "sku"),
    )

    location_id: UUID = Field(foreign_key="locations.id")
    sku: str = Field(foreign_key="products.sku", max_length=64)
    zone: str = Field(default="", max_length=40)
    aisle: str = Field(default="", max_length=40)
    bin: str = Field(max_length=40)
    rank: int = 1
    """Where to look first; bins of one rank are looked into in the order of the walk."""
