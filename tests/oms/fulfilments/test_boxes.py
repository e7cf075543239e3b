"""Which box is proposed, and why; no arrangement is believed that is none."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from oms.errors import Invalid, NotFound
from oms.fulfilments import boxes
from oms.fulfilments.box_models import BoxType
from oms.fulfilments.fitting import Goods, Placed, Room, most, obstacle, stands
from oms.fulfilments.planning_boxes import BoxPlan, plan
from tests.builders import refused
from tests.oms.shop import Shop, trail

SMALL = Room("BOX-S", 200, 150, 100, 60, 5_000)
MIDDLE = Room("BOX-M", 300, 220, 180, 120, 12_000)
LARGE = Room("BOX-L", 500, 350, 300, 250, 25_000)
ALL = (SMALL, MIDDLE, LARGE)


def goods(sku: str, quantity: int, *sides: int, weight_g: int = 300) -> Goods:
    return Goods(sku, sku.title(), quantity, weight_g, *sides)


MUG = goods("MUG", 2, 120, 100, 100)
UMBRELLA = goods("UMBRELLA", 1, 480, 60, 60)
LAMP = goods("LAMP", 3, 300, 300, 280, weight_g=4_000)
RUG = goods("RUG", 1, 1_500, 200, 200)


def planned(*wanted: Goods, rooms: tuple[Room, ...] = ALL, divisor: int = 5_000) -> BoxPlan:
    return plan(wanted, rooms, divisor=divisor)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ((MUG,), "BOX-S: 2 articles, 80 % full"),
        (
            (MUG, UMBRELLA),
            "BOX-L: 3 articles, 8 % full; BOX-S too short for UMBRELLA;"
            " BOX-M too short for UMBRELLA",
        ),
        (
            (goods("TRAY", 1, 190, 160, 90),),
            "BOX-M: 1 article, 24 % full; BOX-S too narrow for TRAY",
        ),
        (
            (goods("ANVIL", 1, 90, 90, 90, weight_g=11_000),),
            "BOX-M: 1 article, 7 % full; BOX-S takes 5000 g, and this weighs 11060 g",
        ),
        (
            (replace(MUG, quantity=4),),
            "BOX-M: 4 articles, 41 % full; BOX-S too small: they fill 160 % of it",
        ),
        (
            (goods("PLATE", 2, 120, 120, 100),),
            "BOX-M: 2 articles, 25 % full; BOX-S does not hold them side by side",
        ),
    ],
)
def test_the_smallest_box_that_holds_everything_is_proposed_in_words(
    wanted: tuple[Goods, ...], words: str
) -> None:
    assert planned(*wanted).words == words


def test_a_flat_box_is_taken_where_a_carrier_bills_less_for_it() -> None:
    flat = Room("FLAT", 400, 300, 20, 30, 5_000)
    poster = goods("POSTER", 1, 390, 290, 10, weight_g=100)
    assert planned(poster, rooms=(*ALL, flat)).parcels[0].box == "FLAT"
    light = Room("LIGHT", 320, 240, 200, 60, 12_000)
    heavy = goods("ANVIL", 1, 90, 90, 90, weight_g=11_000)
    # The larger box weighs less, and no carrier bills its room: 15 dm³ are under 11 kg.
    assert planned(heavy, rooms=(*ALL, light)).parcels[0].box == "LIGHT"
    assert planned(heavy, rooms=(*ALL, light), divisor=1_000).parcels[0].box == "BOX-M"


def test_several_parcels_where_no_box_holds_it_all() -> None:
    found = planned(LAMP, replace(MUG, quantity=3))
    assert found.words.startswith("3 parcels, as BOX-L too small: they fill 151 % of it: BOX-L: ")
    assert [parcel.box for parcel in found.parcels] == ["BOX-L"] * 3
    assert sum((Counter(parcel.units_of()) for parcel in found.parcels), Counter()) == {
        "LAMP": 3,
        "MUG": 3,
    }
    assert [parcel.weight_g for parcel in found.parcels] == [5_150, 4_250, 4_250]


def test_what_fits_no_box_leaves_in_its_own_packaging() -> None:
    found = planned(RUG, MUG)
    assert [(one.box, one.contents) for one in found.parcels] == [
        ("BOX-S", (("MUG", 2),)),
        (None, (("RUG", 1),)),
    ]
    assert found.words.endswith("no box of the list: 1 article (RUG)")
    own = found.parcels[1]
    assert (own.length_mm, own.width_mm, own.height_mm, own.weight_g) == (1_500, 200, 200, 420)


def test_without_a_list_everything_is_one_parcel_around_its_articles() -> None:
    found = planned(MUG, LAMP, rooms=())
    [parcel] = found.parcels
    assert (parcel.length_mm, parcel.width_mm, parcel.height_mm) == (300, 300, 200 + 840)
    assert found.words == "5 articles: this location has no list of boxes"


@pytest.mark.parametrize(
    ("one", "room", "units"),
    [
        (goods("CUBE", 10, 2, 2, 2, weight_g=1), Room("B", 4, 4, 4, 0, 10), 8),
        (goods("BRICK", 30, 65, 66, 83, weight_g=19), Room("B", 200, 200, 300, 0, 9_999), 27),
        (goods("BAR", 3, 40, 30, 30, weight_g=1), Room("B", 90, 40, 30, 0, 10), 3),
        (goods("LEAD", 9, 2, 2, 2, weight_g=3), Room("B", 9, 9, 9, 1, 10), 3),
    ],
)
def test_as_many_go_in_as_can(one: Goods, room: Room, units: int) -> None:
    """The second and third are cases that another library was known to fail."""
    assert most((one,), room) == {one.sku: units}


def test_many_units_are_packed_by_their_room_alone() -> None:
    coins = goods("COIN", 1_000, 20, 20, 2, weight_g=5)
    assert obstacle((coins,), LARGE) == ""
    assert obstacle((replace(coins, quantity=3_200),), SMALL) == (
        "takes 5000 g, and this weighs 16060 g"
    )
    full = replace(coins, quantity=3_000, weight_g=1)
    assert obstacle((full,), SMALL) == "too full at 80 % for 3000 units"
    assert most((full,), SMALL) == {"COIN": 2_812}


@pytest.mark.parametrize(
    ("placed", "sound"),
    [
        (
            [Placed("MUG", (0, 0, 0), (120, 100, 100)), Placed("MUG", (0, 100, 0), (120, 50, 100))],
            0,
        ),
        (
            [
                Placed("MUG", (0, 0, 0), (100, 120, 100)),
                Placed("MUG", (100, 0, 0), (100, 120, 100)),
            ],
            1,
        ),
        (
            [Placed("MUG", (0, 0, 0), (100, 120, 100)), Placed("MUG", (99, 0, 0), (100, 120, 100))],
            0,
        ),
        ([Placed("MUG", (101, 0, 0), (100, 120, 100))], 0),
        ([Placed("MUG", (-1, 0, 0), (100, 120, 100))], 0),
        ([Placed("LAMP", (0, 0, 0), (100, 120, 100))], 0),
        ([Placed("MUG", (0, 0, 0), (100, 120, 100))] * 3, 0),
    ],
)
def test_an_arrangement_is_checked_and_not_believed(placed: list[Placed], sound: int) -> None:
    assert stands(placed, [MUG], SMALL) is bool(sound)
    assert not stands(placed, [replace(MUG, weight_g=5_000)], SMALL)


SIDES = st.integers(20, 260)
NAMELESS = st.just("")
ARTICLE = st.builds(
    Goods, NAMELESS, NAMELESS, st.integers(1, 3), st.integers(50, 6_000), SIDES, SIDES, SIDES
)
WANTED = st.lists(ARTICLE, min_size=1, max_size=3)


@settings(max_examples=25, deadline=None)
@given(WANTED)
def test_every_unit_is_in_one_parcel_that_can_carry_it(drawn: list[Goods]) -> None:
    wanted = tuple(replace(one, sku=f"A{at}") for at, one in enumerate(drawn))
    found = planned(*wanted)
    packed = sum((Counter(parcel.units_of()) for parcel in found.parcels), Counter())
    assert packed == {one.sku: one.quantity for one in wanted}
    for parcel in found.parcels:
        if parcel.box is not None:
            room = next(room for room in ALL if room.code == parcel.box)
            inside = tuple(
                replace(one, quantity=units)
                for one in wanted
                if (units := parcel.units_of().get(one.sku))
            )
            assert obstacle(inside, room) == ""
            assert parcel.weight_g <= room.max_weight_g
        else:
            assert any(obstacle((replace(one, quantity=1),), LARGE) for one in wanted)


def a_box(shop: Shop, code: str = "BOX-S", **changes: int | None) -> BoxType:
    given = {"length_mm": 200, "width_mm": 150, "height_mm": 100, "tare_g": 60}
    columns = given | {"max_weight_g": 5_000, "stock": None} | changes
    return BoxType(location_id=shop.riverside.id, code=code, **columns)  # type: ignore[arg-type]


def test_a_location_keeps_its_own_list(session: Session, shop: Shop) -> None:
    boxes.set_box(session, a_box(shop), actor="anna")
    boxes.set_box(session, a_box(shop, "BOX-M", length_mm=300, stock=0), actor="anna")
    boxes.set_box(session, a_box(shop, tare_g=70, stock=5), actor="anna")
    listed = boxes.of_location(session, shop.riverside.id)
    assert [(one.code, one.tare_g, one.stock) for one in listed] == [
        ("BOX-S", 70, 5),
        ("BOX-M", 60, 0),
    ]
    assert [room.code for room in boxes.rooms(session, shop.riverside.id)] == ["BOX-S"]
    assert boxes.of_location(session, shop.harbour.id) == []
    boxes.used_up(session, shop.riverside.id, {"BOX-S": 7, "BOX-M": 1, "GONE": 1})
    assert boxes.find(session, shop.riverside.id, "BOX-S").stock == 0
    boxes.remove(session, shop.riverside.id, "BOX-M", actor="anna")
    assert trail(session, shop.riverside.id) == ["box.set"] * 3 + ["box.removed"]


def test_a_box_that_cannot_be_is_refused_by_field(session: Session, shop: Shop) -> None:
    with refused(session, Invalid, "weighs 60 g empty") as refusal:
        boxes.set_box(session, a_box(shop, max_weight_g=60), actor="anna")
    assert refusal.error.field == "max_weight_g"
    with refused(session, NotFound, "has no box 'BOX-X'"):
        boxes.find(session, shop.riverside.id, "BOX-X")
