"""Boxes, parcels that are being filled, and manifests, as the JSON API takes and gives them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator

from api.schemas.base import In, Out
from api.schemas.orders import Name, Sku, Text
from api.schemas.stores import SeenIn, TrackingNumber
from oms.fulfilments.manifest_models import Filing
from oms.fulfilments.open_parcels import Packaging

Grams = Annotated[int, Field(gt=0, le=1_000_000)]
Millimetres = Annotated[int, Field(gt=0, le=10_000)]
BoxCode = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$")]


class BoxTypeIn(In):
    """A box of the list: measured inside, weighed empty with its padding."""

    length_mm: Millimetres
    width_mm: Millimetres
    height_mm: Millimetres
    tare_g: Annotated[int, Field(ge=0, le=100_000)]
    max_weight_g: Grams
    stock: Annotated[int, Field(ge=0, le=10_000_000)] | None = None


class BoxTypeOut(Out):
    """A box of the list."""

    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    max_weight_g: int
    stock: int | None


class ScanIn(SeenIn):
    """What a scanner read."""

    shown: Name


class PackagingIn(SeenIn):
    """A box of the list, or measures of a packaging of your own; neither takes the proposal."""

    box: BoxCode | None = None
    length_mm: Millimetres | None = None
    width_mm: Millimetres | None = None
    height_mm: Millimetres | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "PackagingIn":
        measures = [self.length_mm, self.width_mm, self.height_mm]
        given = [one for one in measures if one is not None]
        if given and (self.box is not None or len(given) < 3):
            raise ValueError("give a box of the list, or all three measures, not both")
        return self

    def packaging(self) -> Packaging | None:
        """What was chosen, if anything was."""
        if self.box is not None:
            return Packaging(box=self.box)
        if self.length_mm is None or self.width_mm is None or self.height_mm is None:
            return None
        return Packaging(None, self.length_mm, self.width_mm, self.height_mm)


class WrapIn(PackagingIn):
    """What a parcel is packed in and weighs; a weight that is left out is reckoned."""

    weight_g: Grams | None = None
    tracking_number: TrackingNumber | None = None


class TakeOutIn(SeenIn):
    """One unit of this article comes out of the parcel."""

    sku: Sku


class GiveBackIn(SeenIn):
    """Why a label will not be used."""

    reason: Name


class BuyAgainIn(SeenIn):
    """A label is wanted again; with all four measures if the last were wrong."""

    weight_g: Grams | None = None
    length_mm: Millimetres | None = None
    width_mm: Millimetres | None = None
    height_mm: Millimetres | None = None

    @model_validator(mode="after")
    def _all_or_none(self) -> "BuyAgainIn":
        measures = [self.weight_g, self.length_mm, self.width_mm, self.height_mm]
        if len({one is None for one in measures}) > 1:
            raise ValueError("give weight, length, width and height together, or none of them")
        return self


class PackedArticleOut(Out):
    """Units of an article."""

    sku: str
    name: str
    units: int
    wanted: int
    barcodes: tuple[str, ...]


class FilledParcelOut(Out):
    """A parcel that is being filled."""

    number: int
    box: str | None
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    weighed: bool
    max_weight_g: int | None
    tracking_number: str | None
    closed: bool
    full_percent: int
    articles: tuple[PackedArticleOut, ...]


class PackingTableOut(Out):
    """The packing table of a shipment; `proposal` says which boxes were proposed, and why."""

    proposal: str
    parcels: tuple[FilledParcelOut, ...]
    left: tuple[PackedArticleOut, ...]
    done: int
    units: int
    ready: bool


class ManifestIn(In):
    """Whose list is closed."""

    carrier: Name


class TakenIn(In):
    """The tracking number on a label, as a scanner reads it."""

    shown: Text


class DueOut(Out):
    """What a carrier has to take that is on no manifest yet."""

    carrier: str
    parcels: int
    weight_g: int


class ListedOut(Out):
    """One parcel of a manifest."""

    parcel_id: UUID
    fulfilment_id: UUID
    shipment: int
    number: int
    tracking_number: str
    service: str
    weight_g: int
    handed_over: bool


class ManifestOut(Out):
    """A closed list of what a carrier takes."""

    id: UUID
    number: int
    carrier: str
    parcels: int
    weight_g: int
    closed_at: datetime
    closed_by: str
    handed_over_at: datetime | None
    handed_over_by: str | None
    filing: Filing
    reference: str | None


class ManifestsOut(Out):
    """What is due, and the newest manifests."""

    due: tuple[DueOut, ...]
    manifests: tuple[ManifestOut, ...]


class TakenOut(Out):
    """Shipments, by number, that left whole, and those that wait for other parcels."""

    left: tuple[int, ...]
    waiting: tuple[int, ...]
