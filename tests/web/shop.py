"""A small shop with people and devices, written for good into a test's own database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from oms import clock
from oms.access import enrolling
from oms.catalogue.models import Barcode
from oms.db import transaction
from oms.fulfilments import boxes, filling, open_parcels, packing, parcels, picking
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.box_models import BoxType
from oms.fulfilments.models import Fulfilment
from oms.fulfilments.packing import BoughtLabel, attach_label
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.notifications.models import (
    Medium,
    Notice,
    NoticeKind,
    NoticeSending,
    SendingStatus,
)
from oms.orders.models import Order
from oms.payments import capturing
from oms.pickup import arrivals, calling_off, curbside, expiry, preparing, settling, waves
from oms.pickup.arrivals import Car
from oms.pickup.curbside import SetUp
from oms.pickup.models import Pickup
from oms.sourcing import routing_orders
from oms.transfers import sending
from tests.builders import a_product, a_store, a_tariff, a_warehouse, an_order, stock
from tests.oms.shop import shipped

PIN = "4711"
PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Shop:
    """Two stores, a warehouse, and what their people need to sign in."""

    devices: Mapping[str, str]
    """Enrolment token by location code."""


def open_shop() -> Shop:
    """Stores S01 and S02, warehouse W01, three articles, people 7, 8, and 9 who manages S01."""
    devices = {}
    with clock.at(clock.now() - timedelta(days=60)), transaction() as unit:
        a_tariff(unit)
        for sku, weight_g in (("MUG", 300), ("LAMP", 1_800), ("RUG", 900)):
            a_product(unit, sku, weight_g=weight_g)
        unit.add(Barcode(code="0012345678905", sku="MUG"))
        places = [a_store(unit), a_store(unit, "S02", at=(40.73, -73.99)), a_warehouse(unit)]
        for place in places:
            stock(unit, place, MUG=500, LAMP=500, RUG=500)
            _, token = enrolling.enrol_device(unit, location_id=place.id, name="handheld")
            devices[place.code] = token
            for badge, name in (("7", "Ana Silva"), ("8", "Ben Okafor")):
                enrolling.add_associate(unit, location_id=place.id, badge=badge, name=name, pin=PIN)
        enrolling.add_associate(
            unit, location_id=places[0].id, badge="9", name="Mia Manager", pin=PIN
        ).manages = True
        enrolling.add_operator(unit, login="olga", password=PASSWORD)
    return Shop(devices)


def order(wanted: Mapping[str, int], **options: Any) -> UUID:
    """An order, placed and routed; its id."""
    with transaction() as unit:
        order_id = an_order(unit, wanted, **options).id
    routing_orders.route(order_id, actor="test")
    return order_id


def sold(wanted: Mapping[str, int], **options: Any) -> UUID:
    """An order whose goods have left by carrier and whose money is captured; its id."""
    order_id = order(wanted, **options)
    send(order_id)
    return order_id


def send(order_id: UUID) -> None:
    """The carrier takes all of a routed order."""
    with transaction() as unit:
        for part in fulfilments.of_order(unit, order_id):
            shipped(unit, part)
        capturing.settle(unit, order_id)


def a_pickup(
    wanted: Mapping[str, int] | None = None, *, store: str = "S01", **options: Any
) -> UUID:
    """A new pickup; its id."""
    order_id = order(wanted or {"MUG": 2, "LAMP": 1}, pickup_store=store, **options)
    with transaction() as unit:
        return unit.exec(select(Pickup.id).where(Pickup.order_id == order_id)).one()


def a_ready_pickup(
    wanted: Mapping[str, int] | None = None, *, shelf: str = "B2", **options: Any
) -> UUID:
    """A pickup that waits for its customer; its id."""
    wanted = wanted or {"MUG": 2, "LAMP": 1}
    pickup_id = a_pickup(wanted, **options)
    with transaction() as unit:
        preparing.start(unit, pickup_id, actor="associate:S01:7")
        preparing.mark_ready(unit, pickup_id, picked=wanted, shelf=shelf, actor="associate:S01:7")
    return pickup_id


def a_wave(*pickup_ids: UUID) -> UUID:
    """These pickups, picked together; the wave's id."""
    with transaction() as unit:
        store = locations.by_code(unit, "S01")
        return waves.take(
            unit, location_id=store.id, pickup_ids=pickup_ids, actor="associate:S01:7"
        ).id


def an_expired_pickup(**options: Any) -> UUID:
    """A pickup nobody came for; its id."""
    with clock.at(clock.now() - timedelta(days=30)):
        pickup_id = a_ready_pickup(**options)
    version = 0
    while version != pickup(pickup_id).version:  # reminders first, then the end
        version = pickup(pickup_id).version
        with transaction() as unit:
            expiry.meet_deadline(unit, pickup_id, version=version)
    return pickup_id


def a_declined_pickup() -> UUID:
    """A pickup whose customer does not want it; its id."""
    pickup_id = a_ready_pickup()
    with transaction() as unit:
        calling_off.decline(unit, pickup_id, actor="associate:S01:7")
    return pickup_id


