"""Solve one order with CP-SAT: orders too long for the exact engine, and the oracle of its tests.

A slot is room for one parcel at a location; more than one per location is offered only where two
parcels could be cheaper than one, or one be too heavy. The third line under "subject to" follows
from the fifth, and makes the linear relaxation much tighter.

minimise    Σ parcel[l] · open[s] + Σ line[i, l] · ships[i, s] + Σ carriage[b, zone(l)] · band[b, s]
            + Σ unfilled price[i] · unfilled[i]          what is added is part of parcel and line
subject to  Σ_s ships[i, s] + unfilled[i] = 1                each line in one parcel or in none
            ships[i, s] ≤ open[s] ≤ Σ_i ships[i, s]          a parcel is opened for some line
            ships[i, s] ≤ Σ_{b ≥ band of i alone} band[b, s]
            Σ_b band[b, s] = open[s]                         and has one weight band,
            lightest(b) ≤ Σ_i weight[i] · ships[i, s] ≤ heaviest(b)    that of its weight
            Σ_s open[s] ≤ K;  Σ_{s at l} open[s] ≤ parcels left[l]
            Σ_{s at l, i wants k} units[i] · ships[i, s] ≤ held[k, l]  where lines share SKU k

Where goods may come by transfer there are slots for every store h, and besides

            open[s] ≤ hands[h] for the slots s of h;  Σ_h hands[h] ≤ 1     at a cost for each h
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from ortools.sat.python import cp_model

from routing.candidates import Choices, too_heavy
from routing.effort import Effort
from routing.packages import Package
from routing.ways import handed_over


@dataclass(frozen=True, slots=True)
class _Slot:
    """One possible parcel."""

    choices: Choices
    """All of the order's, or those by one store."""
    at: int
    opened: cp_model.IntVar
    ships: Mapping[int, cp_model.IntVar]
    picks: Mapping[int, cp_model.IntVar]
    """One for each line in it, and one for all parts of the same line, by the first of them."""
    bands: Mapping[int, cp_model.IntVar]


@dataclass(frozen=True, slots=True)
class Found:
    """The best plan found, and a proven bound: no plan among the locations given costs less.

    `packages` is None when the effort ended before any plan was found.
    """

    packages: tuple[Package, ...] | None
    bound_cents: int
    wall_s: float


def solve(
    choices: Choices, locations: Iterable[int], effort: Effort, hint: tuple[Package, ...] = ()
) -> Found:
    """Find the cheapest plan among the given locations, starting from a hinted one."""
    model = cp_model.CpModel()
    slots = [
        slot for each in _each_way(choices) for at in locations for slot in _slots(model, each, at)
    ]
    unfilled = [model.new_bool_var(f"unfilled[{line.id}]") for line in choices.lines]
    for position, left_out in enumerate(unfilled):
        chances = [slot.ships[position] for slot in slots if position in slot.ships]
        model.add_exactly_one([*chances, left_out])
    model.add(cp_model.LinearExpr.sum([slot.opened for slot in slots]) <= choices.parcels)
    hands = _hand_overs(model, choices, slots)
    model.minimize(_cost(choices, slots, unfilled, hands))
    _hint(model, choices, slots, unfilled, hint)

    solver = _solver(effort)
    status = solver.solve(model)
    assert status not in (cp_model.INFEASIBLE, cp_model.MODEL_INVALID), solver.status_name(status)
    return Found(
        _packages(solver, choices, slots)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        else None,
        # Costs are whole cents, so the bound may be rounded up; the margin is for its float.
        bound_cents=max(0, ceil(solver.best_objective_bound - 1e-6)),
        wall_s=solver.wall_time,
    )


def _solver(effort: Effort) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = effort.seed
    solver.parameters.linearization_level = 2  # default: proves a tenth as many long orders
    solver.parameters.cp_model_probing_level = 0  # it would eat up the effort
    solver.parameters.max_deterministic_time = effort.deterministic_time
    if effort.wall_s is not None:
        solver.parameters.max_time_in_seconds = effort.wall_s
    return solver


