"""Choose boxes for articles: one if one holds them all, else few; and say why in words.

Of the boxes that hold everything the one is taken that a carrier bills least for, of equals the
smallest. Where none does, the box that takes most of it is filled first, and what is left is looked
at again; each parcel then moves into the box that its own articles need.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from oms.fulfilments.fitting import Goods, Room, most, obstacle, percent_full, weight_of

PADDING_G: Final = 120
"""What packaging weighs that is on no list."""
_MOST_OBSTACLES: Final = 4
_MOST_TRIED: Final = 4
"""Of the boxes, the roomiest ones, that are tried for each of several parcels."""


@dataclass(frozen=True, slots=True)
class PlannedParcel:
    """A parcel as it is proposed. `box` is None where no box of the list holds its articles."""

    box: str | None
    contents: tuple[tuple[str, int], ...]
    """Units by SKU."""
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    max_weight_g: int | None
    full_percent: int | None
    why: str

    def units_of(self) -> Mapping[str, int]:
        """Units by SKU."""
        return dict(self.contents)


@dataclass(frozen=True, slots=True)
class BoxPlan:
    """What is proposed for a shipment; `words` tell a person why."""

    parcels: tuple[PlannedParcel, ...]
    words: str


@lru_cache(maxsize=1_024)
def plan(goods: tuple[Goods, ...], rooms: tuple[Room, ...], *, divisor: int) -> BoxPlan:
    """Propose boxes for these articles. `divisor` is the carrier's, in mm³ to the gram."""
    if not rooms:
        bare = _own_packaging(goods)
        return BoxPlan((bare,), f"{_articles(goods)}: this location has no list of boxes")
    ordered = sorted(rooms, key=lambda room: (_billed_g(goods, room, divisor), room.room_mm3))
    one = _smallest(goods, ordered)
    if one is not None:
        return BoxPlan((one,), one.why)
    parcels = tuple(_several(goods, rooms, divisor=divisor))
    if len(parcels) == 1:
        return BoxPlan(parcels, parcels[0].why)
    reason = _obstacles(goods, sorted(rooms, key=lambda room: -room.room_mm3)[:1])
    told = " · ".join(parcel.why for parcel in parcels)
    return BoxPlan(parcels, f"{len(parcels)} parcels, as {reason}: {told}")


def _smallest(goods: tuple[Goods, ...], ordered: Sequence[Room]) -> PlannedParcel | None:
    """The first box of a sequence that holds everything, and what speaks against smaller ones."""
    for at, room in enumerate(ordered):
        if obstacle(goods, room):
            continue
        planned = _planned(goods, room)
        smaller = [other for other in ordered[:at] if other.room_mm3 < room.room_mm3]
        if against := _obstacles(goods, smaller):
            planned = replace(planned, why=f"{planned.why}; {against}")
        return planned
    return None


def _planned(goods: tuple[Goods, ...], room: Room) -> PlannedParcel:
    full = percent_full(goods, room.room_mm3)
    return PlannedParcel(
        box=room.code,
        contents=_units(goods),
        weight_g=room.tare_g + weight_of(goods),
        length_mm=room.length_mm,
        width_mm=room.width_mm,
        height_mm=room.height_mm,
        tare_g=room.tare_g,
        max_weight_g=room.max_weight_g,
        full_percent=full,
        why=f"{room.code}: {_articles(goods)}, {full} % full",
    )


def _several(
    goods: tuple[Goods, ...], rooms: Sequence[Room], *, divisor: int
) -> Sequence[PlannedParcel]:
    roomiest = sorted(rooms, key=lambda room: (-room.room_mm3, room.code))
    found: list[PlannedParcel] = []
    left = goods
    while left:
        able = [room for room in roomiest if _takes_any(left, room)][:_MOST_TRIED]
        tried = [(room, most(left, room)) for room in able]
        room, taken = max(tried, key=lambda one: _volume(left, one[1]), default=(None, {}))
        if room is None or not taken:
            # No box holds any of these: each leaves in what it came in.
            found += [_own_packaging((one,)) for one in _one_by_one(left)]
            break
        here = _part(left, taken)
        ordered = sorted(rooms, key=lambda room: (_billed_g(here, room, divisor), room.room_mm3))
        chosen = _smallest(here, ordered) or _planned(here, room)
        found.append(replace(chosen, why=chosen.why.partition(";")[0]))
        left = _rest(left, taken)
    return found


def _billed_g(goods: Sequence[Goods], room: Room, divisor: int) -> int:
    """What a carrier bills: the weight, or what it reckons for the room the parcel takes."""
    return max(room.tare_g + weight_of(goods), -(-room.room_mm3 // divisor))


def _own_packaging(goods: tuple[Goods, ...]) -> PlannedParcel:
    """Around everything at once: articles stacked on the largest base among them."""
    names = ", ".join(one.sku for one in goods)
    return PlannedParcel(
        box=None,
        contents=_units(goods),
        weight_g=PADDING_G + weight_of(goods),
        length_mm=max(one.length_mm for one in goods),
        width_mm=max(one.width_mm for one in goods),
        height_mm=sum(one.height_mm * one.quantity for one in goods),
        tare_g=PADDING_G,
        max_weight_g=None,
        full_percent=None,
        why=f"no box of the list: {_articles(goods)} ({names})",
    )


def _obstacles(goods: tuple[Goods, ...], rooms: Sequence[Room]) -> str:
    told = [f"{room.code} {why}" for room in rooms if (why := obstacle(goods, room))]
    more = len(told) - _MOST_OBSTACLES
    return "; ".join(told[:_MOST_OBSTACLES]) + (
        f"; {more} more boxes do not do" if more > 0 else ""
    )


def _takes_any(goods: Sequence[Goods], room: Room) -> bool:
    return any(not obstacle((replace(one, quantity=1),), room) for one in goods)


def _volume(goods: Sequence[Goods], taken: Mapping[str, int]) -> int:
    return sum(one.room_mm3 // one.quantity * taken.get(one.sku, 0) for one in goods)


def _part(goods: Sequence[Goods], taken: Mapping[str, int]) -> tuple[Goods, ...]:
    return tuple(replace(one, quantity=taken[one.sku]) for one in goods if taken.get(one.sku))


def _rest(goods: Sequence[Goods], taken: Mapping[str, int]) -> tuple[Goods, ...]:
    left = [(one, one.quantity - taken.get(one.sku, 0)) for one in goods]
    return tuple(replace(one, quantity=units) for one, units in left if units)


def _one_by_one(goods: Sequence[Goods]) -> list[Goods]:
    return [replace(one, quantity=1) for one in goods for _ in range(one.quantity)]


def _units(goods: Sequence[Goods]) -> tuple[tuple[str, int], ...]:
    return tuple((one.sku, one.quantity) for one in goods)


def _articles(goods: Sequence[Goods]) -> str:
    units = sum(one.quantity for one in goods)
    return f"{units} article{'' if units == 1 else 's'}"
