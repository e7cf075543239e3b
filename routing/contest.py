"""How far a problem is from an answer that somebody would rather see.

Two plans are compared: the cheapest that reaches the goal and the cheapest that does not. Where
they cost the same, the engine that decides orders has its say: it prefers fewer parcels, then the
location that comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from routing import exact
from routing.candidates import Choices, survey
from routing.changes import Change, Figure
from routing.cost import FORBIDDEN
from routing.network import Network, network_of, supply_of
from routing.packages import Package, cost_of, order_plan
from routing.plan import OrderPlan
from routing.problem import Problem
from routing.rivals import best_through
from routing.splitting import picked, whole_id

Packages = tuple[Package, ...]

_BY_LINE: Final = (Figure.LINE_CENTS, Figure.LANE_LINE_CENTS)

_AT_ANY_PRICE: Final = FORBIDDEN >> 4
"""More than any order costs; the prices of ten lines like it still add up to less than allowed."""


class Aim(StrEnum):
    """What is wanted of an answer."""

    USES = "uses"
    """The location takes part."""
    LEAVES = "leaves"
    """The location does not take part."""
    FILLS = "fills"
    """The line is not left unfilled."""


@dataclass(frozen=True, slots=True)
class Goal:
    """An answer that somebody would rather see; `subject` is a location, or the line to fill."""

    aim: Aim
    subject: str

    def met_by(self, plan: OrderPlan) -> bool:
        """Whether a plan is such an answer."""
        used = {parcel.location for parcel in plan.parcels}
        match self.aim:
            case Aim.USES:
                return self.subject in used
            case Aim.LEAVES:
                return self.subject not in used
            case Aim.FILLS:
                return self.subject not in plan.unfilled


@dataclass(frozen=True, slots=True)
class Standing:
    """The cheapest plan that reaches a goal, and the cheapest that does not; None: there is none.

    At least one of the two exists, because leaving every line unfilled is always allowed.
    """

    network: Network
    choices: Choices
    reaching: Packages | None
    missing: Packages | None
    preferred: bool
    """Whether the goal is reached where both cost the same."""

    @property
    def behind_cents(self) -> int | None:
        """By how much reaching it is dearer; None when nothing reaches it."""
        return _behind(self.choices, self.reaching, self.missing)

    @property
    def reached(self) -> bool:
        """Whether the plan that is chosen reaches the goal."""
        behind = self.behind_cents
        return behind is not None and (behind < 0 or (behind == 0 and self.preferred))


def standing(problem: Problem, goal: Goal) -> Standing:
    """Compare the plans of a problem's one order; it must be within the exact engine's reach."""
    network, choices = surveyed(problem)
    reaching, missing = _best_of_both(network, choices, goal)
    preferred = False
    if _behind(choices, reaching, missing) == 0:
        preferred = goal.met_by(order_plan(network, choices, exact.solve(choices).packages))
    return Standing(network, choices, reaching, missing, preferred)


def surveyed(problem: Problem) -> tuple[Network, Choices]:
    """Return the network of a problem, and the choices for its one order."""
    network = network_of(problem)
    return network, survey(network, supply_of(problem, network), problem.orders[0])


def gain_per_cent(now: Standing, change: Change) -> int:
    """Return the most cents by which one cent of a figure brings the goal nearer.

    A plan's cost is linear in the figure, with a slope of how often the figure is charged in it.
    Where the figure falls, a plan that reaches the goal gains at most the greatest slope there is,
    and the cheapest plan that misses it gains its own slope at least. Where it rises, that plan
    loses at most its own slope, and plans that reach the goal lose nothing at best.
    """
    assert now.missing is not None
    missing = _charges(now, now.missing, change)
    if change.after > change.before:
        return missing
    return _most_charges(now.choices, change) - missing


def _best_of_both(
    network: Network, choices: Choices, goal: Goal
) -> tuple[Packages | None, Packages | None]:
    """Return the cheapest plan that reaches a goal, and the cheapest that does not."""
    if goal.aim is Aim.FILLS:
        parts = [at for at, line in enumerate(choices.lines) if whole_id(line) == goal.subject]
        return _filling(choices, parts), _leaving(choices, parts)
    at = network.index[goal.subject]
    using, without = best_through(choices, at), exact.solve(choices.without(at)).packages
    return (using, without) if goal.aim is Aim.USES else (without, using)


def _behind(choices: Choices, reaching: Packages | None, missing: Packages | None) -> int | None:
    if reaching is None:
        return None
    if missing is None:
        return -FORBIDDEN
    return cost_of(choices, reaching) - cost_of(choices, missing)


def _charges(now: Standing, packages: Packages, change: Change) -> int:
    """Return how often a plan is charged the figure."""
    if change.figure is Figure.UNFILLED_CENTS:
        shipped = {now.choices.lines[line].id for package in packages for line in package.lines}
        return int(change.line not in shipped)
    return sum(_charged(now, package, change) for package in packages)


def _charged(now: Standing, package: Package, change: Change) -> int:
    if change.figure is Figure.POSTAGE:
        return int(cell_of(now, package) == (change.zone, change.band))
    here = now.network.ids[package.at] == change.location
    lines = picked(now.choices.lines, package.lines)
    if change.figure is Figure.ADDED:
        named = [now.choices.lines[line].added for line in lines]
        return int(here) * sum(change.row in rows for rows in (now.choices.order.added, *named))
    if change.to is not None and (package.to is None or now.network.ids[package.to] != change.to):
        return 0
    if change.figure is Figure.PICKUP_CENTS and package.to is not None:
        return 0
    if change.figure is Figure.PARCEL_CENTS and now.choices.ways and package.to is None:
        return 0
    return int(here) * (len(lines) if change.figure in _BY_LINE else 1)


def cell_of(now: Standing, package: Package) -> tuple[int, int]:
    """Return the zone and the weight band that a package is charged by."""
    weight_g = sum(now.choices.lines[line].weight_g for line in package.lines)
    return int(now.choices.zone[package.at]), now.choices.rates.band(weight_g)


def _most_charges(choices: Choices, change: Change) -> int:
    """Return how often any plan can be charged the figure."""
    match change.figure:
        case Figure.UNFILLED_CENTS:
            return 1
        case Figure.LINE_CENTS | Figure.LANE_LINE_CENTS:
            return len(choices.lines)
        case Figure.ADDED:
            each = choices.parcels if change.row in choices.order.added else 0
            return each + sum(change.row in line.added for line in choices.lines)
        case _:
            return choices.parcels


def _filling(choices: Choices, parts: Sequence[int]) -> Packages | None:
    """Return the cheapest plan that ships a line, all its parts; None when no location can."""
    lines = list(choices.lines)
    for part in parts:
        lines[part] = replace(lines[part], unfilled_cents=_AT_ANY_PRICE)
    packages = exact.solve(choices.priced(tuple(lines))).packages
    shipped = {line for package in packages for line in package.lines}
    return packages if shipped.issuperset(parts) else None


def _leaving(choices: Choices, parts: Sequence[int]) -> Packages:
    """Return the cheapest plan that leaves a line unfilled, or some part of it."""
    plans = [exact.solve(choices.leaving(part)).packages for part in parts]
    return min(plans, key=lambda packages: cost_of(choices, packages))
