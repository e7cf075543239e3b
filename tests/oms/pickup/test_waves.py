"""A wave: several pickups in one walk, each unit into the tote that needs it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from oms import clock
from oms.errors import Conflict, IllegalMove, Invalid, NotFound
from oms.fulfilments import queries as fulfilments
from oms.inventory import bins
from oms.inventory.bins import Bin
from oms.pickup import preparing, queue, waves
from oms.pickup.claiming import Claimed
from oms.pickup.models import Pickup, PickupStatus
from oms.pickup.waves import ScanOutcome, Wave
from tests.builders import an_order, refused
from tests.oms.shop import Shop, fill, routed, the_pickup


def a_pickup(session: Session, wanted: dict[str, int], **options: object) -> Pickup:
    order = an_order(session, wanted, pickup_store="S01", **options)
    [part] = routed(session, order)
    return the_pickup(session, part)


@pytest.fixture
def pickups(session: Session, shop: Shop) -> list[Pickup]:
    """A mug and a lamp, and two mugs; lamps lie before mugs, anvils are nowhere known."""
    fill(session, shop)
    for sku, place in (("MUG", Bin("Kitchen", "7", "7-2")), ("LAMP", Bin("Home", "12", "1"))):
        bins.set_bins(session, location_id=shop.riverside.id, sku=sku, places=[place], actor="anna")
    return [a_pickup(session, {"MUG": 1, "LAMP": 1}), a_pickup(session, {"MUG": 2})]


def begun(session: Session, shop: Shop, pickups: list[Pickup]) -> UUID:
    return waves.take(
        session,
        location_id=shop.riverside.id,
        pickup_ids=[one.id for one in pickups],
        actor="anna",
    ).id


def scan(session: Session, shop: Shop, wave_id: UUID, code: str, actor: str = "anna") -> object:
    found = waves.scan(session, wave_id, code, actor=actor, location_id=shop.riverside.id)
    return (found.outcome.value, found.sku, found.tote, found.picked, found.quantity)


def shown(session: Session, shop: Shop, wave_id: UUID) -> Wave:
    return waves.shown(session, wave_id, location_id=shop.riverside.id)


def test_a_wave_is_sorted_by_zone_aisle_and_bin(
    session: Session, shop: Shop, pickups: list[Pickup]
) -> None:
    wave = shown(session, shop, begun(session, shop, pickups))
    assert [(stop.sku, stop.bin and stop.bin.name, stop.quantity) for stop in wave.stops] == [
        ("LAMP", "Home · 12 · 1", 1),
        ("MUG", "Kitchen · 7 · 7-2", 3),
    ]
    assert [(one.tote, one.quantity, one.picked) for one in wave.stops[1].shares] == [
        (1, 1, 0),
        (2, 2, 0),
    ]
    assert [tote.pickup_id for tote in wave.totes] == [one.id for one in pickups]
    steps = {item.step for item in queue.queue(session, location_id=shop.riverside.id)}
    assert steps == {"picking"}


def test_each_scan_goes_into_the_first_tote_that_needs_it(
    session: Session, shop: Shop, pickups: list[Pickup]
) -> None:
    wave_id = begun(session, shop, pickups)
    assert [scan(session, shop, wave_id, "mug") for _ in range(3)] == [
        ("assigned", "MUG", 1, 1, 3),
        ("assigned", "MUG", 2, 2, 3),
        ("assigned", "MUG", 2, 3, 3),
    ]
    assert scan(session, shop, wave_id, "mug") == ("complete", "MUG", None, 3, 3)
    assert scan(session, shop, wave_id, "LAMP") == ("assigned", "LAMP", 1, 1, 1)
    assert (shown(session, shop, wave_id).picked, shown(session, shop, wave_id).quantity) == (4, 4)


@pytest.mark.parametrize(("code", "sku"), [("anvil", "ANVIL"), ("4006381333931", None)])
def test_what_the_wave_does_not_want_is_wrong_and_counts_nothing(
    session: Session, shop: Shop, pickups: list[Pickup], code: str, sku: str | None
) -> None:
    wave_id = begun(session, shop, pickups)
    assert scan(session, shop, wave_id, code) == (ScanOutcome.WRONG.value, sku, None, 0, 0)
    assert shown(session, shop, wave_id).picked == 0


def test_a_scan_by_mistake_is_taken_back(
    session: Session, shop: Shop, pickups: list[Pickup]
) -> None:
    wave_id = begun(session, shop, pickups)
    scan(session, shop, wave_id, "mug")
    facts = {"sku": "MUG", "actor": "anna", "location_id": shop.riverside.id}
    waves.take_out(session, wave_id, pickup_id=pickups[0].id, **facts)  # type: ignore[arg-type]
    assert shown(session, shop, wave_id).picked == 0
    with refused(session, Conflict) as found:
        waves.take_out(session, wave_id, pickup_id=pickups[0].id, **facts)  # type: ignore[arg-type]
    assert found.error.field == "sku"
    with refused(session, NotFound) as found:
        waves.take_out(session, wave_id, pickup_id=uuid4(), **facts)  # type: ignore[arg-type]
    assert found.error.field == "pickup_id"


def test_what_was_scanned_is_all_that_ready_needs(
    session: Session, shop: Shop, pickups: list[Pickup]
) -> None:
    wave_id = begun(session, shop, pickups)
    scan(session, shop, wave_id, "mug")
    with refused(session, Invalid, match="LAMP: 0 of 1 picked"):
        preparing.mark_ready(session, pickups[0].id, shelf="A1", actor="anna")
    scan(session, shop, wave_id, "lamp")
    preparing.mark_ready(session, pickups[0].id, shelf="A1", actor="anna")
    assert pickups[0].status is PickupStatus.READY
    assert [tote.tote for tote in shown(session, shop, wave_id).totes] == [2]
    for _ in range(2):
        assert scan(session, shop, wave_id, "mug")
    preparing.mark_ready(session, pickups[1].id, shelf="A1", actor="anna")
    assert (shown(session, shop, wave_id).totes, shown(session, shop, wave_id).stops) == ((), ())
    assert waves.open_waves(session, location_id=shop.riverside.id) == []
    assert scan(session, shop, wave_id, "mug") == ("wrong", "MUG", None, 0, 0)


def test_scanning_renews_the_lease_and_whoever_lost_it_is_told(
    session: Session, shop: Shop, pickups: list[Pickup]
) -> None:
    now = clock.now()
    with clock.at(now):
        wave_id = begun(session, shop, pickups)
    with clock.at(now + timedelta(minutes=15)):
        scan(session, shop, wave_id, "mug")
        assert pickups[0].claimed_until == now + timedelta(minutes=35)
        preparing.take_over(session, pickups[0].id, actor="ben")
        with refused(session, Claimed):
            scan(session, shop, wave_id, "lamp")
        assert scan(session, shop, wave_id, "lamp", actor="ben") == ("assigned", "LAMP", 1, 1, 1)


def test_the_most_urgent_are_taken_and_nobody_takes_them_twice(
    session: Session, shop: Shop, pickups: list[Pickup]
) -> None:
    place = shop.riverside.id
    first = waves.take_next(session, location_id=place, most=1, actor="anna")
    assert [one.pickup_id for one in shown(session, shop, first.id).totes] == [pickups[0].id]
    with refused(session, IllegalMove):
        begun(session, shop, pickups)
    second = waves.take_next(session, location_id=place, most=10, actor="ben")
    assert [one.pickup_id for one in shown(session, shop, second.id).totes] == [pickups[1].id]
    with refused(session, Conflict) as found:
        waves.take_next(session, location_id=place, most=10, actor="ben")
    assert found.error.field == "most"
    assert [one.number for one in waves.open_waves(session, location_id=place)] == [
        first.number,
        second.number,
    ]


def test_a_wave_of_none_of_too_many_or_of_another_store_is_refused(
    session: Session, shop: Shop, pickups: list[Pickup]
) -> None:
    for wanted in ([], [pickups[0].id] * 2, [uuid4() for _ in range(11)]):
        with refused(session, Invalid) as found:
            waves.take(session, location_id=shop.riverside.id, pickup_ids=wanted, actor="anna")
        assert found.error.field == "pickup_ids"
    with refused(session, NotFound):
        waves.take(session, location_id=shop.harbour.id, pickup_ids=[pickups[0].id], actor="anna")
    wave_id = begun(session, shop, pickups)
    with refused(session, NotFound) as found:
        waves.scan(session, wave_id, "mug", actor="anna", location_id=shop.harbour.id)
    assert found.error.field == "wave_id"


def test_what_is_scanned_is_kept_on_the_order_s_own_line(session: Session, shop: Shop) -> None:
    fill(session, shop)
    pickup = a_pickup(session, {"MUG": 2})
    wave_id = begun(session, shop, [pickup])
    scan(session, shop, wave_id, "mug")
    [line] = fulfilments.lines(session, pickup.fulfilment_id)
    assert (line.picked, line.quantity) == (1, 2)
