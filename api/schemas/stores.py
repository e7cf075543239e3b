"""Store work as the JSON API takes and gives it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.base import In, Out
from api.schemas.orders import Name, Sku, Text
from oms.fulfilments.models import FulfilmentStatus, RejectReason
from oms.fulfilments.reporting import News
from oms.inventory.adjusting import AdjustReason
from oms.inventory.models import MovementKind
from oms.pickup.models import PickupStatus, Proof, Rest

Version = Annotated[int, Field(gt=0)]
Units = Annotated[int, Field(ge=0, le=100_000)]
TrackingNumber = Annotated[str, Field(max_length=40, pattern=r"^[\x21-\x7e]*$")]
"""As barcodes can hold it: no spaces, plain letters."""


class SeenIn(In):
    """The state on which the command was decided."""

    version: Version


class ReadyIn(SeenIn):
    """Everything is picked or settled and lies on a shelf.

    Without `picked` the units count that were scanned in a wave; without `shelf` every package must
    be on its own.
    """

    picked: dict[Sku, Units] | None = Field(None, examples=[{"MUG": 2}])
    shelf: Name | None = Field(None, examples=["A1"])


class PutBackIn(SeenIn):
    """The goods are on the sales shelf; `counted`, if given, must be all of them."""

    counted: dict[Sku, Units] | None = Field(None, examples=[{"MUG": 2}])


class RejectIn(SeenIn):
    """The location cannot do it."""

    reason: RejectReason
    skus: list[Sku] = Field(default_factory=list)
    note: Text = ""


class HandOverIn(SeenIn):
    """What the person at the counter showed, and what they take, if it is not everything."""

    proof: Proof = Field(examples=["code"])
    value: Name = Field(description="Token, six digits, or the kind of document, not its number.")
    collected_by: Text = Field("", description="Their name, if it is not the customer.")
    taken: dict[Sku, Units] | None = Field(None, examples=[{"MUG": 1}])
    rest: Rest = Field(Rest.STAYS, description="What becomes of what is not taken.")
    signature: Annotated[str, Field(max_length=20_000)] = Field("", examples=["10,20 30,40;5,6"])


class QueueLineOut(Out):
    """One article to collect."""

    sku: str
    name: str
    quantity: int
    picked: int
    barcodes: tuple[str, ...]


class PickupOut(Out):
    """One pickup as its store sees it."""

    pickup_id: UUID
    order_number: str
    channel: str
    customer_name: str
    status: PickupStatus
    step: str
    version: int
    due_at: datetime
    minutes_to_promise: int
    shelf: str
    pick_up_by: datetime | None
    locked_until: datetime | None
    undo_until: datetime | None = None
    """Until when a hand-over under way can be undone."""
    lines: tuple[QueueLineOut, ...]


class BoxIn(In):
    """A closed box. Grams and millimetres; contents in units by SKU."""

    weight_g: Annotated[int, Field(gt=0, le=1_000_000)]
    length_mm: Annotated[int, Field(gt=0, le=10_000)]
    width_mm: Annotated[int, Field(gt=0, le=10_000)]
    height_mm: Annotated[int, Field(gt=0, le=10_000)]
    contents: dict[Sku, Units] | None = None
    tracking_number: TrackingNumber | None = None
    code: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    """A box of the location's list, if it is one."""


class ReportIn(In):
    """What staff learned of a parcel whose carrier sends no scans."""

    news: News
    note: Text = ""


class PackIn(SeenIn):
    """Everything is picked and in closed boxes; without boxes one is computed."""

    picked: dict[Sku, Units]
    boxes: list[BoxIn] = Field(default_factory=list, max_length=50)


class ParcelOut(Out):
    """One parcel of a shipment.

    Of one that is `voided` the label was given back; `void_owed` says that the carrier has not
    agreed yet, `replaces` whose place a parcel takes.
    """

    id: UUID
    number: int
    status: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    box_code: str | None
    label_wanted: bool
    replaces: int | None
    void_owed: bool
    prints: int
    manifest_id: UUID | None
    carrier: str | None
    service: str | None
    tracking_number: str | None
    tracking_url: str | None


class ShipmentLineOut(Out):
    """One article to send."""

    sku: str
    quantity: int
    picked: int


class ShipmentOut(Out):
    """One shipment as its location sees it."""

    fulfilment_id: UUID
    number: int
    status: FulfilmentStatus
    version: int
    due_at: datetime
    lines: list[ShipmentLineOut]
    parcels: list[ParcelOut]


class CountIn(In):
    """What was counted on the shelf."""

    sku: Sku
    location: Name
    units: Units


class ReceiveIn(In):
    """What came in."""

    sku: Sku
    location: Name
    units: Annotated[int, Field(gt=0, le=1_000_000)]


class AdjustIn(In):
    """How many units are more, or fewer if below zero, and why."""

    sku: Sku
    location: Name
    units: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    reason: AdjustReason


class MovementOut(Out):
    """One entry of the stock ledger."""

    id: int
    kind: MovementKind
    on_hand_delta: int
    reserved_delta: int
    damaged_delta: int
    reason: str
    cause_type: str
    cause_id: UUID | None
    actor: str
    at: datetime
