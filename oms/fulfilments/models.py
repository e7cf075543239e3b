"""Fulfilments, their lines, parcels, scans and rejections."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from oms.columns import MINOR, UTC_TIME, text_enum
from oms.ids import new_id
from oms.orders.models import Delivery


class FulfilmentStatus(StrEnum):
    """How far the goods have come."""

    ALLOCATED = "allocated"
    PICKING = "picking"
    PACKED = "packed"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    LOST = "lost"
    RETURNED = "returned"


class Fulfilment(SQLModel, table=True):
    """Work that one location has been given."""

    __tablename__ = "fulfilments"
    __table_args__ = (
        CheckConstraint("version > 0", name="version_positive"),
        Index("ix_fulfilments_queue", "location_id", "status", "due_at"),
        Index("ix_fulfilments_given", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int | None = Field(
        default=None,
        sa_type=BigInteger,
        unique=True,
        nullable=False,
        sa_column_args=(Identity(start=5001),),
    )
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    location_id: UUID = Field(foreign_key="locations.id")
    kind: Delivery = Field(sa_type=text_enum(Delivery))
    status: FulfilmentStatus = Field(
        default=FulfilmentStatus.ALLOCATED, sa_type=text_enum(FulfilmentStatus)
    )
    version: int = 1
    decision_id: UUID = Field(foreign_key="routing_decisions.id")
    due_at: datetime = Field(sa_type=UTC_TIME)
    created_at: datetime = Field(sa_type=UTC_TIME)
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class FulfilmentLine(SQLModel, table=True):
    """One order line's share in a fulfilment."""

    __tablename__ = "fulfilment_lines"
    __table_args__ = (
        UniqueConstraint("fulfilment_id", "line_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("picked BETWEEN 0 AND quantity", name="picked_within_quantity"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    fulfilment_id: UUID = Field(foreign_key="fulfilments.id", index=True)
    line_id: UUID = Field(foreign_key="order_lines.id", index=True)
    sku: str = Field(foreign_key="products.sku", max_length=64)
    quantity: int
    picked: int = 0


class ParcelStatus(StrEnum):
    """Where a parcel is, by its newest scan."""

    PACKED = "packed"
    LABELLED = "labelled"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"
    VOIDED = "voided"


class Parcel(SQLModel, table=True):
    """A closed box with, once bought, a carrier's label."""

    __tablename__ = "parcels"
    __table_args__ = (
        UniqueConstraint("fulfilment_id", "number"),
        UniqueConstraint("carrier", "tracking_number"),
        CheckConstraint("weight_g > 0", name="weight_positive"),
        CheckConstraint(
            "status IN ('packed', 'voided') OR tracking_number IS NOT NULL",
            name="labelled_has_tracking",
        ),
        Index(
            "ix_parcels_manifest", "manifest_id", postgresql_where=text("manifest_id IS NOT NULL")
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    fulfilment_id: UUID = Field(foreign_key="fulfilments.id", index=True)
    number: int
    status: ParcelStatus = Field(default=ParcelStatus.PACKED, sa_type=text_enum(ParcelStatus))
    version: int = 1
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    carrier: str | None = None
    service: str | None = None
    tracking_number: str | None = None
    """Before the label: what staff typed for a carrier that we do not talk to."""
    tracking_url: str | None = None
    cost_minor: int | None = Field(default=None, sa_type=MINOR)
    currency: str | None = Field(default=None, max_length=3)
    handed_over_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    void_owed: bool = False
    """The carrier must still be told that the label will not be used."""
    void_asked_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """When it was last asked to take the label back; it may need days to agree."""
    label_wanted: bool = True
    """False after its label was given back, until somebody wants another."""
    replaces: int | None = None
    """The number of the parcel of this shipment whose label was given back for this one."""
    box_code: str | None = Field(default=None, max_length=40)
    prints: int = 0
    """How often its label was fetched to be printed, whatever the format."""
    manifest_id: UUID | None = Field(default=None, foreign_key="manifests.id")
    last_scan_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class ParcelLine(SQLModel, table=True):
    """Units of an order line that are in a parcel."""

    __tablename__ = "parcel_lines"
    __table_args__ = (
        PrimaryKeyConstraint("parcel_id", "line_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    parcel_id: UUID = Field(foreign_key="parcels.id")
    line_id: UUID = Field(foreign_key="order_lines.id")
    quantity: int


class ParcelLabel(SQLModel, table=True):
    """The label's own bytes: a carrier's address for it is not ours to rely on."""

    __tablename__ = "parcel_labels"
    __table_args__ = (PrimaryKeyConstraint("parcel_id", "format"),)

    parcel_id: UUID = Field(foreign_key="parcels.id")
    format: str = Field(max_length=8)
    content: bytes = Field(sa_type=LargeBinary)


class ParcelScan(SQLModel, table=True):
    """One event that the carrier reported. Rows are added and never changed."""

    __tablename__ = "parcel_scans"
    __table_args__ = (
        PrimaryKeyConstraint("parcel_id", "scan_id"),
        Index("ix_parcel_scans_time", "parcel_id", "scanned_at"),
    )

    parcel_id: UUID = Field(foreign_key="parcels.id")
    scan_id: str = Field(max_length=120)
    """The carrier's id of the event; a repeat is ignored."""
    code: str = Field(max_length=40)
    scanned_at: datetime = Field(sa_type=UTC_TIME)
    place: str = ""
    text: str = ""
    received_at: datetime = Field(sa_type=UTC_TIME)


class RejectReason(StrEnum):
    """Why a location could not do its work."""

    NOT_FOUND = "not_found"
    DAMAGED = "damaged"
    TOO_BUSY = "too_busy"
    CLOSED = "closed"


class Rejection(SQLModel, table=True):
    """A location that gave a line back; routing does not choose it again for that order."""

    __tablename__ = "rejections"
    __table_args__ = (UniqueConstraint("line_id", "fulfilment_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    line_id: UUID = Field(foreign_key="order_lines.id")
    location_id: UUID = Field(foreign_key="locations.id")
    fulfilment_id: UUID = Field(foreign_key="fulfilments.id")
    reason: RejectReason = Field(sa_type=text_enum(RejectReason))
    note: str = ""
    at: datetime = Field(sa_type=UTC_TIME)
    actor: str
    forgotten_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    """Set when an operator lets the location be asked again."""
