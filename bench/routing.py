"""Joint routing against its bound and against the rules that others route by: bars R3 to R9.

    python -m bench.routing [--runs 5] [--only R3 R5 …] [--small] [--write]

Bars R1 and R2, one order at a time, are `python -m bench.routing_single`. What is real and what is
made up: `bench.batches`. Every batch runs in a process of its own, whose greatest memory is told.
All costs are checked by `routing.check`, which shares nothing with the solvers. `--small` runs
everything at a tenth of the size: to see that it works, not to claim anything.
"""

import argparse
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from bench import charts, online
from bench.batches import LOOSE, TIGHT, Shape, a_day
from bench.worlds import DATA, make_world, read_world
from routing.batch.effort import BatchEffort, Limits, Progress
from routing.batch.solve import in_turn, solve
from routing.check import violations
from routing.effort import Effort
from routing.method import Method
from routing.plan import Answer
from routing.problem import Problem
from routing.sequence import solve_all

PAGE = charts.DOCS / "routing.md"
PEERS = (Method.PRIORITY, Method.NEAREST, Method.FEWEST_SPLITS, Method.FIFO_EXACT)
LARGE_EFFORT = BatchEffort(polish_steps=100_000, seen_locations=40)
"""Polishing goes on until the time is over."""

Figures = dict[str, float]
BARS: Mapping[str, tuple[str, str, float]] = {
    "R3": ("10k × 500: cost ÷ bound, in 120 s", "≤", 1.010),
    "R4": ("50k × 2,000: cost ÷ bound, in 240 s", "≤", 1.015),
    "R4 memory": ("its memory, GB", "≤", 1.5),
    "R5 priority": ("10k × 500: cost ÷ priority", "≤", 0.65),
    "R5 nearest": ("÷ nearest", "≤", 0.64),
    "R5 fewest-splits": ("÷ fewest splits, then nearest", "≤", 0.865),
    "R5 fifo-exact": ("÷ exact, first come first served", "≤", 0.88),
    "R6": ("loose stock: cost ÷ exact, first come first served", "≤", 0.957),
    "R7": ("at once with bid prices: share of the clairvoyant gap", "≥", 0.30),
    "R8": ("held for 5 waves: share of the clairvoyant gap", "≥", 0.70),
    "R9 unfilled": ("unfilled lines ÷ first come first served", "≤", 0.50),
    "R9 split": ("split orders ÷ first come first served", "≤", 0.85),
}
BESIDE: Mapping[str, str] = {
    "R3 seconds": "seconds that it took",
    "R4 seconds": "seconds that it took",
    "R5 without penalty": "cost of a shipped line ÷ first come first served",
    "R6 bound": "cost ÷ bound",
}
"""What is told beside the bars."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the batches are, and how long they may take."""

    medium: tuple[int, int]
    large: tuple[int, int]
    rolling: tuple[int, int]
    medium_s: float
    large_s: float


FULL = Sizes((10_000, 500), (50_000, 2_000), (10_000, 500), 120, 240)
SMALL = Sizes((1_000, 100), (5_000, 200), (1_000, 100), 12, 24)


def main() -> None:
    """Run what is asked for and print one row a bar."""
    asked = _arguments()
    sizes = SMALL if asked.small else FULL
    parts: Mapping[str, Callable[[int], Figures]] = {
        "R3": partial(medium, sizes),
        "R6": partial(loose, sizes),
        "R4": partial(large, sizes),
        "R7": partial(as_they_come, sizes),
    }
    found: dict[str, list[float]] = {}
    for name, part in parts.items():
        if asked.only and not any(bar in asked.only for bar in _bars_of(name)):
            continue
        for seed in range(asked.runs):
            for bar, figure in _apart(part, seed).items():
                found.setdefault(bar, []).append(figure)
            print(f"{name}, seed {seed}: " + _said(found, -1), flush=True)
    print(_table(found))
    if asked.write:
        _write(found, asked.runs)


def medium(sizes: Sizes, seed: int) -> Figures:
    """A tight day beside the rules of others."""
    problem = _problem(sizes.medium, TIGHT, seed)
    jointly, seconds = _jointly(problem, sizes.medium_s)
    peers = {method: solve_all(problem, method=method, effort=Effort()) for method in PEERS}
    fifo = peers[Method.FIFO_EXACT]
    return {
        "R3": jointly.cost_cents / jointly.lower_bound_cents,
        "R3 seconds": seconds,
        **{f"R5 {one}": jointly.cost_cents / peer.cost_cents for one, peer in peers.items()},
        "R9 unfilled": _unfilled(jointly) / _unfilled(fifo),
        "R9 split": _split(jointly) / _split(fifo),
        "R5 without penalty": _paid(problem, jointly) / _paid(problem, fifo),
    }


