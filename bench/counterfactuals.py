"""Time what would change a decision against the decision itself, on networks of growing size.

    python -m bench.counterfactuals [--runs 3] [--orders 20] [--sizes 60,1000]

The networks and orders are those of `bench.routing_single`: real places and postage when the data
folder lies beside the project. Both are timed from the problem of one order as a snapshot states
it. Prints medians over the runs, and how often every other location, line or loss is spoken of.
"""

import argparse
import statistics
import time
from dataclasses import replace

from bench.routing_single import a_problem
from bench.worlds import DATA, World, make_world, read_world
from routing.changes import alone
from routing.counterfactual import counterfactuals
from routing.decide import decide
from routing.problem import Problem


def main() -> None:
    """Print one row per network size."""
    arguments = _arguments()
    world = read_world() if DATA.is_dir() else make_world()
    print(world.said)
    print("locations   decide p50   p99 | counterfactuals p50    p99 ms | found an order   times")
    for size in arguments.sizes:
        rows = [measure(world, size, seed, arguments.orders) for seed in range(arguments.runs)]
        _row(size, rows)


def measure(
    world: World, size: int, seed: int, orders: int
) -> tuple[list[float], list[float], int]:
    """Time each order of one random network, and count what is found."""
    problem = a_problem(world, size, orders, seed)
    first = _snapshot(problem, problem.orders[0].id)
    counterfactuals(first, first.orders[0].id)  # fills the tables of subsets
    deciding, supposing, found = [], [], 0
    for order in problem.orders:
        snapshot = _snapshot(problem, order.id)
        begun = time.perf_counter()
        decide(snapshot, order.id)
        between = time.perf_counter()
        found += len(counterfactuals(snapshot, order.id))
        supposing.append(time.perf_counter() - between)
        deciding.append(between - begun)
    return deciding, supposing, found


def _snapshot(problem: Problem, order_id: str) -> Problem:
    """Return the problem as a decision keeps it: one order, and the stock of its articles."""
    single = alone(problem, order_id)
    skus = {line.sku for line in single.orders[0].lines}
    return replace(single, stock=tuple(row for row in single.stock if row.sku in skus))


def _row(size: int, rows: list[tuple[list[float], list[float], int]]) -> None:
    deciding, supposing = [row[0] for row in rows], [row[1] for row in rows]
    middle = [statistics.median(map(statistics.median, one)) for one in (deciding, supposing)]
    worst = [statistics.median(map(_p99, one)) for one in (deciding, supposing)]
    found = sum(row[2] for row in rows) / sum(len(row[0]) for row in rows)
    print(
        f"{size:9,} {middle[0] * 1e3:12.1f} {worst[0] * 1e3:5.1f}"
        f" | {middle[1] * 1e3:19.0f} {worst[1] * 1e3:6.0f}    | {found:14.1f}"
        f" {middle[1] / middle[0]:7.0f}"
    )


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.99 * (len(seconds) - 1))]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--orders", type=int, default=20)
    parser.add_argument(
        "--sizes", type=lambda text: [int(one) for one in text.split(",")], default=[60, 1000]
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
