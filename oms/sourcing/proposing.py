"""From a joint answer to wishes: which orders should move, which of them only together.

An order's gain is what it costs where it is, less what it costs where it should be, both reckoned
with the same problem. Where more units are wanted at a place than are free there, orders take what
others give: they form a knot and move together or not at all.

    value of a knot = sum of gains - move_cents * (orders that leave a place)  > 0
    orders that leave a place, over all knots <= moved_percent of the orders that wait
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from oms.sourcing.policy import Policy
from oms.sourcing.snapshots import Snapshot
from routing.candidates import Choices, survey
from routing.cost import FORBIDDEN
from routing.network import Network, network_of, supply_of
from routing.packages import Package, is_legal, order_plan
from routing.plan import Answer, OrderPlan
from routing.problem import Order

Spot = tuple[str, str]
"""A location and an article."""

BEST_PLACE: Final = "it is where it should be"
GIVES_UP: Final = "it would give up goods that are held for it"
NOT_WORTH: Final = "moving saves less than a move must save"
TOO_MANY: Final = "as many orders as one run may move are more worth moving"
NOT_GIVEN: Final = "the goods that it would take stay with another order"


@dataclass(slots=True)
class Wish:
    """Where an order should be. `kept` says why it stays where it is instead."""

    order_id: str
    version: int
    old: Mapping[str, str]
    new: Mapping[str, str]
    gain_cents: int
    kept: str | None = None
    knot: int = 0

    @property
    def leaves(self) -> bool:
        """Whether goods that are held somewhere are to be held elsewhere."""
        return bool(self.old)


@dataclass(slots=True)
class Proposal:
    """The wishes in the sequence of the orders, and what they cost where they are."""

    wishes: list[Wish]
    standing_cents: int


@dataclass(slots=True)
class _Knot:
    wishes: list[Wish] = field(default_factory=list)

    @property
    def gain_cents(self) -> int:
        return sum(wish.gain_cents for wish in self.wishes)

    @property
    def leaving(self) -> int:
        return sum(wish.leaves for wish in self.wishes)


def propose(snapshot: Snapshot, answer: Answer | None, policy: Policy) -> Proposal:
    """Say for every order where it should be; without an answer everything stays."""
    problem = snapshot.problem
    network = network_of(problem)
    supply = supply_of(problem, network)
    plans = answer.orders if answer is not None else (None,) * len(problem.orders)
    wishes, standing_cents = [], 0
    for order, plan in zip(problem.orders, plans, strict=True):
        choices = survey(network, supply, order)
        standing = snapshot.standing[order.id]
        now = _standing_plan(network, choices, standing.at)
        cost = now.cost_cents if now else sum(line.unfilled_cents for line in order.lines)
        standing_cents += cost
        new = standing.at if plan is None else _places(plan)
        wish = Wish(
            order.id,
            standing.version,
            old=standing.at,
            new=new,
            gain_cents=0 if plan is None else cost - plan.cost_cents,
        )
        if new == standing.at:
            wish.kept = BEST_PLACE
        elif any(line not in new for line in standing.at):
            wish.kept = GIVES_UP
        wishes.append(wish)
    _choose(snapshot, wishes, policy)
    return Proposal(wishes, standing_cents)


def _standing_plan(network: Network, choices: Choices, at: Mapping[str, str]) -> OrderPlan | None:
    """What an order costs where its goods are held; None if it may not be served from there."""
    lines: dict[int, list[int]] = {}
    for position, line in enumerate(choices.lines):
        if line.id in at:
            where = network.index.get(at[line.id])
            if where is None:
                return None
            lines.setdefault(where, []).append(position)
    packages = tuple(Package(tuple(some), where) for where, some in sorted(lines.items()))
    if len(packages) > choices.parcels or not is_legal(choices, packages):
        return None
    plan = order_plan(network, choices, packages)
    return plan if plan.cost_cents < FORBIDDEN else None


def _choose(snapshot: Snapshot, wishes: Sequence[Wish], policy: Policy) -> None:
    """Keep what is not worth moving, or too much; number the knots, the most valuable first."""
    orders = {order.id: order for order in snapshot.problem.orders}
    changes = {
        wish.order_id: _change(orders[wish.order_id], wish) for wish in wishes if not wish.kept
    }
    free = _free(snapshot)
    knots = _knots([wish for wish in wishes if not wish.kept], changes, free)
    price = policy.weights.move_cents
    budget = len(wishes) * policy.limits.moved_percent // 100
    ranked = sorted(knots, key=lambda knot: -knot.gain_cents / len(knot.wishes))
    for number, knot in enumerate(ranked, start=1):
        kept = None
        if not _covered(knot, changes, free):
            kept = NOT_GIVEN
        elif knot.gain_cents <= price * knot.leaving:
            kept = NOT_WORTH
        elif knot.leaving > budget:
            kept = TOO_MANY
        else:
            budget -= knot.leaving
        for wish in knot.wishes:
            wish.kept, wish.knot = kept, number


def _knots(
    wishes: Sequence[Wish], changes: Mapping[str, Counter[Spot]], free: Mapping[Spot, int]
) -> list[_Knot]:
    """Put orders together that touch a place where more is wanted than is free."""
    taken: Counter[Spot] = Counter()
    for change in changes.values():
        taken.update({spot: units for spot, units in change.items() if units > 0})
    scarce = {spot for spot, units in taken.items() if units > free.get(spot, 0)}
    root = {wish.order_id: wish.order_id for wish in wishes}

    def find(order_id: str) -> str:
        while root[order_id] != order_id:
            root[order_id] = root[root[order_id]]
            order_id = root[order_id]
        return order_id

    first: dict[Spot, str] = {}
    for wish in wishes:
        for spot in scarce & changes[wish.order_id].keys():
            other = first.setdefault(spot, wish.order_id)
            root[find(wish.order_id)] = find(other)
    knots: dict[str, _Knot] = {}
    for wish in wishes:
        knots.setdefault(find(wish.order_id), _Knot()).wishes.append(wish)
    return list(knots.values())


def _covered(knot: _Knot, changes: Mapping[str, Counter[Spot]], free: Mapping[Spot, int]) -> bool:
    """Whether the knot takes no more anywhere than is free there and it gives itself."""
    total: Counter[Spot] = Counter()
    for wish in knot.wishes:
        for spot, units in changes[wish.order_id].items():
            total[spot] += units
    return all(units <= free.get(spot, 0) for spot, units in total.items() if units > 0)


def _free(snapshot: Snapshot) -> Mapping[Spot, int]:
    """Units that no order holds."""
    free = {(row.location, row.sku): row.units for row in snapshot.problem.stock}
    for order in snapshot.problem.orders:
        for spot, units in _held(order, snapshot.standing[order.id].at):
            free[spot] = free.get(spot, 0) - units
    return free


def _change(order: Order, wish: Wish) -> Counter[Spot]:
    """Units that an order takes at each place, or gives where they are below zero."""
    change: Counter[Spot] = Counter()
    for spot, units in _held(order, wish.new):
        change[spot] += units
    for spot, units in _held(order, wish.old):
        change[spot] -= units
    return Counter({spot: units for spot, units in change.items() if units})


def _held(order: Order, at: Mapping[str, str]) -> Iterator[tuple[Spot, int]]:
    for line in order.lines:
        if line.id in at:
            yield (at[line.id], line.sku), line.units


def _places(plan: OrderPlan) -> Mapping[str, str]:
    return {line: parcel.location for parcel in plan.parcels for line in parcel.lines}


def locations_of(at: Mapping[str, str]) -> list[str]:
    """The locations of some places, each once."""
    return sorted(set(at.values()))
