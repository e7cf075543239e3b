"""Pick, pack into boxes, label: exactly what was asked for, each unit in one box."""

from uuid import uuid4

import pytest
from sqlmodel import Session, select

from oms.errors import Conflict, IllegalMove, Invalid, NotFound, StaleVersion
from oms.fulfilments import handing_over, packing, picking, queries
from oms.fulfilments import parcels as parcel_queries
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel, ParcelLine, ParcelStatus
from oms.fulfilments.packing import Box
from oms.ordering import cancelling
from oms.orders.models import Order, OrderStatus
from tests.builders import an_order, refused
from tests.oms.shop import (
    Shop,
    a_label,
    balance,
    buckets,
    fill,
    picking_begun,
    ready,
    routed,
    told,
    trail,
)

ALL = {"MUG": 3, "LAMP": 1}


@pytest.fixture
def part(session: Session, shop: Shop) -> Fulfilment:
    """A shipment of three mugs and a lamp that is being picked."""
    fill(session, shop)
    [made] = routed(session, an_order(session, ALL))
    return picking_begun(session, made)


def a_box(contents: dict[str, int] | None = None, **changes: int) -> Box:
    given = {"weight_g": 900, "length_mm": 200, "width_mm": 150, "height_mm": 100}
    return Box(**(given | changes), contents=contents)


def pack(session: Session, part: Fulfilment, *boxes: Box, **picked: int) -> Fulfilment:
    return packing.pack(session, part.id, picked=picked or ALL, boxes=boxes, actor="anna")


def in_boxes(session: Session, part: Fulfilment) -> list[dict[str, int]]:
    skus = {line.line_id: line.sku for line in queries.lines(session, part.id)}
    return [
        {
            skus[row.line_id]: row.quantity
            for row in session.exec(select(ParcelLine).where(ParcelLine.parcel_id == parcel.id))
        }
        for parcel in queries.parcels(session, part.id)
    ]


def test_one_box_is_reckoned_around_everything(session: Session, part: Fulfilment) -> None:
    pack(session, part)
    [parcel] = queries.parcels(session, part.id)
    assert (part.status, part.version) == (FulfilmentStatus.PACKED, 3)
    assert (parcel.number, parcel.status) == (1, ParcelStatus.PACKED)
    assert parcel.weight_g == 120 + 3 * 300 + 2_000
    assert (parcel.length_mm, parcel.width_mm, parcel.height_mm) == (120, 100, 400)
    assert in_boxes(session, part) == [ALL]
    assert [line.picked for line in queries.lines(session, part.id)] == [1, 3]
    assert trail(session, part.id) == [
        "fulfilment.allocated",
        "fulfilment.picking",
        "fulfilment.packed",
    ]
    assert told(session, part.id) == trail(session, part.id)


def test_each_box_has_its_own_contents(session: Session, part: Fulfilment) -> None:
    pack(session, part, a_box({"MUG": 2}), a_box({"MUG": 1, "LAMP": 1}, weight_g=2_400))
    assert in_boxes(session, part) == [{"MUG": 2}, {"MUG": 1, "LAMP": 1}]
    assert [parcel.weight_g for parcel in queries.parcels(session, part.id)] == [900, 2_400]


@pytest.mark.parametrize(
    ("picked", "wrong"),
    [
        ({"MUG": 2, "LAMP": 1}, "MUG: 2 of 3 picked"),
        ({"MUG": 4, "LAMP": 1}, "MUG: 4 of 3 picked"),
        ({"MUG": 3}, "LAMP: 0 of 1 picked"),
        ({"MUG": 3, "LAMP": 1, "ANVIL": 1}, "ANVIL: 1 of 0 picked"),
    ],
)
def test_not_exactly_what_was_asked_for_is_not_packed(
    session: Session, part: Fulfilment, picked: dict[str, int], wrong: str
) -> None:
    with refused(session, Invalid, f"not exactly what was asked for: {wrong}") as refusal:
        pack(session, part, **picked)
    assert refusal.error.field == "picked"
    assert "reject" in (refusal.error.remedy or "")