def loose(sizes: Sizes, seed: int) -> Figures:
    """A day with stock in plenty."""
    problem = _problem(sizes.medium, LOOSE, seed)
    jointly, _ = _jointly(problem, sizes.medium_s)
    fifo = solve_all(problem, method=Method.FIFO_EXACT, effort=Effort())
    return {
        "R6": jointly.cost_cents / fifo.cost_cents,
        "R6 bound": jointly.cost_cents / jointly.lower_bound_cents,
    }


def large(sizes: Sizes, seed: int) -> Figures:
    """A large tight day."""
    problem = _problem(sizes.large, TIGHT, seed)
    jointly, seconds = _jointly(problem, sizes.large_s)
    memory_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return {
        "R4": jointly.cost_cents / jointly.lower_bound_cents,
        "R4 seconds": seconds,
        "R4 memory": memory_gb,
    }


def as_they_come(sizes: Sizes, seed: int) -> Figures:
    """A day decided as it comes, with the bid prices of the two days before, and in waves."""
    orders, locations = sizes.rolling
    day = a_day(_world(), Shape(orders, locations, **TIGHT), seed)
    today = day.problem(0)
    foresight, _ = _jointly(today, sizes.medium_s / 2)
    no_foresight = in_turn(today).cost_cents
    won = partial(
        online.share_won, no_foresight=no_foresight, foresight=foresight.lower_bound_cents
    )
    prices = online.bid_prices([day.problem(-1), day.problem(-2)], online.QUICK)
    return {
        "R7": won(cost=online.at_once(today, prices)),
        "R8": won(cost=online.held(today, wave=orders // 10, waves=5)),
    }


def _bars_of(part: str) -> tuple[str, ...]:
    return {"R3": ("R3", "R5", "R9"), "R7": ("R7", "R8")}.get(part, (part,))


def _world():
    return read_world() if DATA.is_dir() else make_world()


def _problem(size: tuple[int, int], scarcity: Mapping[str, float], seed: int) -> Problem:
    return a_day(_world(), Shape(*size, **scarcity), seed).problem(0)


def _jointly(problem: Problem, seconds: float) -> tuple[Answer, float]:
    begun = time.monotonic()

    def tell(progress: Progress) -> None:
        if progress.phase not in told:
            told.add(progress.phase)
            print(f"    {time.monotonic() - begun:6.1f} s {progress.phase}", flush=True)

    told: set[str] = set()
    limits = Limits(lambda: seconds - (time.monotonic() - begun), tell)
    answer = solve(problem, effort=LARGE_EFFORT, limits=limits).answer
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


def _apart(part: Callable[[int], Figures], seed: int) -> Figures:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return process.submit(part, seed).result()


def _said(found: Mapping[str, Sequence[float]], at: int) -> str:
    return ", ".join(f"{bar} {figures[at]:.4f}" for bar, figures in found.items())


def _table(found: Mapping[str, Sequence[float]]) -> str:
    rows = []
    for bar, figures in found.items():
        words, sign, least = BARS.get(bar, (BESIDE.get(bar, ""), "", 0.0))
        median = statistics.median(figures)
        met = "" if not sign else "yes" if (median <= least) == (sign == "≤") else "no"
        spread = f"{min(figures):.4f} – {max(figures):.4f}"
        rows.append([bar, words, f"{sign} {least:g}" if sign else "", f"{median:.4f}", spread, met])
    return charts.table(["", "", "Bar", "Median", "Range", "Met"], rows)


def _write(found: Mapping[str, Sequence[float]], runs: int) -> None:
    seeds = "1 seed" if runs == 1 else f"{runs} seeds"
    charts.put_figures(PAGE, f"Medians of {seeds}.\n\n{_table(found)}\n")
    peers = [f"R5 {method}" for method in PEERS]
    if all(peer in found for peer in peers):
        charts.bars(
            PAGE.parent / "routing-peers.svg",
            title="Cost of the joint plan, as a share of what each rule pays (10,000 orders)",
            unit="joint ÷ rule",
            groups=[str(method) for method in PEERS],
            series={"joint": [statistics.median(found[peer]) for peer in peers]},
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="seeds")
    parser.add_argument("--only", nargs="+", default=[], help="bars, such as R3 R7")
    parser.add_argument("--small", action="store_true", help="a tenth of the size")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks/routing.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
