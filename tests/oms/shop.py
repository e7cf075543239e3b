"""A small shop, and the steps that an order takes through it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.audit.models import AuditRow
from oms.fulfilments import handing_over, packing, picking
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment, Parcel
from oms.fulfilments.packing import BoughtLabel, Box
from oms.inventory.models import Reservation, ReservationStatus, StockBalance
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.outbox.models import OutboxRow
from oms.pickup import handover, preparing, settling
from oms.pickup import queries as pickups
from oms.pickup.handover import Shown
from oms.pickup.models import Pickup, Proof
from oms.sourcing import committing, problems
from oms.sourcing.deciding import solve
from tests.builders import a_product, a_store, a_tariff, a_warehouse, stock

BOSTON = (42.36, -71.06)
CHICAGO = (41.88, -87.63)
BUCKETS = ("unrouted", "reserved", "backordered", "in_transfer", "short", "cancelled", "fulfilled")


@dataclass(frozen=True, slots=True)
class Shop:
    """Riverside and Harbour are stores in New York and Boston, the depot is in Chicago."""

    riverside: Location
    harbour: Location
    depot: Location


def a_shop(session: Session) -> Shop:
    """The shop with mugs (300 g), lamps (2 kg) and an anvil (60 kg), and nothing in stock."""
    a_tariff(session)
    a_product(session, "MUG")
    a_product(session, "LAMP", weight_g=2_000)
    a_product(session, "ANVIL", weight_g=60_000)
    return Shop(
        riverside=a_store(session, "S01"),
        harbour=a_store(session, "S02", at=BOSTON),
        depot=a_warehouse(session, "W01", at=CHICAGO),
    )


def fill(session: Session, shop: Shop, units: int = 5) -> None:
    """Put so many mugs and lamps into every location."""
    for place in (shop.riverside, shop.harbour, shop.depot):
        stock(session, place, MUG=units, LAMP=units)


def buckets(session: Session, order: Order) -> list[dict[str, int]]:
    """Where the units of each line are; empty buckets are left out."""
    session.flush()
    return [
        {name: units for name in BUCKETS if (units := getattr(line, name))}
        for line in orders.lines(session, order.id)
    ]


def held(session: Session, order: Order) -> dict[tuple[str, str], int]:
    """What is held for an order, by (SKU, location code)."""
    rows = session.exec(
        select(Reservation, Location.code)
        .join(Location, col(Location.id) == Reservation.location_id)
        .where(Reservation.order_id == order.id, Reservation.status == ReservationStatus.HELD)
    ).all()
    found: dict[tuple[str, str], int] = {}
    for row, code in rows:
        found[row.sku, code] = found.get((row.sku, code), 0) + row.quantity
    return found


def balance(session: Session, place: Location, sku: str = "MUG") -> tuple[int, int]:
    """Units on hand and reserved."""
    session.flush()
    row = session.get_one(StockBalance, (sku, place.id), populate_existing=True)
    return row.on_hand, row.reserved


def routed(session: Session, order: Order) -> list[Fulfilment]:
    """Route an order for good, in the transaction of the test; the new fulfilments."""
    task = problems.task(session, orders.locked(session, order.id))
    assert task is not None, "nothing is to be routed"
    made = committing.commit(session, task, solve(task), actor="system")
    return [session.get_one(Fulfilment, part) for part in made.fulfilment_ids]


def wanted(session: Session, fulfilment: Fulfilment) -> dict[str, int]:
    """Units by SKU that a fulfilment consists of."""
    units: dict[str, int] = {}
    for line in fulfilments.lines(session, fulfilment.id):
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def picking_begun(session: Session, fulfilment: Fulfilment) -> Fulfilment:
    """An associate has the shipment in hand."""
    return picking.start(session, fulfilment.id, actor="anna")


def packed(session: Session, fulfilment: Fulfilment, boxes: Sequence[Box] = ()) -> list[Parcel]:
    """The shipment is in closed boxes."""
    picking_begun(session, fulfilment)
    packing.pack(
        session, fulfilment.id, picked=wanted(session, fulfilment), boxes=boxes, actor="anna"
    )
    return list(fulfilments.parcels(session, fulfilment.id))


def a_label(number: str = "T1", **contents: bytes) -> BoughtLabel:
    """A label from a carrier."""
    return BoughtLabel(
        carrier="simulated",
        service="ground",
        tracking_number=number,
        tracking_url=f"https://track.example/{number}",
        cost_minor=450,
        currency="USD",
        contents=contents or {"pdf": b"%PDF", "zpl": b"^XA^XZ"},
    )


def shipped(session: Session, fulfilment: Fulfilment) -> list[Parcel]:
    """The carrier has taken the shipment."""
    for parcel in packed(session, fulfilment):
        label = a_label(f"T{fulfilment.number}-{parcel.number}")
        packing.attach_label(session, parcel.id, label, actor="carrier:simulated")
    handing_over.to_carrier(session, fulfilment.id, actor="anna")
    return list(fulfilments.parcels(session, fulfilment.id))


def the_pickup(session: Session, fulfilment: Fulfilment) -> Pickup:
    """The pickup that a fulfilment serves."""
    found = pickups.of_fulfilment(session, fulfilment.id)
    assert found is not None
    return found


def ready(session: Session, fulfilment: Fulfilment, *, shelf: str = "A1") -> Pickup:
    """The goods lie on a shelf and wait for their customer."""
    pickup = the_pickup(session, fulfilment)
    preparing.start(session, pickup.id, actor="anna")
    picked: Mapping[str, int] = wanted(session, fulfilment)
    return preparing.mark_ready(session, pickup.id, picked=picked, shelf=shelf, actor="anna")


def settled(session: Session, pickup: Pickup) -> Pickup:
    """The time in which the hand-over could be undone is over."""
    assert pickup.undo_until is not None
    with clock.at(pickup.undo_until):
        return settling.settle(session, pickup.id)


def collected(session: Session, pickup: Pickup) -> Pickup:
    """The customer has shown the code and has the goods for good."""
    handover.hand_over(session, pickup.id, Shown(Proof.CODE, pickup.code), actor="anna")
    return settled(session, pickup)


def told(session: Session, subject_id: UUID) -> list[str]:
    """The topics that the outbox holds of one thing, oldest first."""
    session.flush()
    rows = session.exec(
        select(OutboxRow.topic)
        .where(OutboxRow.subject_id == subject_id)
        .order_by(col(OutboxRow.id))
    ).all()
    return list(rows)


def trail(session: Session, subject_id: UUID) -> list[str]:
    """The actions that the audit trail holds of one thing, oldest first."""
    session.flush()
    rows = session.exec(
        select(AuditRow.action).where(AuditRow.subject_id == subject_id).order_by(col(AuditRow.id))
    ).all()
    return list(rows)
