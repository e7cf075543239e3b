"""Scan each unit into its parcel: nothing wrong, nothing twice, nothing too heavy, nothing left."""

import pytest
from sqlmodel import Session, select

from oms.errors import Conflict, IllegalMove, Invalid, NotFound, StaleVersion
from oms.fulfilments import boxes, filling, giving_back, open_parcels, packing_table, queries
from oms.fulfilments.box_models import BoxType, OpenParcel, OpenParcelUnit
from oms.fulfilments.filling import AllPacked, TooHeavy, WrongArticle
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, RejectReason
from oms.fulfilments.open_parcels import Packaging
from oms.ordering import cancelling
from tests.builders import an_order, refused
from tests.oms.fulfilments.test_packing import in_boxes
from tests.oms.shop import Shop, fill, picking_begun, routed, trail


@pytest.fixture
def part(session: Session, shop: Shop) -> Fulfilment:
    """Two mugs and a lamp that are being picked, in a store with two kinds of boxes."""
    fill(session, shop)
    for code, length, most_g in (("BOX-S", 250, 2_000), ("BOX-M", 300, 5_000)):
        box = BoxType(
            location_id=shop.riverside.id,
            code=code,
            length_mm=length,
            width_mm=220,
            height_mm=110,
            tare_g=100,
            max_weight_g=most_g,
            stock=3,
        )
        boxes.set_box(session, box, actor="anna")
    [made] = routed(session, an_order(session, {"MUG": 2, "LAMP": 1}))
    return picking_begun(session, made)


def scan(session: Session, part: Fulfilment, *codes: str) -> None:
    for code in codes:
        filling.scan(session, part.id, code)


def test_each_unit_is_scanned_into_a_parcel_and_the_boxes_are_counted(
    session: Session, shop: Shop, part: Fulfilment
) -> None:
    filling.begin(session, part.id, actor="anna", version=part.version)
    filling.begin(session, part.id, actor="ben")  # repeated: the parcel that is open
    shown = packing_table.table(session, part)
    assert (
        shown.proposal == "BOX-M: 3 articles, 50 % full; BOX-S takes 2000 g, and this weighs 2700 g"
    )
    assert ([one.box for one in shown.parcels], shown.ready) == (["BOX-M"], False)
    scan(session, part, "lamp")
    filling.add_parcel(session, part.id, packaging=Packaging(box="BOX-S"))
    scan(session, part, "MUG", "mug")
    shown = packing_table.table(session, part)
    assert [(one.box, one.closed, one.weight_g) for one in shown.parcels] == [
        ("BOX-M", True, 2_100),
        ("BOX-S", False, 700),
    ]
    assert (shown.done, shown.units, shown.ready, shown.left) == (3, 3, True, ())
    filling.wrap(session, part.id, 1, Packaging(None, 280, 200, 105), weight_g=2_222)
    filling.finish(session, part.id, actor="anna", version=part.version)
    assert part.status is FulfilmentStatus.PACKED
    assert in_boxes(session, part) == [{"LAMP": 1}, {"MUG": 2}]
    assert [
        (one.box_code, one.weight_g, one.length_mm) for one in queries.parcels(session, part.id)
    ] == [(None, 2_222, 280), ("BOX-S", 700, 250)]
    assert [one.stock for one in boxes.of_location(session, shop.riverside.id)] == [2, 3]
    assert session.exec(select(OpenParcel)).all() == []
    assert trail(session, part.id)[-2:] == ["fulfilment.packing", "fulfilment.packed"]


def test_a_wrong_an_extra_and_a_heavy_unit_are_blocked_with_words(
    session: Session, part: Fulfilment
) -> None:
    filling.begin(session, part.id, actor="anna")
    with refused(session, WrongArticle, "wrong article: anvil is not in this shipment") as refusal:
        scan(session, part, "anvil")
    assert "put it back" in (refusal.error.remedy or "")
    with refused(session, WrongArticle, "no-such-code"):
        scan(session, part, "no-such-code")
    scan(session, part, "mug", "mug")
    with refused(session, AllPacked, "Mug: all 2 are in a parcel already"):
        scan(session, part, "mug")
    filling.wrap(session, part.id, 1, Packaging(box="BOX-S"))
    with refused(session, TooHeavy, "with Lamp the parcel weighs 2700 g, and BOX-S may weigh 2000"):
        scan(session, part, "lamp")
    assert open_parcels.left(session, part) == {"LAMP": 1, "MUG": 0}


