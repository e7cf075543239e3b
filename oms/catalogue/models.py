"""Products, barcodes and listings."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from oms.columns import MINOR, UTC_TIME


class Product(SQLModel, table=True):
    """One article that can be stocked and sold, known by its SKU."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("weight_g > 0", name="weight_positive"),
        CheckConstraint(
            "length_mm > 0 AND width_mm > 0 AND height_mm > 0", name="dimensions_positive"
        ),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("hs_code ~ '^[0-9]{6,12}$'", name="hs_code_is_digits"),
        CheckConstraint("origin_country ~ '^[A-Z]{2}$'", name="origin_is_a_country"),
    )

    sku: str = Field(primary_key=True, max_length=64)
    name: str
    category: str = ""
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    price_minor: int = Field(sa_type=MINOR)
    currency: str = Field(max_length=3)
    releases_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """Before this moment orders for it are preorders: taken, and not sent yet."""
    hs_code: str | None = Field(default=None, max_length=12)
    """The customs tariff number; with `origin_country` it lets the article cross a border."""
    origin_country: str | None = Field(default=None, max_length=2)
    """Where it was made, as customs want to know."""
    created_at: datetime = Field(sa_type=UTC_TIME)


class Barcode(SQLModel, table=True):
    """A code that a scanner reads from the article; one article may carry several."""

    __tablename__ = "barcodes"

    code: str = Field(primary_key=True, max_length=64)
    sku: str = Field(foreign_key="products.sku", index=True)


class Listing(SQLModel, table=True):
    """How one channel names and prices an article."""

    __tablename__ = "listings"
    __table_args__ = (
        PrimaryKeyConstraint("channel", "channel_sku"),
        ForeignKeyConstraint(["sku"], ["products.sku"]),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
    )

    channel: str = Field(max_length=40)
    channel_sku: str = Field(max_length=120)
    sku: str = Field(index=True)
    price_minor: int = Field(sa_type=MINOR)
    currency: str = Field(max_length=3)
    published: bool = True
