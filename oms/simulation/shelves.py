"""What lies on the shelves under one policy, what waits, and what locations have been given."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oms.replays.figures import Figures
from oms.simulation.demand import Asked
from oms.simulation.world import Spot
from routing.plan import OrderPlan
from routing.problem import Stock

_A_DAY = timedelta(days=1)


@dataclass(slots=True)
class Waiting:
    """An order that waits for joint routing. `at` is where each line's goods are held."""

    asked: Asked
    release_at: datetime
    at: dict[str, str]

    def held(self) -> Mapping[Spot, int]:
        """Units held for it."""
        units: dict[Spot, int] = {}
        for line in self.asked.lines:
            if line.id in self.at:
                spot = (line.sku, self.at[line.id])
                units[spot] = units.get(spot, 0) + line.units
        return units


@dataclass(slots=True)
class Shelves:
    """Everything of a simulated network that a policy's decisions change."""

    free: dict[Spot, int]
    """Units that may be promised to anybody."""
    waiting: dict[str, Waiting] = field(default_factory=dict)
    """By order, first come first."""
    given: list[tuple[datetime, str]] = field(default_factory=list)
    """When which location was given work, for as long as that counts against its capacity."""
    stirred_at: datetime | None = None
    """When something changed since the last joint run."""
    bid_prices: dict[Spot, int] = field(default_factory=dict)
    """What joint runs have taught, in cents of a unit."""

    def take(self, units: Mapping[Spot, int]) -> None:
        """Take units away, or give them back where they are below zero."""
        for spot, count in units.items():
            left = self.free.get(spot, 0) - count
            assert left >= 0, f"{spot} was promised twice"
            self.free[spot] = left

    def give_back(self, units: Mapping[Spot, int]) -> None:
        """Let held units go."""
        self.take({spot: -count for spot, count in units.items()})

    def stock(self, skus: Iterable[str], codes: Iterable[str]) -> tuple[Stock, ...]:
        """The free units of some articles, as a problem states them."""
        wanted = sorted(set(skus))
        return tuple(
            Stock(code, sku, units)
            for code in codes
            for sku in wanted
            if (units := self.free.get((sku, code), 0))
        )

    def prices(self, skus: Iterable[str], codes: Sequence[str]) -> Mapping[Spot, int]:
        """The bid prices of some articles."""
        return {
            (sku, code): cents
            for sku in dict.fromkeys(skus)
            for code in codes
            if (cents := self.bid_prices.get((sku, code)))
        }

    def busy(self, now: datetime) -> Mapping[str, int]:
        """How much work each location was given within a day."""
        self.given = [one for one in self.given if one[0] > now - _A_DAY]
        counts: dict[str, int] = {}
        for _, code in self.given:
            counts[code] = counts.get(code, 0) + 1
        return counts

    def fill_up(self, opening: Mapping[Spot, int], *, at: datetime) -> None:
        """Bring every article at every location up to what there was at the beginning."""
        self.stirred_at = at
        held: dict[Spot, int] = {}
        for one in self.waiting.values():
            for spot, units in one.held().items():
                held[spot] = held.get(spot, 0) + units
        for spot, units in opening.items():
            self.free[spot] = max(self.free.get(spot, 0), units - held.get(spot, 0))


@dataclass(slots=True)
class Account:
    """What a policy has come to so far."""

    figures: Figures = field(default_factory=Figures)
    waited: int = 0
    """Orders that waited for joint routing."""
    runs: int = 0
    moved: int = 0
    """How often a run has put an order elsewhere."""
    notes: list[str] = field(default_factory=list)
    """What could not be weighed, each thing once."""

    def note(self, notes: Iterable[str]) -> None:
        """Keep what is not known yet."""
        self.notes += [one for one in notes if one not in self.notes]


def units_of(asked: Asked, plan: OrderPlan) -> Mapping[Spot, int]:
    """What a plan takes, by article and location."""
    lines = {line.id: line for line in asked.lines}
    units: dict[Spot, int] = {}
    for parcel in plan.parcels:
        for line_id in parcel.lines:
            spot = (lines[line_id].sku, parcel.location)
            units[spot] = units.get(spot, 0) + lines[line_id].units
    return units
