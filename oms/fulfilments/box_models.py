"""The boxes that a location has, and the parcels that are being filled from them."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel


class BoxType(SQLModel, table=True):
    """A kind of box that a location packs into. Its measures are those of the room inside."""

    __tablename__ = "boxes"
    __table_args__ = (
        PrimaryKeyConstraint("location_id", "code"),
        CheckConstraint(
            "length_mm > 0 AND width_mm > 0 AND height_mm > 0", name="dimensions_positive"
        ),
        CheckConstraint("tare_g >= 0 AND max_weight_g > tare_g", name="can_carry"),
        CheckConstraint("stock >= 0", name="stock_not_negative"),
    )

    location_id: UUID = Field(foreign_key="locations.id")
    code: str = Field(max_length=40)
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    """Of the empty box with what it is padded and closed with."""
    max_weight_g: int
    """Of the closed box, itself included."""
    stock: int | None = None
    """Boxes that are left; None is not counted. At 0 the box is not proposed."""


class OpenParcel(SQLModel, table=True):
    """A parcel that somebody fills, article by article; it becomes a `Parcel` when all is in."""

    __tablename__ = "open_parcels"
    __table_args__ = (
        PrimaryKeyConstraint("fulfilment_id", "number"),
        CheckConstraint(
            "length_mm > 0 AND width_mm > 0 AND height_mm > 0", name="dimensions_positive"
        ),
        CheckConstraint("weight_g > 0", name="weight_positive"),
    )

    fulfilment_id: UUID = Field(foreign_key="fulfilments.id")
    number: int
    box_code: str | None = Field(default=None, max_length=40)
    """A box of the location's list; None for a packaging of other measures."""
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    max_weight_g: int | None = None
    weight_g: int | None = None
    """What the scales said; None is reckoned from box and articles."""
    tracking_number: str | None = Field(default=None, max_length=40)
    closed: bool = False


class OpenParcelUnit(SQLModel, table=True):
    """Units of an article that were scanned into an open parcel."""

    __tablename__ = "open_parcel_units"
    __table_args__ = (
        PrimaryKeyConstraint("fulfilment_id", "number", "sku"),
        ForeignKeyConstraint(
            ["fulfilment_id", "number"],
            ["open_parcels.fulfilment_id", "open_parcels.number"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["sku"], ["products.sku"]),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    fulfilment_id: UUID
    number: int
    sku: str = Field(max_length=64)
    quantity: int
