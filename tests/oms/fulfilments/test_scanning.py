"""Scans come repeatedly, out of order and late; the parcel follows what is true of its journey."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from oms.errors import NotFound
from oms.exceptions.models import ExceptionKind, OpenException
from oms.fulfilments import handing_over, packing, queries, scanning
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel
from oms.fulfilments.packing import Box
from oms.fulfilments.scanning import CarrierScan
from oms.orders.models import Order, OrderStatus
from tests.builders import an_order, contents, refused
from tests.oms.shop import Shop, a_label, fill, packed, picking_begun, routed, shipped, told, trail

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_scan(code: str, hour: float, identifier: str = "") -> CarrierScan:
    return CarrierScan(identifier or f"{code}@{hour}", code, NOON + timedelta(hours=hour))


ACCEPTED = a_scan("accepted", 0)
UNDER_WAY = a_scan("in_transit", 5)
OUT = a_scan("out_for_delivery", 20)
FAILED = a_scan("delivery_failed", 22)
DELIVERED = a_scan("delivered", 44)
AFTERWARDS = a_scan("in_transit", 50)
LOST = a_scan("lost", 30)
RETURNED = a_scan("returned_to_sender", 60)


@pytest.fixture
def part(session: Session, shop: Shop) -> Fulfilment:
    """A shipment of one parcel that the carrier has taken."""
    fill(session, shop)
    [made] = routed(session, an_order(session, {"MUG": 2}))
    shipped(session, made)
    return made


@pytest.fixture
def parcel(session: Session, part: Fulfilment) -> Parcel:
    return queries.parcels(session, part.id)[0]


def scanned(session: Session, parcel: Parcel, *scans: CarrierScan) -> int:
    new = scanning.add_scans(session, parcel.id, scans, actor="carrier:simulated")
    session.flush()
    return new


def test_a_parcel_follows_its_scans_to_the_door(
    session: Session, part: Fulfilment, parcel: Parcel
) -> None:
    seen = []
    for scan in (ACCEPTED, UNDER_WAY, OUT, FAILED, a_scan("out_for_delivery", 40), DELIVERED):
        assert scanned(session, parcel, scan) == 1
        seen.append(parcel.status.value)
    assert seen == [
        "in_transit",
        "in_transit",
        "out_for_delivery",
        "delivery_failed",
        "out_for_delivery",
        "delivered",
    ]
    order = session.get_one(Order, part.order_id)
    assert (part.status, part.closed_at is not None) == (FulfilmentStatus.DELIVERED, True)
    assert (order.status, order.closed_at is not None) == (OrderStatus.FULFILLED, True)
    assert trail(session, parcel.id) == [
        "parcel.labelled",
        "parcel.in_transit",
        "parcel.out_for_delivery",
        "parcel.delivery_failed",
        "parcel.out_for_delivery",
        "parcel.delivered",
    ]
    assert told(session, part.id)[-1] == "fulfilment.delivered"
    assert told(session, order.id)[-1] == "order.delivered"


def test_the_sequence_in_which_scans_arrive_does_not_matter(
    session: Session, part: Fulfilment, parcel: Parcel
) -> None:
    for scans in permutations([ACCEPTED, UNDER_WAY, OUT, DELIVERED]):
        savepoint = session.begin_nested()
        for scan in scans:
            scanned(session, parcel, scan)
        assert (parcel.status.value, part.status) == ("delivered", FulfilmentStatus.DELIVERED)
        assert [scan.code for scan in queries.scans(session, parcel.id)] == [
            "accepted",
            "in_transit",
            "out_for_delivery",
            "delivered",
        ]
        savepoint.rollback()


@pytest.mark.parametrize("delivered_first", [True, False])
def test_scans_after_delivery_do_not_unsay_it(
    session: Session, part: Fulfilment, parcel: Parcel, delivered_first: bool
) -> None:
    both = (DELIVERED, AFTERWARDS) if delivered_first else (AFTERWARDS, DELIVERED)
    for scan in both:
        assert scanned(session, parcel, scan) == 1
    assert (parcel.status.value, part.status) == ("delivered", FulfilmentStatus.DELIVERED)


def test_a_scan_counts_once_however_often_it_is_reported(
    session: Session, part: Fulfilment, parcel: Parcel
) -> None:
    assert scanned(session, parcel, UNDER_WAY, UNDER_WAY, OUT) == 2
    before = contents(session)
    assert scanned(session, parcel, OUT, UNDER_WAY) == 0
    assert contents(session) == before


def test_a_late_scan_is_kept_and_moves_nothing(
    session: Session, part: Fulfilment, parcel: Parcel
) -> None:
    scanned(session, parcel, OUT)
    assert scanned(session, parcel, UNDER_WAY) == 1
    assert parcel.status.value == "out_for_delivery"
    # A scan that moved nothing still counts as the newest.
    scanned(session, parcel, a_scan("out_for_delivery", 30))
    scanned(session, parcel, a_scan("delivery_failed", 25))
    assert parcel.status.value == "out_for_delivery"


def test_an_unknown_code_is_kept_and_moves_nothing(
    session: Session, part: Fulfilment, parcel: Parcel
) -> None:
    assert scanned(session, parcel, a_scan("customs_tea_break", 3)) == 1
    assert parcel.status.value == "labelled"
    assert [scan.code for scan in queries.scans(session, parcel.id)] == ["customs_tea_break"]


@pytest.mark.parametrize(
    ("scan", "end", "word"),
    [(LOST, FulfilmentStatus.LOST, "lost"), (RETURNED, FulfilmentStatus.RETURNED, "returned")],
)
def test_a_parcel_that_does_not_arrive_needs_a_person(
    session: Session, part: Fulfilment, parcel: Parcel, scan: CarrierScan, end: str, word: str
) -> None:
    scanned(session, parcel, UNDER_WAY, scan)
    assert part.status is end
    [case] = session.exec(select(OpenException)).all()
    assert (case.kind, case.cause_id, case.order_id) == (
        ExceptionKind.PARCEL_LOST,
        parcel.id,
        part.order_id,
    )
    assert case.detail == f"parcel {parcel.tracking_number} is {word}, says the carrier"
    assert session.get_one(Order, part.order_id).status is OrderStatus.FULFILLED


def test_a_lost_parcel_that_turns_up_is_delivered(
    session: Session, part: Fulfilment, parcel: Parcel
) -> None:
    scanned(session, parcel, LOST)
    scanned(session, parcel, DELIVERED)
    assert parcel.status.value == "delivered"


def two_parcels(session: Session, shop: Shop) -> tuple[Fulfilment, list[Parcel]]:
    fill(session, shop)
    [part] = routed(session, an_order(session, {"MUG": 2}))
    picking_begun(session, part)
    box = Box(400, 100, 100, 100, contents={"MUG": 1})
    packing.pack(session, part.id, picked={"MUG": 2}, boxes=[box, box], actor="anna")
    parcels = list(queries.parcels(session, part.id))
    for number, parcel in enumerate(parcels):
        packing.attach_label(session, parcel.id, a_label(f"T{number}"), actor="carrier:simulated")
    handing_over.to_carrier(session, part.id, actor="anna")
    return part, parcels


@pytest.mark.parametrize(
    ("first", "second", "end"),
    [
        (DELIVERED, DELIVERED, FulfilmentStatus.DELIVERED),
        (DELIVERED, RETURNED, FulfilmentStatus.RETURNED),
        (RETURNED, LOST, FulfilmentStatus.LOST),
    ],
)
def test_a_shipment_ends_with_its_last_parcel_by_the_worst_fate(
    session: Session, shop: Shop, first: CarrierScan, second: CarrierScan, end: FulfilmentStatus
) -> None:
    part, parcels = two_parcels(session, shop)
    scanned(session, parcels[0], first)
    assert part.status is FulfilmentStatus.HANDED_OVER
    scanned(session, parcels[1], second)
    assert part.status is end


def test_scans_that_come_before_the_hand_over_is_recorded_count_all_the_same(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    [part] = routed(session, an_order(session, {"MUG": 2}))
    [parcel] = packed(session, part)
    packing.attach_label(session, parcel.id, a_label(), actor="carrier:simulated")
    scanned(session, parcel, ACCEPTED, DELIVERED)
    assert (parcel.status.value, part.status) == ("delivered", FulfilmentStatus.PACKED)
    handing_over.to_carrier(session, part.id, actor="anna")
    assert part.status is FulfilmentStatus.DELIVERED
    assert session.get_one(Order, part.order_id).status is OrderStatus.FULFILLED


def test_an_unknown_parcel_cannot_be_scanned(session: Session, shop: Shop) -> None:
    with refused(session, NotFound, "there is no parcel"):
        scanning.add_scans(session, uuid4(), [DELIVERED], actor="carrier:simulated")
