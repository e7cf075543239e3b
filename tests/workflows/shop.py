"""A small shop to tell workflow stories in."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import select

from oms.db import transaction
from oms.fulfilments import handing_over, packing, picking
from oms.fulfilments.models import Fulfilment, Parcel
from oms.orders.models import Order
from oms.pickup import preparing
from oms.pickup.models import Pickup
from tests import builders


def open_shop(*, s01: int = 10, w01: int = 10) -> None:
    """Two locations with mugs, and a tariff."""
    with transaction() as session:
        builders.a_tariff(session)
        builders.a_product(session, "MUG")
        store = builders.a_store(session, "S01")
        warehouse = builders.a_warehouse(session, "W01", at=(41.0, -87.0))
        for place, units in ((store, s01), (warehouse, w01)):
            if units:
                builders.stock(session, place, MUG=units)


def order(wanted: Mapping[str, int] | None = None, **options: object) -> UUID:
    """Place an order and return its id."""
    with transaction() as session:
        return builders.an_order(session, wanted, **options).id


def status(order_id: UUID) -> str:
    """Where the order stands."""
    with transaction() as session:
        return session.get_one(Order, order_id).status.value


def fulfilments(order_id: UUID, *, status: str | None = None) -> list[Fulfilment]:
    """The order's fulfilments, oldest first."""
    with transaction() as session:
        rows = session.exec(
            select(Fulfilment).where(Fulfilment.order_id == order_id).order_by(Fulfilment.number)  # type: ignore[arg-type]
        ).all()
    return [row for row in rows if status is None or row.status.value == status]


def parcels(fulfilment_id: UUID) -> list[Parcel]:
    """The parcels of a fulfilment."""
    with transaction() as session:
        return list(session.exec(select(Parcel).where(Parcel.fulfilment_id == fulfilment_id)))


def pickup(order_id: UUID) -> Pickup:
    """The order's newest pickup."""
    with transaction() as session:
        return session.exec(
            select(Pickup).where(Pickup.order_id == order_id).order_by(Pickup.id.desc())  # type: ignore[attr-defined]
        ).first()  # type: ignore[return-value]


def pack(fulfilment_id: UUID, picked: Mapping[str, int]) -> None:
    """Pick and pack a shipment."""
    with transaction() as session:
        picking.start(session, fulfilment_id, actor="test")
    with transaction() as session:
        packing.pack(session, fulfilment_id, picked=picked, actor="test")


def give_to_carrier(fulfilment_id: UUID) -> None:
    """The carrier takes a packed shipment."""
    with transaction() as session:
        handing_over.to_carrier(session, fulfilment_id, actor="test")


def stage(pickup_id: UUID, picked: Mapping[str, int]) -> None:
    """Pick a pickup and put it on a shelf."""
    with transaction() as session:
        preparing.start(session, pickup_id, actor="test")
    with transaction() as session:
        preparing.mark_ready(session, pickup_id, picked=picked, shelf="A1", actor="test")