@pytest.mark.parametrize(
    ("boxes", "why", "field"),
    [
        ([a_box({"MUG": 4, "LAMP": 1})], "box 1 holds more than was picked", "boxes[0].contents"),
        ([a_box({"MUG": 2, "LAMP": 1})], "some units are in no box", "boxes"),
        ([a_box(ALL), a_box({"MUG": 1})], "box 2 holds more than was picked", "boxes[1].contents"),
        ([a_box(ALL), a_box({"ANVIL": 1})], "box 2 holds more", "boxes[1].contents"),
        ([a_box(ALL), a_box({})], "box 2 is empty", "boxes[1].contents"),
        ([a_box(), a_box()], "box 2 is empty", "boxes[1].contents"),
        ([a_box(weight_g=0)], "weight and dimensions must be above zero", "boxes[0]"),
        ([a_box(ALL, height_mm=-5)], "weight and dimensions must be above zero", "boxes[0]"),
    ],
)
def test_boxes_that_do_not_hold_exactly_the_goods_are_refused(
    session: Session, part: Fulfilment, boxes: list[Box], why: str, field: str
) -> None:
    with refused(session, Invalid, why) as refusal:
        pack(session, part, *boxes)
    assert refusal.error.field == field
    assert refusal.error.remedy


def test_what_is_not_being_picked_cannot_be_packed(session: Session, shop: Shop) -> None:
    fill(session, shop)
    [part] = routed(session, an_order(session, ALL))
    with refused(session, IllegalMove, "is allocated, so it cannot become packed"):
        pack(session, part)


def test_a_shipment_is_packed_once(session: Session, part: Fulfilment) -> None:
    pack(session, part)
    with refused(session, IllegalMove, "is packed, so it cannot become packed"):
        pack(session, part)


def test_one_associate_takes_a_shipment_and_the_other_is_told(
    session: Session, part: Fulfilment
) -> None:
    with refused(session, IllegalMove, "is picking, so it cannot become picking"):
        picking.start(session, part.id, actor="ben")
    with refused(session, StaleVersion):
        picking.start(session, part.id, actor="ben", version=1)


def test_a_pickup_is_not_packed_or_given_to_a_carrier(session: Session, shop: Shop) -> None:
    fill(session, shop)
    [part] = routed(session, an_order(session, {"MUG": 1}, pickup_store="S01"))
    ready(session, part)
    with refused(session, Conflict, "is a pickup"):
        packing.pack(session, part.id, picked={"MUG": 1}, actor="anna")
    with refused(session, Conflict, "is a pickup"):
        handing_over.to_carrier(session, part.id, actor="anna")


def test_a_label_is_kept_with_its_bytes_in_each_format(session: Session, part: Fulfilment) -> None:
    pack(session, part)
    [parcel] = queries.parcels(session, part.id)
    assert [one.parcel.id for one in parcel_queries.to_label(session, part.id)] == [parcel.id]
    packing.attach_label(session, parcel.id, a_label("T77"), actor="carrier:simulated")
    session.flush()
    assert (parcel.status, parcel.carrier, parcel.service) == (
        ParcelStatus.LABELLED,
        "simulated",
        "ground",
    )
    assert (parcel.tracking_number, parcel.cost_minor, parcel.currency) == ("T77", 450, "USD")
    assert queries.label(session, parcel.id, label_format="pdf") == b"%PDF"
    assert queries.label(session, parcel.id, label_format="zpl") == b"^XA^XZ"
    assert parcel_queries.to_label(session, part.id) == []
    assert trail(session, parcel.id) == ["parcel.labelled"]
    with refused(session, NotFound, "has no png label"):
        queries.label(session, parcel.id, label_format="png")