def _each_way(choices: Choices) -> list[Choices]:
    return [way.choices for way in choices.ways] or [choices]


def _hand_overs(
    model: cp_model.CpModel, choices: Choices, slots: list[_Slot]
) -> list[cp_model.IntVar]:
    """Let one store at most hand over, where goods may come by transfer."""
    hands = [model.new_bool_var(f"hands[{way.at}]") for way in choices.ways]
    for way, hand in zip(choices.ways, hands, strict=True):
        for slot in slots:
            if slot.choices is way.choices:
                model.add_implication(slot.opened, hand)
    model.add_at_most_one(hands)
    return hands


def _slots(model: cp_model.CpModel, choices: Choices, at: int) -> list[_Slot]:
    """Add the parcels one location may make, with all that binds them."""
    lines = [
        position
        for position, line in enumerate(choices.lines)
        if choices.able[position, at] and not too_heavy(choices.rates, line)
    ]
    slots = [_slot(model, choices, at, lines) for _ in range(_most_slots(choices, lines))]
    for earlier, later in pairwise(slots):
        model.add_implication(later.opened, earlier.opened)
    if len(slots) > choices.parcels_left[at]:
        opened = cp_model.LinearExpr.sum([slot.opened for slot in slots])
        model.add(opened <= int(choices.parcels_left[at]))
    for group, held in zip(choices.shared, choices.held, strict=True):
        shipped = [
            slot.ships[line] * choices.lines[line].units
            for slot in slots
            for line in group
            if line in slot.ships
        ]
        model.add(cp_model.LinearExpr.sum(shipped) <= int(held[at]))
    return slots


def _most_slots(choices: Choices, lines: list[int]) -> int:
    rates = choices.rates
    weight_g = sum(choices.lines[line].weight_g for line in lines)
    postable = not len(rates.max_weight_g) or weight_g <= rates.max_weight_g[-1]
    if rates.merging_pays and postable:
        return min(1, len(lines))
    return min(choices.parcels, len(lines))


def _slot(model: cp_model.CpModel, choices: Choices, at: int, lines: list[int]) -> _Slot:
    ships = {line: model.new_bool_var(f"ships[{line},{at}]") for line in lines}
    slot = _Slot(
        choices,
        at,
        opened=model.new_bool_var(f"open[{at}]"),
        ships=ships,
        picks=_picks(model, choices, ships),
        bands={band: model.new_bool_var(f"band[{band},{at}]") for band in _bands(choices, lines)},
    )
    for ship in slot.ships.values():
        model.add_implication(ship, slot.opened)
    model.add_bool_or([slot.opened.negated(), *slot.ships.values()])
    if slot.bands:
        _weigh(model, choices, slot)
    return slot


def _picks(
    model: cp_model.CpModel, choices: Choices, ships: Mapping[int, cp_model.IntVar]
) -> dict[int, cp_model.IntVar]:
    picks = {line: ship for line, ship in ships.items() if choices.lines[line].part_of is None}
    parts: dict[str, list[int]] = defaultdict(list)
    for line in ships:
        if (whole := choices.lines[line].part_of) is not None:
            parts[whole].append(line)
    for whole, some in parts.items():
        picked = model.new_bool_var(f"picks[{whole}]")
        for line in some:
            model.add_implication(ships[line], picked)
        picks[some[0]] = picked
    return picks


def _bands(choices: Choices, lines: list[int]) -> range:
    """Return the weight bands that parcels of some of these lines can fall in."""
    rates, weights = choices.rates, [choices.lines[line].weight_g for line in lines]
    if not len(rates.max_weight_g) or not weights:
        return range(0)
    return range(
        rates.band(min(weights)), min(rates.band(sum(weights)) + 1, len(rates.carriage) - 1)
    )


