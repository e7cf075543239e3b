"""Transfers between locations as the JSON API takes and gives them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas.base import In, Out
from api.schemas.orders import Name, Sku, Text
from api.schemas.stores import SeenIn, Units
from oms.transfers.models import TransferStatus

Wanted = Annotated[int, Field(gt=0, le=100_000)]


class TransferIn(In):
    """Goods that one location is asked to send another."""

    from_location: Name = Field(examples=["S02"])
    to_location: Name = Field(examples=["S01"])
    lines: dict[Sku, Wanted] = Field(min_length=1, max_length=200, examples=[{"MUG": 3}])
    expected_at: AwareDatetime = Field(examples=["2026-12-03T12:00:00Z"])
    order_id: UUID | None = None
    """The order that the goods are for."""
    note: Text = ""


class ShipToStoreIn(In):
    """Where the goods of a pickup order come from, and when they should be at its store."""

    from_location: Name = Field(examples=["S02"])
    expected_at: AwareDatetime = Field(examples=["2026-12-03T12:00:00Z"])


class PickedIn(SeenIn):
    """What was fetched from the shelves, of every article of the transfer."""

    picked: dict[Sku, Units] = Field(examples=[{"MUG": 3}])


class CameIn(In):
    """Units that came, and how many of them cannot be sold."""

    units: Units
    damaged: Units = 0


class ReceivedIn(SeenIn):
    """What came, of every article that was sent; 0 units for one that did not."""

    counted: dict[Sku, CameIn] = Field(examples=[{"MUG": {"units": 3, "damaged": 1}}])


class TransferLineOut(Out):
    """One article: asked for, sent, received of it, beyond it, and damaged of what came."""

    sku: str
    name: str
    requested: int
    picked: int
    received: int
    over: int
    damaged: int
    barcodes: tuple[str, ...]


class TransferOut(Out):
    """One transfer. `number` is what people call it by."""

    id: UUID
    number: int
    from_location: str
    to_location: str
    status: TransferStatus
    version: int
    order_id: UUID | None
    note: str
    expected_at: datetime
    requested_at: datetime
    shipped_at: datetime | None
    closed_at: datetime | None
    lines: tuple[TransferLineOut, ...]
