"""What `bench.routing` measures: batches of one seed, solved and compared; one function a part.

A part returns its figures by name. Every cost is checked by `routing.check`, which shares nothing
with the solvers.
"""

import math
import resource
import statistics
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from bench import online, routing_single
from bench.batches import LOOSE, TIGHT, Day, Shape, a_day
from bench.worlds import DATA, World, make_world, read_world
from routing.batch.effort import BatchEffort, Limits, Phase, Progress
from routing.batch.solve import bound_of, in_turn, solve
from routing.check import violations
from routing.effort import Effort
from routing.method import Method
from routing.plan import Answer
from routing.problem import Problem
from routing.sequence import solve_all

PEERS = (Method.PRIORITY, Method.NEAREST, Method.FEWEST_SPLITS, Method.FIFO_EXACT)
PAST_DAYS = 2
"""Of how many days before the orders are known."""
LOOKS = 10
"""How often a day prices are found anew, and how many waves it has."""
HELD_WAVES = 5
ORACLE = 5
"""How many orders are timed with CP-SAT over all locations."""

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the batches are, and how long they may take; None: as long as their effort."""

    medium: tuple[int, int]
    large: tuple[int, int]
    rolling: tuple[int, int]
    medium_s: float | None
    large_s: float | None
    effort: BatchEffort
    alone: int
    """Orders decided one by one; a fifth of them is compared with CP-SAT."""
    quick: BatchEffort = online.QUICK


UNTIL_TIME_IS_OVER = BatchEffort(polish_steps=100_000, seen_locations=40)
FULL = Sizes((10_000, 500), (50_000, 2_000), (10_000, 500), 120, 240, UNTIL_TIME_IS_OVER, 1_000)
SMALL = Sizes((1_000, 100), (5_000, 200), (1_000, 100), 12, 24, UNTIL_TIME_IS_OVER, 100)


def single(sizes: Sizes, seed: int) -> Figures:
    """One order at a time, beside CP-SAT."""
    runs = {
        size: routing_single.measure(
            _world(),
            size,
            seed,
            Namespace(
                orders=sizes.alone,
                oracle=ORACLE if size == 1_000 else 0,
                compare=sizes.alone // 5 if size == 1_000 else 0,
            ),
        )
        for size in (200, 1_000, 2_000)
    }
    halves = {size: statistics.median(run.exact) for size, run in runs.items()}
    slowest = sorted(runs[1_000].exact)[int(0.99 * sizes.alone)]
    return {
        "R1": statistics.median(runs[1_000].plain) / halves[1_000],
        "R1 p99": 1_000 * slowest,
        "R1 different": runs[1_000].different,
        "R1 unproven": runs[1_000].unproven,
        "R2": halves[2_000] / halves[200],
    }


def medium(sizes: Sizes, seed: int) -> Figures:
    """A tight day beside the rules of others."""
    problem = _day(sizes.medium, TIGHT, seed).problem(0)
    jointly, seconds = _jointly(problem, sizes, sizes.medium_s)
    peers = {method: solve_all(problem, method=method, effort=Effort()) for method in PEERS}
    return {
        "R3": jointly.cost_cents / jointly.lower_bound_cents,
        "R3 seconds": seconds,
        "R3 cents": jointly.cost_cents,
        "R3 bound cents": jointly.lower_bound_cents,
        **{f"R5 {one}": jointly.cost_cents / peer.cost_cents for one, peer in peers.items()},
        **_beside(problem, jointly, peers[Method.FIFO_EXACT], said="R9"),
    }


def loose(sizes: Sizes, seed: int) -> Figures:
    """A day with stock in plenty."""
    problem = _day(sizes.medium, LOOSE, seed).problem(0)
    jointly, _ = _jointly(problem, sizes, _half(sizes.medium_s))
    fifo = solve_all(problem, method=Method.FIFO_EXACT, effort=Effort())
    return {
        "R6": jointly.cost_cents / fifo.cost_cents,
        "R6 bound": jointly.cost_cents / jointly.lower_bound_cents,
        **_beside(problem, jointly, fifo, said="R6"),
    }


def large(sizes: Sizes, seed: int) -> Figures:
    """A large tight day."""
    problem = _day(sizes.large, TIGHT, seed).problem(0)
    jointly, seconds = _jointly(problem, sizes, sizes.large_s)
    return {
        "R4": jointly.cost_cents / jointly.lower_bound_cents,
        "R4 seconds": seconds,
        "R4 memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
    }


def as_they_come(sizes: Sizes, seed: int, tight: Figures | None = None) -> Figures:
    """A day decided as it comes, at once and in waves, with and without the days before.

    `tight` are the figures of `medium`: if it was the same day, its plan and bound are used.
    """
    day = _day(sizes.rolling, TIGHT, seed)
    today, past = day.problem(0), [day.problem(-ago).orders for ago in range(1, PAST_DAYS + 1)]
    if tight is not None and sizes.rolling == sizes.medium:
        whole_day, bound = int(tight["R3 cents"]), int(tight["R3 bound cents"])
    else:
        answer, _ = _jointly(today, sizes, _half(sizes.medium_s))
        whole_day, bound = answer.cost_cents, answer.lower_bound_cents
    no_foresight = in_turn(today).cost_cents

    def won(cost: int) -> float:
        return online.share_won(no_foresight=no_foresight, cost=cost, foresight=bound)

    def held(days: online.Days) -> int:
        wave = len(today.orders) // LOOKS
        return online.held(today, days, wave=wave, waves=HELD_WAVES, effort=sizes.quick)

    return {
        "R7": won(online.at_once(today, past, looks=LOOKS)),
        "R7 priced once": won(online.at_once(today, past, looks=1)),
        "R8": won(held(())),
        "R8 with prices": won(held(past)),
        "R7 whole day": won(whole_day),
    }


def least_unfilled(problem: Problem) -> int:
    """A proven bound: so many lines at least stay unfilled in any plan, whatever it costs.

    It is the bound of the same problem where nothing costs anything but unfilled lines.
    """
    tariff = replace(problem.tariff, cents=tuple((0,) * len(row) for row in problem.tariff.cents))
    free = replace(
        problem,
        tariff=tariff,
        locations=tuple(
            replace(place, parcel_cents=0, line_cents=0, pickup_cents=0)
            for place in problem.locations
        ),
        orders=tuple(
            replace(order, lines=tuple(replace(line, unfilled_cents=1_000) for line in order.lines))
            for order in problem.orders
        ),
    )
    return math.ceil(bound_of(free) / 1_000)


def _beside(problem: Problem, jointly: Answer, fifo: Answer, *, said: str) -> Figures:
    """Unfilled lines and split orders against first come, first served, and what shipping costs."""
    return {
        f"{said} unfilled": _unfilled(jointly) / _unfilled(fifo),
        f"{said} least unfilled": least_unfilled(problem) / _unfilled(fifo),
        f"{said} split": _split(jointly) / _split(fifo),
        f"{said} without penalty": _paid(problem, jointly) / _paid(problem, fifo),
    }


def _half(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 2


@cache
def _world() -> World:
    return read_world() if DATA.is_dir() else make_world()


def _day(size: tuple[int, int], scarcity: Mapping[str, float], seed: int) -> Day:
    return a_day(_world(), Shape(*size, **scarcity), seed)


def _jointly(problem: Problem, sizes: Sizes, seconds: float | None) -> tuple[Answer, float]:
    begun = time.monotonic()

    def tell(progress: Progress) -> None:
        if progress.phase not in told or progress.phase is Phase.COLUMNS:
            told.add(progress.phase)
            gap = "" if progress.gap is None else f", gap {progress.gap:.4f}"
            print(f"    {time.monotonic() - begun:6.1f} s {progress.phase}{gap}", flush=True)

    def left() -> float | None:
        return None if seconds is None else seconds - (time.monotonic() - begun)

    told: set[Phase] = set()
    answer = solve(problem, effort=sizes.effort, limits=Limits(left, tell)).answer
    taken = time.monotonic() - begun
    wrong = violations(problem, answer)
    assert not wrong, wrong[:3]
    return answer, taken


def _unfilled(answer: Answer) -> int:
    return sum(len(plan.unfilled) for plan in answer.orders)


def _split(answer: Answer) -> int:
    return sum(len(plan.parcels) > 1 for plan in answer.orders)


def _paid(problem: Problem, answer: Answer) -> float:
    """What a shipped line costs on the average, the price of unfilled ones left out."""
    lines = sum(len(order.lines) for order in problem.orders) - _unfilled(answer)
    return sum(parcel.cents for plan in answer.orders for parcel in plan.parcels) / lines


PARTS: Mapping[str, Callable[..., Figures]] = {
    "R1": single,
    "R3": medium,
    "R6": loose,
    "R4": large,
    "R7": as_they_come,
}
"""By the first bar that each part has figures for; given are the sizes and the seed."""

BUILDS_ON: Mapping[str, str] = {"R7": "R3"}
"""Parts that are given the figures of another one besides, if they are known."""