def test_a_label_that_is_attached_again_changes_nothing(session: Session, part: Fulfilment) -> None:
    pack(session, part)
    [parcel] = queries.parcels(session, part.id)
    for _ in range(2):
        packing.attach_label(session, parcel.id, a_label("T77"), actor="carrier:simulated")
    assert (parcel.version, trail(session, parcel.id)) == (2, ["parcel.labelled"])
    with refused(session, IllegalMove, "is labelled, so it cannot become labelled"):
        packing.attach_label(session, parcel.id, a_label("T78"), actor="carrier:simulated")


def test_a_label_bought_while_the_shipment_was_called_off_is_owed_back(
    session: Session, part: Fulfilment
) -> None:
    pack(session, part)
    [parcel] = queries.parcels(session, part.id)
    cancelling.cancel(session, part.order_id, actor="operator:olga", reason="test")
    assert (parcel.status, parcel.void_owed) == (ParcelStatus.VOIDED, False)
    packing.attach_label(session, parcel.id, a_label("T77"), actor="carrier:simulated")
    assert (parcel.status, parcel.void_owed, parcel.tracking_number) == (
        ParcelStatus.VOIDED,
        True,
        "T77",
    )
    assert [one.parcel.id for one in parcel_queries.to_void(session, part.id)] == [parcel.id]


def test_a_label_needs_a_parcel(session: Session, shop: Shop) -> None:
    with refused(session, NotFound, "there is no parcel"):
        packing.attach_label(session, uuid4(), a_label(), actor="carrier:simulated")


def test_nothing_is_handed_over_without_a_label(session: Session, part: Fulfilment) -> None:
    pack(session, part, a_box({"MUG": 3}), a_box({"LAMP": 1}))
    first, _ = queries.parcels(session, part.id)
    packing.attach_label(session, first.id, a_label("T1"), actor="carrier:simulated")
    with refused(session, Conflict, r"parcel 2 of fulfilment .* has no label yet") as refusal:
        handing_over.to_carrier(session, part.id, actor="anna")
    assert refusal.error.remedy


def test_the_carrier_takes_everything_once(session: Session, shop: Shop, part: Fulfilment) -> None:
    [parcel] = packed_and_labelled(session, part)
    handing_over.to_carrier(session, part.id, actor="anna", version=part.version)
    order = session.get_one(Order, part.order_id)
    assert (part.status, order.status) == (FulfilmentStatus.HANDED_OVER, OrderStatus.SHIPPED)
    assert parcel.handed_over_at is not None
    assert buckets(session, order) == [{"fulfilled": 3}, {"fulfilled": 1}]
    assert balance(session, shop.riverside, "MUG") == (2, 0)
    assert balance(session, shop.riverside, "LAMP") == (4, 0)
    [travelling] = parcel_queries.on_the_road(session, part.id)
    assert (travelling.carrier, travelling.tracking_number) == ("simulated", "T1")
    with refused(session, IllegalMove, "is handed_over"):
        handing_over.to_carrier(session, part.id, actor="anna")
    with refused(session, StaleVersion):
        handing_over.to_carrier(session, part.id, actor="anna", version=1)


def test_a_shipment_that_is_not_packed_is_not_handed_over(
    session: Session, part: Fulfilment
) -> None:
    with refused(session, IllegalMove, "is picking, so it cannot become handed_over"):
        handing_over.to_carrier(session, part.id, actor="anna")


def test_what_a_label_needs_to_know_is_read_from_the_order(
    session: Session, shop: Shop, part: Fulfilment
) -> None:
    pack(session, part)
    [one] = parcel_queries.to_label(session, part.id)
    assert (one.sender.code, one.recipient.street, one.recipient.country) == (
        "S01",
        "5 Main Street",
        "US",
    )
    assert (one.value_minor, one.currency, one.fulfilment_number) == (5_000, "USD", part.number)


def packed_and_labelled(session: Session, part: Fulfilment) -> list[Parcel]:
    pack(session, part)
    found = list(queries.parcels(session, part.id))
    for number, parcel in enumerate(found, start=1):
        packing.attach_label(session, parcel.id, a_label(f"T{number}"), actor="carrier:simulated")
    return found