def _weigh(model: cp_model.CpModel, choices: Choices, slot: _Slot) -> None:
    """Tie a parcel's weight band to its weight."""
    rates, heaviest = choices.rates, choices.rates.max_weight_g.tolist()
    model.add(cp_model.LinearExpr.sum(list(slot.bands.values())) == slot.opened)
    for line, ship in slot.ships.items():
        alone = rates.band(choices.lines[line].weight_g)
        enough = [chosen for band, chosen in slot.bands.items() if band >= alone]
        model.add_bool_or([ship.negated(), *enough])
    weight = cp_model.LinearExpr.sum(
        [ship * choices.lines[line].weight_g for line, ship in slot.ships.items()]
    )
    most = [chosen * heaviest[band] for band, chosen in slot.bands.items()]
    least = [chosen * (heaviest[band - 1] + 1) for band, chosen in slot.bands.items() if band]
    model.add(weight <= cp_model.LinearExpr.sum(most))
    if not rates.rising:  # else the lightest band that holds the parcel is the cheapest anyway
        model.add(weight >= cp_model.LinearExpr.sum(least))


def _cost(
    choices: Choices,
    slots: list[_Slot],
    unfilled: list[cp_model.IntVar],
    hands: list[cp_model.IntVar],
) -> cp_model.LinearExprT:
    """Return the objective; what several slots of a location share is looked up once."""
    variables = [*unfilled, *hands]
    cents = [line.unfilled_cents for line in choices.lines]
    cents += [way.cents for way in choices.ways]
    for slot in slots:
        rates = slot.choices.rates
        parcel, line = int(rates.parcel[slot.at]), int(rates.line[slot.at])
        carriage = rates.carriage[:, slot.choices.zone[slot.at]].tolist()
        variables += [slot.opened, *slot.picks.values(), *slot.bands.values()]
        lines = [line] * len(slot.picks)
        if (added := slot.choices.added) is not None:
            parcel += int(added.parcel[slot.at])
            lines = [line + int(added.line[position, slot.at]) for position in slot.picks]
        cents += [parcel, *lines, *(carriage[band] for band in slot.bands)]
    return cp_model.LinearExpr.weighted_sum(variables, cents)


def _hint(
    model: cp_model.CpModel,
    choices: Choices,
    slots: list[_Slot],
    unfilled: list[cp_model.IntVar],
    packages: tuple[Package, ...],
) -> None:
    """Start from a known plan; packages at locations without a slot are left out of it."""
    waiting = defaultdict(list)
    for package in packages:
        waiting[package.at].append(package.lines)
    shipped: set[int] = set()
    for slot in slots:
        lines = waiting[slot.at].pop() if waiting[slot.at] else ()
        shipped.update(lines)
        weight_g = sum(choices.lines[line].weight_g for line in lines)
        model.add_hint(slot.opened, bool(lines))
        for line, ship in slot.ships.items():
            model.add_hint(ship, line in lines)
        for band, chosen in slot.bands.items():
            model.add_hint(chosen, bool(lines) and band == choices.rates.band(weight_g))
    for line, left_out in enumerate(unfilled):
        model.add_hint(left_out, line not in shipped)


def _packages(
    solver: cp_model.CpSolver, choices: Choices, slots: list[_Slot]
) -> tuple[Package, ...]:
    """Read the plan, parcels in the order of their first lines."""
    opened = [slot for slot in slots if solver.boolean_value(slot.opened)]
    loads = [
        (tuple(line for line, ship in slot.ships.items() if solver.boolean_value(ship)), slot.at)
        for slot in opened
    ]
    packages = tuple(Package(lines, at) for lines, at in sorted(loads) if lines)
    if not opened or not choices.ways:
        return packages
    [way] = [way for way in choices.ways if way.choices is opened[0].choices]
    return handed_over(packages, way)
