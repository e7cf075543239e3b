"""Waves, bins, short picks, packages and shelves as the JSON API takes and gives them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.base import In, Out
from api.schemas.orders import Name, Sku
from api.schemas.stores import SeenIn
from oms.fulfilments.short_models import ShortReason, WayOut
from oms.pickup.staging_models import Temperature
from oms.pickup.waves import MOST_TOTES, ScanOutcome

Code = Annotated[str, Field(min_length=1, max_length=40)]
Part = Annotated[str, Field(max_length=40)]
_EXAMPLE_ID = "0197f0a2-6c1e-7c11-8a55-0d7b7f6c2a10"


class WaveIn(In):
    """Which new pickups to take: these, or the most urgent ones."""

    pickup_ids: list[UUID] | None = Field(
        None, min_length=1, max_length=MOST_TOTES, examples=[[_EXAMPLE_ID]]
    )
    most: int = Field(
        MOST_TOTES, ge=1, le=MOST_TOTES, description="how many, if none is named", examples=[6]
    )


class ScanIn(In):
    """What a scanner read of an article, or its SKU."""

    code: Name = Field(examples=["0012345678905"])


class TakeOutIn(In):
    """A unit that was counted into a tote and is not in it."""

    pickup_id: UUID = Field(examples=[_EXAMPLE_ID])
    sku: Sku = Field(examples=["MUG"])


class BinIn(In):
    """One place of an article."""

    zone: Part = Field("", examples=["Household"])
    aisle: Part = Field("", examples=["4"])
    bin: Code = Field(examples=["4-12"])
    rank: int = Field(1, ge=1, le=99, description="where to look first; 1 is before 2")


class BinsIn(In):
    """All places of an article at a location; what is left out is forgotten."""

    bins: list[BinIn] = Field(max_length=20)


class BinOut(Out):
    """One place of an article."""

    zone: str
    aisle: str
    bin: str
    rank: int


class ShareOut(Out):
    """Units of an article for one pickup of a wave."""

    pickup_id: UUID
    tote: int
    order_number: str
    quantity: int
    picked: int


class StopOut(Out):
    """One article at one bin, and into which totes it goes."""

    sku: str
    name: str
    barcodes: tuple[str, ...]
    bin: BinOut | None
    other_bins: tuple[BinOut, ...]
    quantity: int
    picked: int
    shares: tuple[ShareOut, ...]


class ToteOut(Out):
    """One pickup of a wave."""

    pickup_id: UUID
    tote: int
    order_number: str
    version: int


class WaveOut(Out):
    """A wave: its stops in the order of the walk. One that is over has none."""

    wave_id: UUID
    number: int
    quantity: int
    picked: int
    totes: tuple[ToteOut, ...]
    stops: tuple[StopOut, ...]


class ScannedOut(Out):
    """What became of a scan. `wrong` and `complete`: the unit goes back to its shelf."""

    outcome: ScanOutcome
    code: str
    sku: str | None
    name: str | None
    tote: int | None
    order_number: str | None
    picked: int
    quantity: int


class OptionOut(Out):
    """One way out."""

    way: WayOut
    asks_customer: bool
    bin: BinOut | None
    expected_at: datetime | None
    from_location: str | None
    cost_minor: int | None
    worth_minor: int | None


class NotOfferedOut(Out):
    """A way that is closed, and why."""

    way: WayOut
    why: str


class WaysOutOut(Out):
    """What may be done about units that are not there, the best first."""

    sku: str
    units: int
    currency: str
    options: tuple[OptionOut, ...]
    not_offered: tuple[NotOfferedOut, ...]


class ShortIn(SeenIn):
    """What was decided about units that are not there."""

    sku: Sku = Field(examples=["MUG"])
    units: Annotated[int, Field(gt=0, le=100_000)] = Field(examples=[1])
    reason: ShortReason
    way: WayOut
    from_location: Part = Field("", description="of a transfer: who sends", examples=["S02"])
    bin: Annotated[str, Field(max_length=130)] = Field(
        "", description="the bin in which they were not found", examples=["Household · 4 · 4-12"]
    )
    agreed: bool = Field(False, description="the customer was asked, and agrees")


class PackageIn(SeenIn):
    """A closed package. Without a code its label gets one."""

    code: Part = Field("", description="what its tote says", examples=["TOTE-17"])
    temperature: Temperature = Temperature.AMBIENT


class ShelfIn(SeenIn):
    """The shelf that was scanned."""

    shelf: Code = Field(examples=["A1"])


class PackageOut(Out):
    """One package of a pickup; `shelf` is empty until it lies on one."""

    number: int
    code: str
    temperature: Temperature
    shelf: str


class ShelvesIn(In):
    """The shelves of a store, by code, and how cold each is."""

    shelves: dict[Code, Temperature] = Field(
        max_length=500, examples=[{"A1": "ambient", "F1": "frozen"}]
    )


class ShelvesOut(Out):
    """The shelves of a store; none where they are named freely."""

    shelves: dict[str, Temperature]
