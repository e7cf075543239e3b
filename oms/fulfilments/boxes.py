"""The list of boxes of a location: read it, change it, propose from it."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlmodel import Session, select

from oms.audit.recording import record
from oms.catalogue.models import Product
from oms.errors import Invalid, NotFound
from oms.fulfilments.box_models import BoxType
from oms.fulfilments.fitting import Goods, Room
from oms.fulfilments.planning_boxes import BoxPlan, plan
from oms.settings import settings
from oms.upserting import Row, Upserted, upsert


def of_location(session: Session, location_id: UUID) -> Sequence[BoxType]:
    """Its boxes, the smallest first."""
    rows = session.exec(
        select(BoxType)
        .where(BoxType.location_id == location_id)
        .execution_options(populate_existing=True)
    ).all()
    return sorted(rows, key=lambda row: (row.length_mm * row.width_mm * row.height_mm, row.code))


def find(session: Session, location_id: UUID, code: str, *, locked: bool = False) -> BoxType:
    """One box of a location's list."""
    row = session.get(BoxType, (location_id, code), with_for_update=locked)
    if row is None:
        raise NotFound(
            f"this location has no box {code!r}",
            field="box",
            remedy="use a code of its list of boxes, or give the measures of your own packaging",
        )
    return row


def enter_boxes(session: Session, boxes: Sequence[Row], *, keep: Collection[str] = ()) -> Upserted:
    """Enter boxes, given by the columns of `BoxType`; what is left out stays as it is."""
    return upsert(session, BoxType, boxes, key=("location_id", "code"), keep=keep)


def set_box(session: Session, box: BoxType, *, actor: str) -> BoxType:
    """Add a box to its location's list, or change the one of its code."""
    if min(box.length_mm, box.width_mm, box.height_mm) <= 0:
        raise Invalid(
            "a box's measures are above zero", field="length_mm", remedy="measure it inside"
        )
    if box.max_weight_g <= box.tare_g:
        raise Invalid(
            f"box {box.code} weighs {box.tare_g} g empty, so it cannot weigh at most"
            f" {box.max_weight_g} g when it is full",
            field="max_weight_g",
            remedy="give what the closed box may weigh, itself included",
        )
    columns = ("length_mm", "width_mm", "height_mm", "tare_g", "max_weight_g", "stock")
    facts = {name: getattr(box, name) for name in columns}
    enter_boxes(session, [{"location_id": box.location_id, "code": box.code, **facts}])
    _record(session, "box.set", box.location_id, box.code, facts, actor=actor)
    session.expire_all()
    return find(session, box.location_id, box.code)


def remove(session: Session, location_id: UUID, code: str, *, actor: str) -> None:
    """Take a box off the list; parcels that were packed into it keep its measures."""
    session.delete(find(session, location_id, code))
    _record(session, "box.removed", location_id, code, {}, actor=actor)
    session.flush()


def used_up(session: Session, location_id: UUID, used: Mapping[str, int]) -> None:
    """Count down the boxes that were filled, where they are counted. Nobody is stopped at zero."""
    for code in sorted(used):
        row = session.get(BoxType, (location_id, code), with_for_update=True)
        if row is not None and row.stock is not None:
            row.stock = max(0, row.stock - used[code])


def rooms(session: Session, location_id: UUID) -> tuple[Room, ...]:
    """The boxes that can be proposed."""
    return tuple(
        Room(
            row.code,
            row.length_mm,
            row.width_mm,
            row.height_mm,
            row.tare_g,
            row.max_weight_g,
        )
        for row in of_location(session, location_id)
        if row.stock != 0
    )


def proposed(
    session: Session,
    location_id: UUID,
    units: Mapping[str, int],
    products: Mapping[str, Product],
) -> BoxPlan:
    """The boxes to propose for these units by SKU. The same question has the same answer."""
    goods = goods_of(units, products)
    return plan(
        goods, rooms(session, location_id), divisor=settings().dimensional_divisor_cm3_per_kg
    )


def goods_of(units: Mapping[str, int], products: Mapping[str, Product]) -> tuple[Goods, ...]:
    """Units by SKU with what packing must know of each."""
    return tuple(
        Goods(
            sku=sku,
            name=products[sku].name,
            quantity=units[sku],
            weight_g=products[sku].weight_g,
            length_mm=products[sku].length_mm,
            width_mm=products[sku].width_mm,
            height_mm=products[sku].height_mm,
        )
        for sku in sorted(units)
        if units[sku]
    )


def _record(
    session: Session,
    action: str,
    location_id: UUID,
    code: str,
    facts: dict[str, int | None],
    *,
    actor: str,
) -> None:
    record(
        session,
        action=action,
        subject_type="location",
        subject_id=location_id,
        actor=actor,
        facts={"box": code} | facts,
    )
