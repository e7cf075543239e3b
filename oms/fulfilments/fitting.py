"""Whether articles fit into a box: a library looks for an arrangement, our own check believes it.

An article is a cuboid that may lie on any of its sides, parallel to the walls of the box; lengths
are whole millimetres. What cannot be by its sides, its room or its weight is refused without a
search. The search counts its work and not its time, so the answer is the same on every machine
(decision 16).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Final

MOST_SEARCHED: Final = 40
"""Units; of more, no arrangement is looked for: their room must be well within the box's."""
LOOSE_PERCENT: Final = 75
"""Of its room a box is filled at most when nobody has looked for an arrangement."""
_EFFORT: Final = 20_000
"""Places that the library tries; a few dozen milliseconds."""
_FUSE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of one article. Grams and millimetres, of one unit."""

    sku: str
    name: str
    quantity: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int

    @property
    def sides(self) -> tuple[int, int, int]:
        """Its measures, the longest first."""
        return _sorted(self.length_mm, self.width_mm, self.height_mm)

    @property
    def room_mm3(self) -> int:
        """What all of its units fill."""
        return self.quantity * self.length_mm * self.width_mm * self.height_mm


@dataclass(frozen=True, slots=True)
class Room:
    """An empty box, measured inside. `max_weight_g` is of the closed box, itself included."""

    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    max_weight_g: int

    @property
    def sides(self) -> tuple[int, int, int]:
        """Its measures, the longest first."""
        return _sorted(self.length_mm, self.width_mm, self.height_mm)

    @property
    def room_mm3(self) -> int:
        """What it holds at most."""
        return self.length_mm * self.width_mm * self.height_mm


@dataclass(frozen=True, slots=True)
class Placed:
    """A unit in its place: the corner nearest the box's own, and its measures as it lies."""

    sku: str
    at: tuple[int, int, int]
    measures: tuple[int, int, int]


def percent_full(goods: Sequence[Goods], room_mm3: int) -> int:
    """How much of a room the articles fill, in per cent, rounded up."""
    return -(-100 * sum(one.room_mm3 for one in goods) // room_mm3)


def weight_of(goods: Sequence[Goods]) -> int:
    """What the articles weigh, in grams."""
    return sum(one.weight_g * one.quantity for one in goods)


def obstacle(goods: tuple[Goods, ...], room: Room) -> str:
    """Why these articles do not go into one such box, in words; empty if they do."""
    for one in goods:
        if one.sides[0] > room.sides[0]:
            return f"too short for {one.sku}"
        if any(need > has for need, has in zip(one.sides, room.sides, strict=True)):
            return f"too narrow for {one.sku}"
    gross_g = room.tare_g + weight_of(goods)
    if gross_g > room.max_weight_g:
        return f"takes {room.max_weight_g} g, and this weighs {gross_g} g"
    full = percent_full(goods, room.room_mm3)
    if full > 100:
        return f"too small: they fill {full} % of it"
    units = sum(one.quantity for one in goods)
    if units > MOST_SEARCHED:
        if full > LOOSE_PERCENT:
            return f"too full at {full} % for {units} units"
        return ""
    return "" if sum(most(goods, room).values()) == units else "does not hold them side by side"


@lru_cache(maxsize=4_096)
def _arranged(goods: tuple[Goods, ...], room: Room) -> tuple[tuple[str, int], ...]:
    placed = _search(goods, room)
    if not stands(placed, goods, room):
        return ()  # an arrangement that our own check does not believe is none
    return tuple(Counter(one.sku for one in placed).items())


def most(goods: tuple[Goods, ...], room: Room) -> dict[str, int]:
    """Units by SKU that were found to go into one box together; all of them, if that was found."""
    small = tuple(one for one in goods if _fits_alone(one, room))
    if sum(one.quantity for one in small) > MOST_SEARCHED:
        return _loosely(small, room)
    return dict(_arranged(small, room)) if small else {}


def stands(placed: Sequence[Placed], goods: Sequence[Goods], room: Room) -> bool:
    """Whether an arrangement is one: inside the box, apart, light enough, of these articles."""
    known = {one.sku: one for one in goods}
    counted = Counter(one.sku for one in placed)
    if any(sku not in known or units > known[sku].quantity for sku, units in counted.items()):
        return False
    inside = (room.length_mm, room.width_mm, room.height_mm)
    for one in placed:
        if _sorted(*one.measures) != known[one.sku].sides:
            return False
        if any(
            at < 0 or at + side > end
            for at, side, end in zip(one.at, one.measures, inside, strict=True)
        ):
            return False
    gross_g = room.tare_g + sum(known[sku].weight_g * units for sku, units in counted.items())
    apart = all(_apart(one, other) for one, other in combinations(placed, 2))
    return apart and gross_g <= room.max_weight_g


def _search(goods: tuple[Goods, ...], room: Room) -> list[Placed]:
    # Loaded at the first parcel: it takes a sixth of a second, and few processes pack.
    from packvium import Container, Dimensions, EffortBudget, Item, Length, Packer, PackingConfig

    ticks = Length.mm(1).ticks
    # Its decorator of data classes is its own, through which mypy does not see.
    budget = EffortBudget(max_candidates_evaluated=_EFFORT)  # type: ignore[call-arg]

    result = Packer(PackingConfig.balanced(time_limit_ms=_FUSE_MS, effort_budget=budget)).pack(
        items=[
            Item.create(
                one.sku,
                Dimensions.mm(one.length_mm, one.width_mm, one.height_mm),
                f"{one.weight_g} g",
                quantity=one.quantity,
            )
            for one in goods
        ],
        containers=[
            Container.create(
                room.code,
                Dimensions.mm(room.length_mm, room.width_mm, room.height_mm),
                max_payload=f"{room.max_weight_g - room.tare_g} g",
                quantity=1,
            )
        ],
    )
    return [
        Placed(
            one.instance.item.id,
            (one.position.x // ticks, one.position.y // ticks, one.position.z // ticks),
            (
                one.dimensions.length.ticks // ticks,
                one.dimensions.width.ticks // ticks,
                one.dimensions.height.ticks // ticks,
            ),
        )
        for container in result.containers
        for one in container.placements
    ]


def _loosely(goods: tuple[Goods, ...], room: Room) -> dict[str, int]:
    """As many units, the bulkiest first, as fill the box loosely."""
    left_mm3 = room.room_mm3 * LOOSE_PERCENT // 100
    left_g = room.max_weight_g - room.tare_g
    taken: dict[str, int] = {}
    for one in sorted(goods, key=lambda one: (-one.room_mm3 // one.quantity, one.sku)):
        each_mm3 = one.room_mm3 // one.quantity
        units = min(one.quantity, left_mm3 // each_mm3, left_g // one.weight_g)
        if units:
            taken[one.sku] = units
            left_mm3 -= units * each_mm3
            left_g -= units * one.weight_g
    return taken


def _fits_alone(one: Goods, room: Room) -> bool:
    sides = zip(one.sides, room.sides, strict=True)
    return all(need <= has for need, has in sides) and (
        room.tare_g + one.weight_g <= room.max_weight_g
    )


def _apart(one: Placed, other: Placed) -> bool:
    return any(
        one.at[axis] + one.measures[axis] <= other.at[axis]
        or other.at[axis] + other.measures[axis] <= one.at[axis]
        for axis in range(3)
    )


def _sorted(length: int, width: int, height: int) -> tuple[int, int, int]:
    short, middle, long = sorted((length, width, height))
    return (long, middle, short)
