"""Close the boxes of a shipment and put labels on them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from oms.audit.recording import record
from oms.catalogue import queries as catalogue
from oms.errors import Conflict, Invalid, NotFound
from oms.fulfilments import boxes as box_list
from oms.fulfilments import order_status, picking, queries, states
from oms.fulfilments.models import (
    Fulfilment,
    FulfilmentLine,
    FulfilmentStatus,
    Parcel,
    ParcelLabel,
    ParcelLine,
    ParcelStatus,
)
from oms.fulfilments.planning_boxes import BoxPlan
from oms.orders.models import Delivery
from oms.orders.queries import require_version
from oms.outbox.live import announce


@dataclass(frozen=True, slots=True)
class Box:
    """A closed box. Grams and millimetres."""

    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    contents: Mapping[str, int] | None = None
    """Units by SKU; may be left out when there is one box."""
    tracking_number: str | None = None
    """Typed by staff, for a carrier that we do not talk to."""
    code: str | None = None
    """Of the location's list of boxes, if it is one of them."""


@dataclass(frozen=True, slots=True)
class BoughtLabel:
    """What a carrier sold us for one parcel."""

    carrier: str
    service: str
    tracking_number: str
    tracking_url: str
    cost_minor: int | None
    currency: str
    contents: Mapping[str, bytes]
    """Label bytes by format ("pdf", "zpl")."""


def pack(
    session: Session,
    fulfilment_id: UUID,
    *,
    picked: Mapping[str, int],
    actor: str,
    boxes: Sequence[Box] = (),
    version: int | None = None,
) -> Fulfilment:
    """Record that everything is in closed boxes; without `boxes` they are proposed.

    The labels are bought afterwards by the fulfilment's workflow.
    """
    fulfilment = queries.locked(session, fulfilment_id)
    if fulfilment.kind is not Delivery.SHIP:
        raise Conflict(
            f"fulfilment {fulfilment.number} is a pickup",
            field="fulfilment_id",
            remedy="mark it ready instead",
        )
    require_version(f"fulfilment {fulfilment.number}", have=fulfilment.version, seen=version)
    states.move(session, fulfilment, FulfilmentStatus.PACKED, actor=actor)
    picking.record_picked(session, fulfilment, picked)
    closed = boxes or computed_boxes(session, fulfilment)
    _close_boxes(session, fulfilment, closed)
    used = Counter(box.code for box in closed if box.code is not None)
    box_list.used_up(session, fulfilment.location_id, used)
    queries.forget_open_parcels(session, fulfilment.id)
    order_status.refresh(session, fulfilment.order_id, event="order.packed")
    return fulfilment


def choose_carrier(
    session: Session, parcel_id: UUID, *, carrier: str, service: str, why: dict[str, Any]
) -> None:
    """Keep who is to carry a parcel before its label is bought, and why.

    A purchase whose answer was lost is looked for where it was made, and not made elsewhere.
    """
    parcel = session.get_one(Parcel, parcel_id, with_for_update=True)
    fulfilment = session.get_one(Fulfilment, parcel.fulfilment_id)
    parcel.carrier, parcel.service = carrier, service
    record(
        session,
        action="parcel.carrier_chosen",
        subject_type="parcel",
        subject_id=parcel.id,
        order_id=fulfilment.order_id,
        actor="system",
        facts=why,
    )


def forget_carrier(session: Session, parcel_id: UUID) -> None:
    """The chosen carrier will not take the parcel: choose again. A bought label stays."""
    parcel = session.get_one(Parcel, parcel_id, with_for_update=True)
    if parcel.status is ParcelStatus.PACKED:
        parcel.carrier = parcel.service = None


def attach_label(session: Session, parcel_id: UUID, label: BoughtLabel, *, actor: str) -> None:
    """Keep a bought label. Repeating it with the same tracking number changes nothing."""
    fulfilment_id = session.exec(select(Parcel.fulfilment_id).where(Parcel.id == parcel_id)).first()
    if fulfilment_id is None:
        raise NotFound(f"there is no parcel {parcel_id}", field="parcel_id")
    fulfilment = queries.locked(session, fulfilment_id)
    parcel = session.get_one(Parcel, parcel_id, populate_existing=True)
    if parcel.status is ParcelStatus.LABELLED and parcel.tracking_number == label.tracking_number:
        return
    if parcel.status is ParcelStatus.VOIDED:
        parcel.void_owed = True  # the shipment was called off while the label was being bought
    else:
        states.move_parcel(parcel, ParcelStatus.LABELLED)
    parcel.carrier = label.carrier
    parcel.service = label.service
    parcel.tracking_number = label.tracking_number
    parcel.tracking_url = label.tracking_url
    parcel.cost_minor = label.cost_minor
    parcel.currency = label.currency
    session.add_all(
        ParcelLabel(parcel_id=parcel.id, format=kind, content=content)
        for kind, content in label.contents.items()
    )
    record(
        session,
        action="parcel.labelled",
        subject_type="parcel",
        subject_id=parcel.id,
        order_id=fulfilment.order_id,
        actor=actor,
        facts={"carrier": label.carrier, "tracking": label.tracking_number},
    )
    announce(session, location_id=fulfilment.location_id)  # somebody waits at the printer