def test_what_was_scanned_wrongly_is_taken_out_again(session: Session, part: Fulfilment) -> None:
    filling.begin(session, part.id, actor="anna")
    scan(session, part, "mug", "mug")
    filling.add_parcel(session, part.id)
    filling.take_out(session, part.id, 1, "MUG")
    assert [one.closed for one in open_parcels.of_shipment(session, part.id)] == [False, True]
    filling.reopen(session, part.id, 2)
    scan(session, part, "mug", "lamp")
    assert open_parcels.contents(session, open_parcels.of_shipment(session, part.id)) == {
        1: {"MUG": 1},
        2: {"MUG": 1, "LAMP": 1},
    }
    filling.remove(session, part.id, 2)
    assert [one.closed for one in open_parcels.of_shipment(session, part.id)] == [False]
    assert open_parcels.left(session, part) == {"LAMP": 1, "MUG": 1}
    with refused(session, NotFound, "parcel 1 holds no LAMP"):
        filling.take_out(session, part.id, 1, "LAMP")
    filling.take_out(session, part.id, 1, "MUG")
    assert session.exec(select(OpenParcelUnit)).all() == []


def test_nothing_is_packed_before_all_is_in_and_no_parcel_is_empty(
    session: Session, part: Fulfilment
) -> None:
    with refused(session, Conflict, "no parcel is open"):
        scan(session, part, "mug")
    filling.begin(session, part.id, actor="anna")
    with refused(session, Conflict, "there is an empty parcel"):
        filling.add_parcel(session, part.id)
    scan(session, part, "mug")
    with refused(session, Invalid, "not in a parcel yet: 1 LAMP, 1 MUG") as refusal:
        filling.finish(session, part.id, actor="anna")
    assert "give the shipment back" in (refusal.error.remedy or "")
    filling.add_parcel(session, part.id)
    scan(session, part, "mug", "lamp")
    with refused(session, Conflict, "everything is in a parcel already"):
        filling.add_parcel(session, part.id)
    filling.take_out(session, part.id, 1, "MUG")
    scan(session, part, "mug")
    with refused(session, StaleVersion):
        filling.finish(session, part.id, actor="anna", version=1)
    with refused(session, NotFound, "has no box 'BOX-X'"):
        filling.wrap(session, part.id, 1, Packaging(box="BOX-X"))
    with refused(session, Invalid, "three measures above zero"):
        filling.wrap(session, part.id, 1, Packaging(None, 10, 0, 10))


def test_only_a_shipment_in_hand_is_packed(session: Session, shop: Shop) -> None:
    fill(session, shop)
    [new] = routed(session, an_order(session, {"MUG": 1}))
    with refused(session, IllegalMove, "is allocated, so nothing is packed") as refusal:
        filling.begin(session, new.id, actor="anna")
    assert refusal.error.remedy == "start picking it first"
    [pickup] = routed(session, an_order(session, {"MUG": 1}, pickup_store="S01"))
    with refused(session, Conflict, "is a pickup"):
        filling.begin(session, pickup.id, actor="anna")


@pytest.mark.parametrize("how", ["rejected", "cancelled"])
def test_a_shipment_that_is_given_up_leaves_no_open_parcel(
    session: Session, part: Fulfilment, how: str
) -> None:
    filling.begin(session, part.id, actor="anna")
    scan(session, part, "mug")
    if how == "rejected":
        giving_back.reject(session, part.id, reason=RejectReason.TOO_BUSY, actor="anna")
    else:
        cancelling.cancel(session, part.order_id, actor="operator:olga", reason="test")
    assert session.exec(select(OpenParcel)).all() == []
    assert session.exec(select(OpenParcelUnit)).all() == []
