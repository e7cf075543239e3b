"""Orders captured a second over signed HTTP, against what the same PostgreSQL can do at all.

    python -m bench.capture [--runs 5] [--seconds 6]

Two web processes, a load generator and PostgreSQL share the machine; commits are durable. Every run
measures each row once, so that all see the same machine; printed are medians, and ratios taken
within a run. The ceiling is pgbench: the rows of the same order, one statement each, prepared, in
pipeline mode, 8 clients. `orm` is the same web process with every capture going through the ORM.
"""

import argparse
import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import ceiling
from bench.ground import Ground, Orders, ground, web
from bench.senders import Tally, send

CONNECTIONS = (1, 8, 32, 128)
MOST_RATE = 4_000
_HOT, _SOLD_OUT, _REPEATS = (
    f"{name}, 128 connections" for name in ("one hot SKU", "sold out", "repeats")
)
ORM = ("bench.orm_web",)


@dataclass(slots=True)
class Bench:
    """What is measured against."""

    place: Ground
    ports: Sequence[int]
    orm_ports: Sequence[int]
    orders: Orders
    seconds: float

    def fresh(self, *, connections: int = 128, skus: str = "uniform") -> Tally:
        """New orders, as many as can be sent in the time."""
        requests = self.orders.make(int(MOST_RATE * self.seconds), skus=skus)
        return send(requests, ports=self.ports, connections=connections, most_s=self.seconds)

    def orm(self) -> Tally:
        """New orders through the ORM."""
        requests = self.orders.make(int(400 * self.seconds))
        return send(requests, ports=self.orm_ports, connections=128, most_s=self.seconds)

    def sold_out(self) -> Tally:
        """New orders for an article of which there is nothing."""
        self.place.do("UPDATE stock_balances SET safety = on_hand WHERE sku = 'SKU000001'")
        tally = self.fresh(skus="hot")
        self.place.do("UPDATE stock_balances SET safety = 0 WHERE sku = 'SKU000001'")
        return tally

    def repeats(self) -> Tally:
        """Messages that were sent before."""
        requests = self.orders.make(2_000)
        send(requests, ports=self.ports, connections=128, most_s=60)
        again = requests * (1 + int(2 * MOST_RATE * self.seconds) // len(requests))
        return send(again, ports=self.ports, connections=128, most_s=self.seconds)

    def paced(self, rate: float) -> Tally:
        """New orders at a given rate, over 64 connections."""
        requests = self.orders.make(int(rate * self.seconds))
        return send(requests, ports=self.ports, connections=64, most_s=3 * self.seconds, rate=rate)


def one_run(bench: Bench, script: Path) -> dict[str, float]:
    """Every row once."""
    found: dict[str, float] = {}
    found["ceiling"] = ceiling.run(bench.place, script, clients=8, seconds=int(bench.seconds))
    rows: list[tuple[str, Callable[[], Tally]]] = [
        (f"uniform, {count} connections", partial(bench.fresh, connections=count))
        for count in CONNECTIONS
    ]
    rows += [
        ("zipf, 128 connections", partial(bench.fresh, skus="zipf")),
        (_HOT, partial(bench.fresh, skus="hot")),
        (_SOLD_OUT, bench.sold_out),
        (_REPEATS, bench.repeats),
        ("orm, 128 connections", bench.orm),
    ]
    for name, measure in rows:
        tally = measure()
        _note(found, name, tally)
    half = found["uniform, 128 connections"] / 2
    _note(found, "at half of that load", bench.paced(half))
    return found


def _note(found: dict[str, float], name: str, tally: Tally) -> None:
    wrong = {status: count for status, count in tally.statuses.items() if status != 200}
    if wrong:
        raise RuntimeError(f"{name}: answers {wrong}")
    found[name] = tally.rate
    found[f"{name} p50"] = tally.quantile_ms(0.5)
    found[f"{name} p99"] = tally.quantile_ms(0.99)


def _report(runs: Sequence[dict[str, float]]) -> None:
    middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    print(f"\n{'':34}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'of the ceiling':>16}")
    for name in runs[0]:
        if name.endswith((" p50", " p99")):
            continue
        share = _ratio(runs, name, "ceiling")
        times = (
            f"{middle[f'{name} p50']:9.1f}{middle[f'{name} p99']:9.1f}"
            if f"{name} p50" in middle
            else " " * 18
        )
        print(f"{name:34}{middle[name]:10.0f}{times}{share:16.2f}")
    full = "uniform, 128 connections"
    bars = (
        ("P1 against the ceiling", _ratio(runs, full, "ceiling"), ">=", 0.60),
        ("P2 against the ORM", _ratio(runs, full, "orm, 128 connections"), ">=", 12),
        ("P3 p99 at half load, ms", middle["at half of that load p99"], "<=", 60),
        (
            "P4 one hot SKU against uniform",
            _ratio(runs, "one hot SKU, 128 connections", full),
            ">=",
            0.80,
        ),
        (
            "P4b sold out against captured",
            _ratio(runs, "sold out, 128 connections", full),
            ">=",
            0.70,
        ),
        (
            "P5 repeats against new orders",
            _ratio(runs, "repeats, 128 connections", full),
            ">=",
            1.5,
        ),
    )
    print()
    for name, value, sense, bar in bars:
        met = value >= bar if sense == ">=" else value <= bar
        print(f"{name:34}{value:10.2f}   bar {sense} {bar:<6} {'met' if met else 'MISSED'}")


def _ratio(runs: Sequence[dict[str, float]], above: str, below: str) -> float:
    return statistics.median(run[above] / run[below] for run in runs)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6)
    given = parser.parse_args()
    runs: list[dict[str, float]] = []
    with ground() as place, ExitStack() as stack:
        ports = [stack.enter_context(web(place)) for _ in range(2)]
        orm_ports = [stack.enter_context(web(place, module=ORM)) for _ in range(2)]
        orders = Orders(seed=1)
        bench = Bench(place, ports, orm_ports, orders, given.seconds)
        script = ceiling.prepare(place, orders.make(1)[0].split(b"\r\n\r\n", 1)[1])
        bench.fresh()  # caches, prepared statements, free space in tables
        place.do("ANALYZE")
        for number in range(given.runs):
            runs.append(one_run(bench, script))
            print(f"run {number + 1} of {given.runs} done", flush=True)
    _report(runs)


if __name__ == "__main__":
    main()