def _close_boxes(session: Session, fulfilment: Fulfilment, boxes: Sequence[Box]) -> None:
    """Write parcels and what is in them; every unit must be in exactly one box."""
    lines = queries.lines(session, fulfilment.id)
    left = {line.line_id: line.quantity for line in lines}
    for number, box in enumerate(boxes, start=1):
        field = f"boxes[{number - 1}]"
        if min(box.weight_g, box.length_mm, box.width_mm, box.height_mm) <= 0:
            raise Invalid(
                f"box {number}: weight and dimensions must be above zero",
                field=field,
                remedy="weigh and measure the closed box",
            )
        _require_unused(session, box.tracking_number, field=field)
        if box.code is not None:
            box_list.find(session, fulfilment.location_id, box.code)
        packed = _put_in(box, lines, left, number=number)
        parcel = Parcel(
            fulfilment_id=fulfilment.id,
            number=number,
            weight_g=box.weight_g,
            length_mm=box.length_mm,
            width_mm=box.width_mm,
            height_mm=box.height_mm,
            tracking_number=box.tracking_number or None,
            box_code=box.code,
        )
        session.add(parcel)
        session.flush()
        session.add_all(
            ParcelLine(parcel_id=parcel.id, line_id=line_id, quantity=units)
            for line_id, units in packed.items()
        )
    if any(left.values()):
        raise Invalid(
            "some units are in no box", field="boxes", remedy="give each box its contents by SKU"
        )


def _require_unused(session: Session, tracking_number: str | None, *, field: str) -> None:
    """A typed number that another parcel bears would send two buyers after one parcel."""
    if not tracking_number:
        return
    other = session.exec(
        select(Parcel.number, Fulfilment.number)
        .join(Fulfilment, col(Fulfilment.id) == Parcel.fulfilment_id)
        .where(Parcel.tracking_number == tracking_number)
    ).first()
    if other is not None:
        raise Conflict(
            f"parcel {other[0]} of shipment {other[1]} has the tracking number {tracking_number}",
            field=f"{field}.tracking_number",
            remedy="type the number on this parcel's own receipt",
        )


def _put_in(
    box: Box, lines: Sequence[FulfilmentLine], left: dict[UUID, int], *, number: int
) -> dict[UUID, int]:
    """Take what is in a box from what is left; all of it, if the box does not say."""
    wanted = None if box.contents is None else dict(box.contents)
    packed: dict[UUID, int] = {}
    for line in lines:
        here = left[line.line_id]
        units = here if wanted is None else min(here, wanted.get(line.sku, 0))
        if units:
            packed[line.line_id] = units
            left[line.line_id] -= units
            if wanted is not None:
                wanted[line.sku] -= units
    if wanted and any(wanted.values()):
        raise Invalid(
            f"box {number} holds more than was picked",
            field=f"boxes[{number - 1}].contents",
            remedy="give each box its contents by SKU; together they are what was picked",
        )
    if not packed:
        raise Invalid(
            f"box {number} is empty",
            field=f"boxes[{number - 1}].contents",
            remedy="leave empty boxes out: each gets a label of its own",
        )
    return packed


def proposal(session: Session, fulfilment: Fulfilment) -> BoxPlan:
    """The boxes to propose for all of a shipment, and why."""
    units: Counter[str] = Counter()
    for line in queries.lines(session, fulfilment.id):
        units[line.sku] += line.quantity
    products = catalogue.products(session, list(units))
    return box_list.proposed(session, fulfilment.location_id, units, products)


def computed_boxes(session: Session, fulfilment: Fulfilment) -> list[Box]:
    """The proposed boxes, closed around everything."""
    planned = proposal(session, fulfilment).parcels
    return [
        Box(
            weight_g=one.weight_g,
            length_mm=one.length_mm,
            width_mm=one.width_mm,
            height_mm=one.height_mm,
            contents=one.units_of() if len(planned) > 1 else None,
            code=one.box,
        )
        for one in planned
    ]
