"""Parcels that are being filled: which there are, what is in them, and what is not yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from oms.catalogue.models import Product
from oms.errors import Conflict, Invalid, NotFound
from oms.fulfilments import boxes, queries
from oms.fulfilments.box_models import OpenParcel, OpenParcelUnit
from oms.fulfilments.models import Fulfilment
from oms.fulfilments.planning_boxes import PADDING_G


@dataclass(frozen=True, slots=True)
class Packaging:
    """What a parcel is made of: a box of the list, or measures of its own."""

    box: str | None = None
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


def of_shipment(session: Session, fulfilment_id: UUID) -> Sequence[OpenParcel]:
    """The parcels that are being filled, by number."""
    return session.exec(
        select(OpenParcel)
        .where(OpenParcel.fulfilment_id == fulfilment_id)
        .order_by(col(OpenParcel.number))
        .execution_options(populate_existing=True)
    ).all()


def contents(session: Session, parcels: Sequence[OpenParcel]) -> dict[int, dict[str, int]]:
    """Units by SKU in each of these parcels of one shipment, by its number."""
    found: dict[int, dict[str, int]] = {parcel.number: {} for parcel in parcels}
    ids = {parcel.fulfilment_id for parcel in parcels}
    for row in session.exec(
        select(OpenParcelUnit)
        .where(
            col(OpenParcelUnit.fulfilment_id).in_(ids), col(OpenParcelUnit.number).in_(list(found))
        )
        .order_by(OpenParcelUnit.sku)
        .execution_options(populate_existing=True)
    ):
        found[row.number][row.sku] = row.quantity
    return found


def wanted(session: Session, fulfilment: Fulfilment) -> dict[str, int]:
    """Units by SKU of a shipment."""
    units: dict[str, int] = {}
    for line in queries.lines(session, fulfilment.id):
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def left(session: Session, fulfilment: Fulfilment) -> dict[str, int]:
    """Units by SKU that are in no parcel yet."""
    rest = wanted(session, fulfilment)
    for units in contents(session, of_shipment(session, fulfilment.id)).values():
        for sku, count in units.items():
            rest[sku] -= count
    return rest


def one(session: Session, fulfilment_id: UUID, number: int) -> OpenParcel:
    """The parcel of this number that is being filled."""
    parcel = session.get(OpenParcel, (fulfilment_id, number))
    if parcel is None:
        raise NotFound(
            f"no parcel {number} of this shipment is being filled",
            field="parcel",
            remedy="read the shipment again; its parcels are listed with it",
        )
    return parcel


def being_filled(session: Session, fulfilment_id: UUID) -> OpenParcel:
    """The parcel into which scans go."""
    found = [parcel for parcel in of_shipment(session, fulfilment_id) if not parcel.closed]
    if not found:
        raise Conflict(
            "no parcel is open", field="parcel", remedy="open a parcel, then scan the article again"
        )
    return found[-1]


def wrap(
    session: Session, fulfilment: Fulfilment, parcel: OpenParcel, packaging: Packaging
) -> None:
    """Take another packaging for a parcel; what is in it stays in it."""
    if packaging.box is not None:
        box = boxes.find(session, fulfilment.location_id, packaging.box)
        parcel.box_code, parcel.tare_g, parcel.max_weight_g = box.code, box.tare_g, box.max_weight_g
        measures = (box.length_mm, box.width_mm, box.height_mm)
    else:
        measures = (packaging.length_mm, packaging.width_mm, packaging.height_mm)
        if min(measures) <= 0:
            raise Invalid(
                "a packaging has three measures above zero",
                field="length_mm",
                remedy="name a box of the list, or measure the packaging",
            )
        parcel.box_code, parcel.tare_g, parcel.max_weight_g = None, PADDING_G, None
    parcel.length_mm, parcel.width_mm, parcel.height_mm = measures
    session.flush()


def weight_of(parcel: OpenParcel, units: Mapping[str, int], products: Mapping[str, Product]) -> int:
    """What a parcel should weigh: its box and what was scanned into it, in grams."""
    return parcel.tare_g + sum(products[sku].weight_g * count for sku, count in units.items())