def end_undo(pickup_id: UUID) -> None:
    """The minute is over: what the workflow does then."""
    until = pickup(pickup_id).undo_until
    assert until is not None
    with clock.at(until), transaction() as unit:
        settling.settle(unit, pickup_id)


def at_the_car(*bays: str) -> None:
    """S01 hands over at the car, in slots of half an hour."""
    with transaction() as unit:
        store = locations.by_code(unit, "S01")
        store.can_curbside = True
        unit.flush()
        curbside.set_up(unit, store, SetUp(bays, 30, 2), actor="operator:olga")


def visitor(pickup_id: UUID, *, vehicle: str, minutes_ago: int) -> None:
    """The customer of this pickup has been at the car for so long."""
    with clock.at(clock.now() - timedelta(minutes=minutes_ago)), transaction() as unit:
        token = unit.get_one(Pickup, pickup_id).qr_token
        arrivals.here(unit, token, Car(vehicle=vehicle))


def a_transfer(sender: str, receiver: str, *, note: str = "") -> UUID:
    """Five mugs that one place sends another, asked for; its id."""
    with transaction() as unit:
        return sending.request(
            unit,
            from_location_id=locations.by_code(unit, sender).id,
            to_location_id=locations.by_code(unit, receiver).id,
            wanted={"MUG": 5},
            expected_at=clock.now() + timedelta(days=2),
            actor="associate:S01:7",
            note=note,
        ).id


def a_shipment(wanted: Mapping[str, int] | None = None, **options: Any) -> UUID:
    """A new shipment, wherever it is cheapest; its fulfilment's id."""
    order_id = order(wanted or {"MUG": 2, "LAMP": 1}, **options)
    with transaction() as unit:
        return unit.exec(select(Fulfilment.id).where(Fulfilment.order_id == order_id)).one()


def packed(fulfilment_id: UUID) -> None:
    """The shipment lies in one closed box."""
    with transaction() as unit:
        picking.start(unit, fulfilment_id, actor="associate:S01:7")
        wanted = open_parcels.wanted(unit, unit.get_one(Fulfilment, fulfilment_id))
        packing.pack(unit, fulfilment_id, picked=wanted, actor="associate:S01:7")


def being_packed(fulfilment_id: UUID) -> None:
    """The first unit of the shipment has been scanned into its parcel."""
    with transaction() as unit:
        picking.start(unit, fulfilment_id, actor="associate:S01:7")
        filling.begin(unit, fulfilment_id, actor="associate:S01:7")
        wanted = open_parcels.wanted(unit, unit.get_one(Fulfilment, fulfilment_id))
        filling.scan(unit, fulfilment_id, next(iter(wanted)))


def a_box(code: str, store: str = "S01") -> None:
    """A box on a location's list."""
    with transaction() as unit:
        row = BoxType(
            location_id=locations.by_code(unit, store).id,
            code=code,
            length_mm=300,
            width_mm=220,
            height_mm=110,
            tare_g=100,
            max_weight_g=5_000,
        )
        boxes.set_box(unit, row, actor="associate:S01:7")


def buy_labels(fulfilment_id: UUID) -> None:
    """What the workflow does when a shipment is packed."""
    with transaction() as unit:
        for waiting in parcels.to_label(unit, fulfilment_id):
            parcel = waiting.parcel
            bought = BoughtLabel(
                carrier="simulated",
                service="ground",
                tracking_number=f"SIM{str(parcel.id.int)[:12]}",
                tracking_url="https://example.com/track",
                cost_minor=650,
                currency="USD",
                contents={"pdf": b"%PDF-1.7 label", "zpl": b"^XA^XZ"},
            )
            attach_label(unit, parcel.id, bought, actor="system")


def pickup(pickup_id: UUID) -> Pickup:
    """The pickup as it is now."""
    with transaction() as unit:
        return unit.get_one(Pickup, pickup_id)


def fulfilment(fulfilment_id: UUID) -> Fulfilment:
    """The fulfilment as it is now."""
    with transaction() as unit:
        return unit.get_one(Fulfilment, fulfilment_id)


def place_of(fulfilment_id: UUID) -> str:
    """The code of the location that has this work."""
    with transaction() as unit:
        row = unit.get_one(Fulfilment, fulfilment_id)
        return unit.get_one(Location, row.location_id).code


def number_of(pickup_id: UUID) -> str:
    """The order number that the customer knows."""
    with transaction() as unit:
        return unit.get_one(Order, unit.get_one(Pickup, pickup_id).order_id).display_number


def a_sending(unit: Session, order_id: UUID) -> str:
    """A letter that the customer of this order had; the token that is in it."""
    notice = Notice(
        order_id=order_id, kind=NoticeKind.SHIPPED, cause=f"test:{order_id}", created_at=clock.now()
    )
    unit.add(notice)
    unit.flush()
    row = NoticeSending(
        notice_id=notice.id,
        medium=Medium.EMAIL,
        status=SendingStatus.SKIPPED,
        locale="en_US",
        subject="On its way",
        body="On its way",
        token=f"token-{order_id}",
        created_at=clock.now(),
    )
    unit.add(row)
    return row.token
