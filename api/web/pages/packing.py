"""The packing table: scan each unit into its parcel, choose the box, weigh it, get the labels."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Response
from pydantic import Field

from api.deps import IdempotencyKey, ItemId, SessionDep
from api.paper.files import slip_file
from api.schemas.orders import Sku
from api.schemas.packing import GiveBackIn, Grams, Millimetres, ScanIn
from api.schemas.stores import SeenIn, TrackingNumber, Units
from api.web.forms import picked
from api.web.pages.shipments import done, once
from api.web.people import AtLocationDep
from oms.errors import Invalid
from oms.fulfilments import filling, picking, queries, relabelling, ship_queue
from oms.fulfilments.open_parcels import Packaging
from oms.fulfilments.relabelling import Measured

router = APIRouter(prefix="/store/shipments/{fulfilment_id}")

OWN = "own"
"""Stands for a packaging that is on no list."""


class BeginForm(SeenIn):
    """What was collected, article by article, where it was counted before it is packed."""

    sku: list[Sku] = Field(default_factory=list, max_length=500)
    units: list[Units] = Field(default_factory=list, max_length=500)


class WrapForm(SeenIn):
    """A parcel's box and what the scales show; an empty weight is reckoned."""

    box: Annotated[str, Field(max_length=40)]
    length_mm: Millimetres | None = None
    width_mm: Millimetres | None = None
    height_mm: Millimetres | None = None
    weight_g: Annotated[str, Field(max_length=7, pattern=r"^\d*$")] = ""
    tracking_number: TrackingNumber = ""

    def packaging(self) -> Packaging:
        """The box of the list, or the measures that were typed."""
        if self.box != OWN:
            return Packaging(box=self.box)
        return Packaging(None, self.length_mm or 0, self.width_mm or 0, self.height_mm or 0)

    def weighed_g(self) -> int | None:
        """What the scales show, if they were read."""
        grams = int(self.weight_g or 0)
        if grams > 1_000_000:
            raise Invalid("no parcel weighs a ton", field="weight_g", remedy="give grams")
        return grams or None


class TakeOutForm(SeenIn):
    """One unit of this article comes out."""

    sku: Sku


class AgainForm(SeenIn):
    """The closed box as it was measured once more."""

    weight_g: Grams
    length_mm: Millimetres
    width_mm: Millimetres
    height_mm: Millimetres


@router.post("/packing/begin")
def begin(
    fulfilment_id: ItemId,
    form: Annotated[BeginForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Open the first parcel; what was counted on the way, if anything was, must be everything."""

    def carry_out() -> None:
        if form.sku:
            picking.require_all(queries.lines(unit, fulfilment_id), picked(form.sku, form.units))
        filling.begin(unit, fulfilment_id, actor=at.who.actor, version=form.version)

    once(unit, at, key, ("begin packing", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, "Parcel 1 is open. Scan what goes into it.")


@router.post("/packing/scan")
def scan(
    fulfilment_id: ItemId,
    form: Annotated[ScanIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """One unit goes into the open parcel."""
    said = "That scan was taken already."

    def carry_out() -> None:
        nonlocal said
        parcel, sku = filling.scan(unit, fulfilment_id, form.shown, version=form.version)
        said = f"{sku}: in parcel {parcel.number}."

    once(unit, at, key, ("scan into parcel", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, said)


@router.post("/packing/parcels")
def add_parcel(
    fulfilment_id: ItemId,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """This parcel is full: open another."""

    def carry_out() -> None:
        filling.add_parcel(unit, fulfilment_id, version=form.version)

    once(unit, at, key, ("add parcel", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, "Another parcel is open. Scan what goes into it.")


@router.post("/packing/parcels/{number}/wrap")
def wrap(
    fulfilment_id: ItemId,
    number: int,
    form: Annotated[WrapForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Another box, or what the scales show."""

    def carry_out() -> None:
        filling.wrap(
            unit,
            fulfilment_id,
            number,
            form.packaging(),
            weight_g=form.weighed_g(),
            tracking_number=form.tracking_number,
            version=form.version,
        )

    once(unit, at, key, (f"wrap parcel {number}", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, f"Parcel {number} is noted.")


@router.post("/packing/parcels/{number}/take-out")
def take_out(
    fulfilment_id: ItemId,
    number: int,
    form: Annotated[TakeOutForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """One unit comes out of a parcel again."""

    def carry_out() -> None:
        filling.take_out(unit, fulfilment_id, number, form.sku, version=form.version)

    once(unit, at, key, (f"take out of parcel {number}", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, f"{form.sku}: taken out. Parcel {number} is open.")


@router.post("/packing/parcels/{number}/reopen")
def reopen(
    fulfilment_id: ItemId,
    number: int,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Scans go into this parcel from now on."""

    def carry_out() -> None:
        filling.reopen(unit, fulfilment_id, number, version=form.version)

    once(unit, at, key, (f"reopen parcel {number}", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, f"Parcel {number} is open.")


@router.post("/packing/parcels/{number}/remove")
def remove(
    fulfilment_id: ItemId,
    number: int,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Undo a parcel."""

    def carry_out() -> None:
        filling.remove(unit, fulfilment_id, number, version=form.version)

    once(unit, at, key, (f"remove parcel {number}", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, f"Parcel {number} is undone; pack its articles again.")


@router.post("/packing/finish")
def finish(
    fulfilment_id: ItemId,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Everything is in a parcel: get the labels."""

    def carry_out() -> None:
        filling.finish(unit, fulfilment_id, actor=at.who.actor, version=form.version)

    once(unit, at, key, ("finish packing", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, "Packed. The labels come in a few seconds.")


@router.post("/parcels/{parcel_id}/give-back")
def give_back(
    fulfilment_id: ItemId,
    parcel_id: UUID,
    form: Annotated[GiveBackIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """The label will not be used."""

    def carry_out() -> None:
        row = ship_queue.item(unit, fulfilment_id, location_id=at.location.id)
        ship_queue.parcel(unit, row, parcel_id)
        relabelling.give_back(
            unit, parcel_id, why=form.reason, actor=at.who.actor, version=form.version
        )

    once(unit, at, key, (f"give back {parcel_id}", fulfilment_id, form), carry_out)
    said = "The carrier is asked to take the label back. Tear it off; measure again; buy again."
    return done(unit, at, fulfilment_id, said)


@router.post("/parcels/{parcel_id}/buy-again")
def buy_again(
    fulfilment_id: ItemId,
    parcel_id: UUID,
    form: Annotated[AgainForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Another label for the parcel, as it is measured now."""

    def carry_out() -> None:
        row = ship_queue.item(unit, fulfilment_id, location_id=at.location.id)
        ship_queue.parcel(unit, row, parcel_id)
        relabelling.buy_again(
            unit,
            parcel_id,
            measured=Measured(form.weight_g, form.length_mm, form.width_mm, form.height_mm),
            actor=at.who.actor,
            version=form.version,
        )

    once(unit, at, key, (f"buy again {parcel_id}", fulfilment_id, form), carry_out)
    return done(unit, at, fulfilment_id, "The label comes in a few seconds.")


@router.get("/parcels/{parcel_id}/slip.pdf")
def slip(
    fulfilment_id: ItemId,
    parcel_id: UUID,
    unit: SessionDep,
    at: AtLocationDep,
    prices: Annotated[bool, Query()] = False,
) -> Response:
    """The packing slip of a parcel, to print."""
    row = ship_queue.item(unit, fulfilment_id, location_id=at.location.id)
    return slip_file(unit, row, parcel_id=parcel_id, prices=prices)
