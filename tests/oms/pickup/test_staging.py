"""Packages on shelves: scanned, cold enough, and all of them before the customer is told."""

import pytest
from sqlmodel import Session, select

from oms.errors import Conflict, Invalid, NotFound
from oms.notifications.models import Notice
from oms.pickup import finding, preparing, shelves, staging
from oms.pickup.claiming import Claimed
from oms.pickup.models import Pickup, PickupStatus
from oms.pickup.staging_models import PickupPackage, Temperature
from tests.builders import an_order, refused
from tests.oms.shop import Shop, collected, fill, routed, the_pickup, trail

PICKED = {"MUG": 2}


@pytest.fixture
def pickup(session: Session, shop: Shop) -> Pickup:
    """Two mugs, being picked by anna."""
    fill(session, shop)
    return being_picked(session)


def being_picked(session: Session) -> Pickup:
    [part] = routed(session, an_order(session, {"MUG": 2}, pickup_store="S01"))
    return preparing.start(session, the_pickup(session, part).id, actor="anna")


def lying(session: Session, pickup: Pickup) -> list[tuple[int, str, str]]:
    there = staging.packages(session, [pickup.id]).get(pickup.id, ())
    return [(one.number, one.code, one.shelf) for one in there]


def test_ready_comes_when_every_package_is_on_a_shelf(session: Session, pickup: Pickup) -> None:
    label = staging.pack(session, pickup.id, actor="anna").code
    staging.pack(session, pickup.id, code=" tote-7 ", actor="anna")
    with refused(session, Invalid, match=f"not on a shelf yet: {label}, TOTE-7"):
        preparing.mark_ready(session, pickup.id, picked=PICKED, actor="anna")
    staging.put(session, pickup.id, 1, shelf="A1", actor="anna")
    with refused(session, Invalid, match="not on a shelf yet: TOTE-7"):
        preparing.mark_ready(session, pickup.id, picked=PICKED, actor="anna")
    staging.put(session, pickup.id, 2, shelf="C3", actor="anna")
    assert session.exec(select(Notice)).all() == []
    preparing.mark_ready(session, pickup.id, picked=PICKED, actor="anna")
    assert (pickup.status, pickup.shelf) == (PickupStatus.READY, "A1, C3")
    assert len(session.exec(select(Notice)).all()) == 1
    assert trail(session, pickup.id)[2:] == [
        "pickup.packed",
        "pickup.packed",
        "pickup.staged",
        "pickup.staged",
        "pickup.ready",
    ]


def test_one_shelf_for_all_is_one_package_and_needs_no_more(
    session: Session, pickup: Pickup
) -> None:
    with refused(session, Invalid) as found:
        preparing.mark_ready(session, pickup.id, picked=PICKED, actor="anna")
    assert found.error.field == "shelf"
    preparing.mark_ready(session, pickup.id, picked=PICKED, shelf="b 4", actor="anna")
    assert [(number, shelf) for number, _, shelf in lying(session, pickup)] == [(1, "b 4")]


def test_a_store_with_named_shelves_takes_no_others_and_only_cold_enough_ones(
    session: Session, shop: Shop, pickup: Pickup
) -> None:
    wanted = {"a1": Temperature.AMBIENT, "F1": Temperature.FROZEN}
    shelves.set_shelves(session, shop.riverside, wanted, actor="olga")
    staging.pack(session, pickup.id, temperature=Temperature.FROZEN, actor="anna")
    for shelf, error, match in (
        ("Z9", NotFound, "no shelf Z9 here"),
        ("A1", Conflict, "shelf A1 is ambient, and the package must lie frozen"),
        ("  ", Invalid, "no shelf given"),
    ):
        with refused(session, error, match=match) as found:
            staging.put(session, pickup.id, 1, shelf=shelf, actor="anna")
        assert found.error.field == "shelf"
    staging.put(session, pickup.id, 1, shelf="f1", actor="anna")
    assert [shelf for _, _, shelf in lying(session, pickup)] == ["F1"]
    with refused(session, Conflict, match="something lies on shelf F1"):
        shelves.set_shelves(session, shop.riverside, {"A1": Temperature.AMBIENT}, actor="olga")
    with refused(session, Invalid):
        twice = dict.fromkeys(("A1", "a1"), Temperature.AMBIENT)
        shelves.set_shelves(session, shop.riverside, twice, actor="olga")
    shelves.set_shelves(session, shop.riverside, {}, actor="olga")
    staging.put(session, pickup.id, 1, shelf="by the door", actor="anna")
    assert [shelf for _, _, shelf in lying(session, pickup)] == ["by the door"]


def test_goods_put_straight_on_a_cold_shelf_are_a_cold_package(
    session: Session, shop: Shop, pickup: Pickup
) -> None:
    shelves.set_shelves(session, shop.riverside, {"F1": Temperature.FROZEN}, actor="olga")
    preparing.mark_ready(session, pickup.id, picked=PICKED, shelf="F1", actor="anna")
    [package] = staging.packages(session, [pickup.id])[pickup.id]
    assert package.temperature is Temperature.FROZEN


def test_a_tote_is_one_package_until_its_pickup_is_over(session: Session, pickup: Pickup) -> None:
    other = being_picked(session)
    staging.pack(session, pickup.id, code="TOTE-7", actor="anna")
    for one in (pickup, other):
        with refused(session, Conflict) as found:
            staging.pack(session, one.id, code="tote-7", actor="anna")
        assert found.error.field == "code"
    preparing.mark_ready(session, pickup.id, picked=PICKED, shelf="A1", actor="anna")
    collected(session, pickup)
    session.expire_all()
    staging.pack(session, other.id, code="tote-7", actor="anna")
    assert [one.gone for one in session.exec(select(PickupPackage)).all()] == [True, False]


def test_a_package_leads_to_its_pickup(session: Session, shop: Shop, pickup: Pickup) -> None:
    code = staging.pack(session, pickup.id, actor="anna").code
    [found] = finding.find(session, code.lower(), location_id=shop.riverside.id)
    assert found.pickup_id == pickup.id
    assert finding.find(session, code, location_id=shop.harbour.id) == []


def test_a_package_may_be_moved_after_it_was_ready_and_opened_again_before(
    session: Session, pickup: Pickup
) -> None:
    staging.pack(session, pickup.id, actor="anna")
    staging.unpack(session, pickup.id, 1, actor="anna")
    assert lying(session, pickup) == []
    with refused(session, NotFound) as found:
        staging.put(session, pickup.id, 1, shelf="A1", actor="anna")
    assert found.error.field == "number"
    preparing.mark_ready(session, pickup.id, picked=PICKED, shelf="A1", actor="anna")
    staging.put(session, pickup.id, 1, shelf="B2", actor="ben")
    assert pickup.shelf == "B2"
    with refused(session, Conflict) as found:
        staging.pack(session, pickup.id, actor="anna")
    assert found.error.field == "status"


def test_only_who_picks_it_packs_it(session: Session, pickup: Pickup) -> None:
    with refused(session, Claimed):
        staging.pack(session, pickup.id, actor="ben")
