"""A carrier's day is closed once; late parcels come next; what it takes is shipped."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from oms import clock
from oms.errors import Conflict, NotFound
from oms.fulfilments import handing_over, manifests, packing, queries
from oms.fulfilments.manifest_models import Manifest
from oms.fulfilments.manifests import Due, Taken
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.fulfilments.packing import Box
from tests.builders import an_order, refused
from tests.oms.shop import Shop, a_label, fill, packed, routed, trail

MUG = Box(900, 200, 150, 100, {"MUG": 1})


def a_shipment(session: Session, *numbers: str, boxes: int = 1) -> Fulfilment:
    """A packed shipment of as many parcels, the first of which have these labels."""
    [part] = routed(session, an_order(session, {"MUG": boxes}))
    for parcel, number in zip(packed(session, part, [MUG] * boxes), numbers, strict=False):
        packing.attach_label(session, parcel.id, a_label(number), actor="carrier:simulated")
    return part


@pytest.fixture(autouse=True)
def _filled(session: Session, shop: Shop) -> None:
    fill(session, shop, units=9)


def close(session: Session, shop: Shop) -> Manifest:
    return manifests.close(session, shop.riverside.id, carrier="simulated", actor="anna")


def hand_over(session: Session, shop: Shop, manifest: Manifest) -> Taken:
    return manifests.hand_over(session, manifest.id, location_id=shop.riverside.id, actor="anna")


def test_a_manifest_lists_what_is_here_once_and_late_parcels_come_next(
    session: Session, shop: Shop
) -> None:
    first = a_shipment(session, "T1", "T2", boxes=2)
    a_shipment(session)  # without a label yet
    assert manifests.due(session, shop.riverside.id) == [Due("simulated", 2, 1_800)]
    manifest = close(session, shop)
    assert (manifest.parcels, manifest.weight_g, manifest.closed_by) == (2, 1_800, "anna")
    assert [(one.shipment, one.tracking_number) for one in manifests.listed(session, manifest)] == [
        (first.number, "T1"),
        (first.number, "T2"),
    ]
    with refused(session, Conflict, "no parcel to take that is on no manifest"):
        close(session, shop)
    late = a_shipment(session, "T3")
    following = close(session, shop)
    assert [one.shipment for one in manifests.listed(session, following)] == [late.number]
    assert [one.id for one in manifests.of_location(session, shop.riverside.id)] == [
        following.id,
        manifest.id,
    ]
    assert trail(session, manifest.id) == ["manifest.closed"]


def test_what_left_today_before_the_list_was_closed_is_still_on_it(
    session: Session, shop: Shop
) -> None:
    part = a_shipment(session, "T1")
    handing_over.to_carrier(session, part.id, actor="anna")
    with clock.at(clock.now() + timedelta(hours=25)):
        assert manifests.due(session, shop.riverside.id) == []
    assert close(session, shop).parcels == 1


def test_handing_a_manifest_over_ships_what_is_whole(session: Session, shop: Shop) -> None:
    whole, split = a_shipment(session, "T1"), a_shipment(session, "T2", boxes=2)
    manifest = close(session, shop)
    taken = hand_over(session, shop, manifest)
    assert taken == Taken((whole.number or 0,), (split.number or 0,))
    assert (whole.status, split.status) == (FulfilmentStatus.HANDED_OVER, FulfilmentStatus.PACKED)
    left_at = [one.handed_over_at for one in queries.parcels(session, split.id)]
    assert (left_at[0] is not None, left_at[1]) == (True, None)
    with refused(session, Conflict, "has been handed over"):
        hand_over(session, shop, manifest)
    _, second = queries.parcels(session, split.id)
    packing.attach_label(session, second.id, a_label("T3"), actor="carrier:simulated")
    assert hand_over(session, shop, close(session, shop)) == Taken((split.number or 0,), ())
    assert queries.parcels(session, split.id)[0].handed_over_at == left_at[0]


def test_a_scanned_label_is_taken_and_its_shipment_goes_with_the_last(
    session: Session, shop: Shop
) -> None:
    part = a_shipment(session, "T1", "T2", boxes=2)
    at = {"location_id": shop.riverside.id, "actor": "anna"}
    number = part.number or 0
    assert manifests.take(session, " T1 ", **at) == Taken((), (number,))  # type: ignore[arg-type]
    assert manifests.take(session, "T1", **at) == Taken((), (number,))  # type: ignore[arg-type]
    assert manifests.take(session, "T2", **at) == Taken((number,), ())  # type: ignore[arg-type]
    assert manifests.take(session, "T2", **at) == Taken((), ())  # type: ignore[arg-type]
    for shown in ("T9", ""):
        with refused(session, NotFound, "leaves from here"):
            manifests.take(session, shown, **at)  # type: ignore[arg-type]
    with refused(session, NotFound):
        manifests.take(session, "T1", location_id=shop.harbour.id, actor="anna")


def test_another_location_s_manifest_is_not_found(session: Session, shop: Shop) -> None:
    a_shipment(session, "T1")
    manifest = close(session, shop)
    with refused(session, NotFound, "in this location"):
        manifests.hand_over(session, manifest.id, location_id=shop.harbour.id, actor="anna")
