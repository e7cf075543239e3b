"""Labels printed again, given back and bought again; nothing leaves without one."""

import pytest
from sqlmodel import Session

from oms.errors import Conflict, Invalid
from oms.fulfilments import (
    handing_over,
    manifests,
    packing,
    parcels,
    queries,
    relabelling,
    scanning,
)
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel, ParcelStatus
from oms.fulfilments.relabelling import Measured
from oms.fulfilments.scanning import CarrierScan
from oms.ordering import cancelling
from tests.builders import an_order, later, refused
from tests.oms.fulfilments.test_packing import in_boxes
from tests.oms.shop import Shop, a_label, fill, packed, routed, told, trail


@pytest.fixture
def part(session: Session, shop: Shop) -> Fulfilment:
    """Two mugs in a labelled parcel."""
    fill(session, shop)
    [made] = routed(session, an_order(session, {"MUG": 2}))
    [parcel] = packed(session, made)
    packing.attach_label(session, parcel.id, a_label("T1"), actor="carrier:simulated")
    return made


def both(session: Session, part: Fulfilment) -> tuple[Parcel, Parcel]:
    first, second = queries.parcels(session, part.id)
    return first, second


def given_back(session: Session, part: Fulfilment) -> Parcel:
    [parcel] = queries.parcels(session, part.id)
    return relabelling.give_back(session, parcel.id, why="wrong weight", actor="anna")


def test_a_label_is_printed_again_and_each_time_is_noted(
    session: Session, part: Fulfilment
) -> None:
    [parcel] = queries.parcels(session, part.id)
    for kind, content in (("pdf", b"%PDF"), ("zpl", b"^XA^XZ"), ("pdf", b"%PDF")):
        got = relabelling.fetched(session, part, parcel.id, label_format=kind, actor="anna")
        assert got == content
    assert parcel.prints == 3
    assert trail(session, parcel.id)[-3:] == [
        "parcel.label_printed",
        "parcel.label_reprinted",
        "parcel.label_reprinted",
    ]


def test_a_label_is_given_back_and_another_bought_for_the_parcel_in_its_place(
    session: Session, part: Fulfilment
) -> None:
    version = part.version
    instead = given_back(session, part)
    old, new = both(session, part)
    assert (new.id, part.version, part.status) == (
        instead.id,
        version + 1,
        FulfilmentStatus.PACKED,
    )
    assert (old.status, old.void_owed) == (ParcelStatus.VOIDED, True)
    assert (new.status, new.number, new.replaces) == (ParcelStatus.PACKED, 2, 1)
    assert in_boxes(session, part) == [{"MUG": 2}, {"MUG": 2}]
    assert [one.parcel.id for one in parcels.to_void(session, part.id)] == [old.id]
    assert parcels.to_label(session, part.id) == []  # nobody wants another yet
    with refused(session, Conflict, "parcel 2 of fulfilment .* has no label yet"):
        handing_over.to_carrier(session, part.id, actor="anna")
    parcels.void_pending(session, old.id)
    measured = Measured(1_234, 300, 200, 100)
    relabelling.buy_again(session, new.id, measured=measured, actor="anna")
    assert [one.parcel.id for one in parcels.to_label(session, part.id)] == [new.id]
    assert (new.weight_g, new.length_mm) == (1_234, 300)
    assert told(session, part.id)[-2:] == ["parcel.label_given_back", "parcel.label_wanted"]
    packing.attach_label(session, new.id, a_label("T2"), actor="carrier:simulated")
    handing_over.to_carrier(session, part.id, actor="anna")
    assert (old.handed_over_at, new.handed_over_at is not None) == (None, True)
    arrived = [CarrierScan("s1", "delivered", later(hours=1))]
    scanning.add_scans(session, new.id, arrived, actor="carrier:simulated")
    assert part.status is FulfilmentStatus.DELIVERED  # the void one is not waited for


def test_what_cannot_be_given_back_or_bought_again_is_refused(
    session: Session, shop: Shop, part: Fulfilment
) -> None:
    [parcel] = queries.parcels(session, part.id)
    with refused(session, Conflict, "is labelled and needs no other label"):
        relabelling.buy_again(session, parcel.id, actor="anna")
    new = given_back(session, part)
    with refused(session, Conflict, "parcel 2 has no label to give back: it is packed"):
        relabelling.give_back(session, new.id, why="again", actor="anna")
    with refused(session, Conflict, "has no label to give back: it is voided"):
        relabelling.give_back(session, parcel.id, why="again", actor="anna")
    with refused(session, Invalid, "above zero"):
        relabelling.buy_again(session, new.id, measured=Measured(0, 1, 1, 1), actor="anna")
    relabelling.buy_again(session, new.id, actor="anna")
    with refused(session, Conflict, "needs no other label"):
        relabelling.buy_again(session, new.id, actor="anna")
    packing.attach_label(session, new.id, a_label("T2"), actor="carrier:simulated")
    manifests.close(session, shop.riverside.id, carrier="simulated", actor="anna")
    with refused(session, Conflict, "is on a manifest"):
        relabelling.give_back(session, new.id, why="late", actor="anna")
    handing_over.to_carrier(session, part.id, actor="anna")
    with refused(session, Conflict, "is handed_over, so its labels stay"):
        relabelling.give_back(session, new.id, why="late", actor="anna")


def test_a_shipment_with_a_label_given_back_can_still_be_called_off(
    session: Session, part: Fulfilment
) -> None:
    new = given_back(session, part)
    cancelling.cancel(session, part.order_id, actor="operator:olga", reason="test")
    old, _ = both(session, part)
    assert (new.status, new.void_owed, old.void_owed) == (ParcelStatus.VOIDED, False, True)
    assert part.status is FulfilmentStatus.CANCELLED
