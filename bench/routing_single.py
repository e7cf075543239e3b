"""Time one order at a time: the exact engine against CP-SAT, on networks of growing size.

    python -m bench.routing_single [--runs 5] [--orders 1000] [--oracle 5] [--compare 25]

Real store and customer coordinates and real postage when the data folder lies beside the project
(`../shared/data`), made-up ones otherwise; the output says which. Stock, costs of handling,
promises and the orders themselves are always made up. Prints medians over the runs, each with its
own seed. The exact engine is timed from the order to its plan, CP-SAT from the surveyed choices:
once with every location able to ship a line, once with those that can be needed.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from bench.worlds import DATA, World, make_world, read_world
from routing import cpsat, exact
from routing.candidates import Choices, survey
from routing.effort import Effort
from routing.network import Network, Supply, network_of, supply_of
from routing.packages import Outcome, order_plan
from routing.plan import OrderPlan
from routing.problem import Line, Location, Order, Problem, Stock
from routing.pruning import needed_locations

SIZES = (50, 200, 1000, 2000)
SKUS = 400
IN_STOCK = 0.35
EFFORT = Effort(deterministic_time=3.0)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds per order by engine; orders on which they differ, or CP-SAT found no proof."""

    exact: list[float]
    plain: list[float]
    pruned: list[float]
    compared: int
    different: int
    unproven: int


def main() -> None:
    """Print one row per network size, then the two ratios that matter."""
    arguments = _arguments()
    world = read_world() if DATA.is_dir() else make_world()
    print(world.said)
    print(
        f"made up: {SKUS} SKUs, each in stock at {IN_STOCK:.0%} of the locations; handling;"
        f" promises; orders of 1-6 lines. Medians of {arguments.runs} runs, times in ms."
    )
    print(
        "locations   exact p50    p99 | CP-SAT p50     p99  times | on needed p50   p99  times"
        " | compared different unproven"
    )
    medians = {}
    for size in arguments.sizes:
        runs = [measure(world, size, seed, arguments) for seed in range(arguments.runs)]
        medians[size] = _row(size, runs)
    if {200, 2000} <= medians.keys():
        print(f"exact p50 from 200 to 2,000 locations: times {medians[2000] / medians[200]:.2f}")


def measure(world: World, size: int, seed: int, arguments: argparse.Namespace) -> Run:
    """Time the engines on one random network and its orders."""
    problem = a_problem(world, size, arguments.orders, seed)
    network = network_of(problem)
    supply = supply_of(problem, network)
    for order in problem.orders[:20]:  # the first of each length fills the tables of subsets
        exact_plan(network, supply, order)
    quick = [_timed(partial(exact_plan, network, supply, order)) for order in problem.orders]
    plain, pruned, different, unproven = [], [], 0, 0
    for number, order in enumerate(problem.orders[: arguments.compare]):
        best = quick[number][1].cost_cents
        choices = survey(network, supply, order)
        if number < arguments.oracle:
            seconds, _ = _timed(partial(_oracle, choices, _able_locations))
            plain.append(seconds)
        seconds, found = _timed(partial(_oracle, choices, needed_locations))
        pruned.append(seconds)
        plan = found.packages
        cost = order_plan(network, choices, plan).cost_cents if plan is not None else best
        unproven += found.bound_cents < cost or plan is None
        different += cost < best or found.bound_cents > best or (found.bound_cents == cost != best)
    return Run([seconds for seconds, _ in quick], plain, pruned, len(pruned), different, unproven)


def _able_locations(choices: Choices) -> list[int]:
    return [at for at, some in enumerate(choices.able.T.tolist()) if any(some)]


def _oracle(choices: Choices, among: Callable[[Choices], list[int]]) -> cpsat.Found:
    return cpsat.solve(choices, among(choices), EFFORT)


def exact_plan(network: Network, supply: Supply, order: Order) -> OrderPlan:
    """Decide one order from the problem's words to its plan."""
    choices = survey(network, supply, order)
    outcome: Outcome = exact.solve(choices)
    return order_plan(network, choices, outcome.packages)


def a_problem(world: World, size: int, orders: int, seed: int) -> Problem:
    """Make up stock, handling and orders over the world's places."""
    dice = random.Random(f"{size}/{seed}")
    stores = dice.sample(world.stores, size)
    skus = [f"SKU{number}" for number in range(SKUS)]
    return Problem(
        currency="USD",
        tariff=world.tariff,
        locations=tuple(
            Location(
                id=f"S{number}",
                kind="store",
                lat=lat,
                lon=lon,
                parcel_cents=dice.randrange(120, 260, 10),
                line_cents=dice.randrange(80, 200, 10),
                pickup_cents=150,
                handling_days=dice.choice((0, 1, 1, 2)),
            )
            for number, (lat, lon) in enumerate(stores)
        ),
        stock=tuple(
            Stock(f"S{number}", sku, dice.randint(1, 4))
            for number in range(size)
            for sku in skus
            if dice.random() < IN_STOCK
        ),
        orders=tuple(
            Order(
                id=f"O{number}",
                lat=(place := dice.choice(world.customers))[0],
                lon=place[1],
                promise_days=dice.choice((3, 5, 7)),
                max_parcels=3,
                lines=tuple(
                    Line(str(at), sku, dice.choice((1, 1, 2)), dice.randint(60, 1500), 3000)
                    for at, sku in enumerate(dice.sample(skus, dice.randint(1, 6)))
                ),
            )
            for number in range(orders)
        ),
    )


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def _row(size: int, runs: list[Run]) -> float:
    """Print one size and return the exact engine's p50 in ms."""
    fast, slow = _quantiles([run.exact for run in runs])
    plain, plain_slow = _quantiles([run.plain for run in runs])
    pruned, pruned_slow = _quantiles([run.pruned for run in runs])
    print(
        f"{size:9,} {fast:11.3f} {slow:6.3f} | {plain:10.1f} {plain_slow:7.0f} {plain / fast:5.0f}x"
        f" | {pruned:13.1f} {pruned_slow:5.0f} {pruned / fast:5.0f}x"
        f" | {sum(run.compared for run in runs):8} {sum(run.different for run in runs):9}"
        f" {sum(run.unproven for run in runs):8}",
        flush=True,
    )
    return fast


def _quantiles(samples: list[list[float]]) -> tuple[float, float]:
    """Return the medians over the runs of p50 and p99, in ms."""
    halves = [statistics.median(times) for times in samples]
    highs = [sorted(times)[min(len(times) - 1, int(len(times) * 0.99))] for times in samples]
    return 1000 * statistics.median(halves), 1000 * statistics.median(highs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="locations")
    parser.add_argument("--runs", type=int, default=5, help="runs, each with its own seed")
    parser.add_argument("--orders", type=int, default=1000, help="orders per run, exact engine")
    parser.add_argument("--oracle", type=int, default=5, help="of these timed with plain CP-SAT")
    parser.add_argument("--compare", type=int, default=25, help="of these compared with CP-SAT")
    return parser.parse_args()


if __name__ == "__main__":
    main()
