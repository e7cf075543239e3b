"""Orders captured a second over HTTP, against what the same PostgreSQL can do at all.

    python -m bench.capture [--door webhooks|tills] [--runs 5] [--seconds 3] [--save FILE]

Two web processes, a load generator and PostgreSQL share the machine; commits are durable. Every run
measures each row once, so that all see the same machine; printed are medians, and ratios taken
within a run. The ceiling is pgbench: the rows of the same order, one statement each, prepared, in
pipeline mode, 8 clients. `orm` is the same web process with every capture going through the ORM.
"""

import argparse
import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import ceiling
from bench.ground import Ground, ground, web
from bench.open_loop import rush
from bench.orders import Door, tills, webhooks
from bench.senders import Tally, send

CONNECTIONS = (1, 8, 32, 128)
MOST_RATE = 4_000
FULL, ORM, HALF = "uniform, 128 connections", "orm, 128 connections", "at half of that load"
DOUBLE = "at twice that load"
HOT, SOLD_OUT, REPEATS = (
    f"{name}, 128 connections" for name in ("one hot SKU", "sold out", "repeats")
)
ORM_MODULE = ("bench.orm_web",)
DOORS: Mapping[str, Callable[[], Door]] = {"webhooks": webhooks, "tills": tills}
Found = dict[str, float]


@dataclass(slots=True)
class Bench:
    """What is measured against."""

    place: Ground
    ports: Sequence[int]
    orm_ports: Sequence[int]
    door: Door
    seconds: float

    def fresh(self, *, connections: int = 128, skus: str = "uniform") -> Tally:
        """New orders, as many as can be sent in the time."""
        requests = self.door.make(int(MOST_RATE * self.seconds), skus=skus)
        return send(requests, ports=self.ports, connections=connections, most_s=self.seconds)

    def orm(self) -> Tally:
        """New orders through the ORM."""
        requests = self.door.make(int(400 * self.seconds))
        return send(requests, ports=self.orm_ports, connections=128, most_s=self.seconds)

    def sold_out(self) -> Tally:
        """New orders for an article of which there is nothing."""
        self.place.do("UPDATE stock_balances SET safety = on_hand WHERE sku = 'SKU000001'")
        tally = self.fresh(skus="hot")
        self.place.do("UPDATE stock_balances SET safety = 0 WHERE sku = 'SKU000001'")
        return tally

    def repeats(self) -> Tally:
        """What was sent before."""
        requests = self.door.make(2_000)
        send(requests, ports=self.ports, connections=128, most_s=60)
        again = requests * (1 + int(2 * MOST_RATE * self.seconds) // len(requests))
        return send(again, ports=self.ports, connections=128, most_s=self.seconds)

    def paced(self, rate: float) -> Tally:
        """New orders at a given rate, over 64 connections."""
        requests = self.door.make(int(rate * self.seconds))
        return send(requests, ports=self.ports, connections=64, most_s=3 * self.seconds, rate=rate)

    def overload(self, rate: float) -> Found:
        """New orders at a rate that is too much, whatever comes back; none may be lost."""
        requests = self.door.make(int(rate * max(self.seconds, 6)))
        found = rush(requests, ports=self.ports, rate=rate)
        references = self.door.references(len(requests))
        lost = _lost(self.place, [references[at] for at in found.good])
        refused = found.statuses[503]
        odd = found.sent - len(found.good) - refused
        if lost or odd or found.told_when < refused:
            raise RuntimeError(f"{lost} lost, {odd} answered oddly: {found.statuses}")
        return {
            f"{DOUBLE}, sent": found.sent,
            f"{DOUBLE}, offered a second": rate,
            DOUBLE: len(found.good) / found.wall_s,
            f"{DOUBLE} p50": found.quantile_ms(self.door.good, 0.5),
            f"{DOUBLE} p99": found.quantile_ms(self.door.good, 0.99),
            f"{DOUBLE}, share refused": refused / found.sent,
            f"{DOUBLE}, p99 of refusals": found.quantile_ms(503, 0.99),
            f"{DOUBLE}, acknowledged": len(found.good),
            f"{DOUBLE}, lost": lost,
            f"{DOUBLE}, connections": found.connections,
        }


def _lost(place: Ground, references: Sequence[str]) -> int:
    """How many acknowledged orders are not there."""
    with psycopg.connect(place.url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM unnest(%s::text[]) AS told(external_id)"
            " WHERE NOT EXISTS (SELECT FROM orders WHERE orders.external_id = told.external_id)",
            [list(references)],
        ).fetchone()
    assert row is not None
    return int(row[0])


def one_run(bench: Bench, script: Path) -> Found:
    """Every row once."""
    found: Found = {}
    found["ceiling"] = ceiling.run(
        bench.place, script, clients=8, seconds=max(1, int(bench.seconds))
    )
    good = bench.door.good
    for skus in ("uniform", "zipf"):
        for count in CONNECTIONS:
            name = f"{skus}, {count} connections"
            note(found, name, bench.fresh(connections=count, skus=skus), good)
    note(found, HOT, bench.fresh(skus="hot"), good)
    note(found, SOLD_OUT, bench.sold_out(), bench.door.sold_out)
    note(found, REPEATS, bench.repeats(), good)
    note(found, ORM, bench.orm(), good)
    note(found, HALF, bench.paced(found[FULL] / 2), good)
    return found | bench.overload(2 * found[FULL])


def note(found: Found, name: str, tally: Tally, expected: int) -> None:
    """Keep rate and times under a name; an answer other than expected is an error."""
    wrong = {status: count for status, count in tally.statuses.items() if status != expected}
    if wrong:
        raise RuntimeError(f"{name}: answers {wrong}")
    found[name] = tally.rate
    found[f"{name} p50"] = tally.quantile_ms(0.5)
    found[f"{name} p99"] = tally.quantile_ms(0.99)


def medians(runs: Sequence[Found]) -> Found:
    """The middle of each figure; `of the ceiling` is taken within a run."""
    middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    for name in runs[0]:
        if f"{name} p50" in middle:
            middle[f"{name}, of the ceiling"] = ratio(runs, name, "ceiling")
    return middle


def _report(runs: Sequence[Found]) -> None:
    middle = medians(runs)
    print(f"\n{'':34}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'of the ceiling':>16}")
    print(f"{'ceiling':34}{middle['ceiling']:10.0f}{'':18}{1:16.2f}")
    for name in runs[0]:
        if f"{name} p50" in middle:
            times = f"{middle[f'{name} p50']:9.1f}{middle[f'{name} p99']:9.1f}"
            share = middle[f"{name}, of the ceiling"]
            print(f"{name:34}{middle[name]:10.0f}{times}{share:16.2f}")
    print()
    for name in runs[0]:
        if name.startswith(f"{DOUBLE}, "):
            print(f"{name:44}{middle[name]:10.2f}")
    bars = (
        ("P1 against the ceiling", ratio(runs, FULL, "ceiling"), ">=", 0.60),
        ("P2 against the ORM", ratio(runs, FULL, ORM), ">=", 12),
        ("P3 p99 at half load, ms", middle[f"{HALF} p99"], "<=", 60),
        ("P4 one hot SKU against uniform", ratio(runs, HOT, FULL), ">=", 0.80),
        ("P4b sold out against captured", ratio(runs, SOLD_OUT, FULL), ">=", 0.70),
        ("P5 repeats against new orders", ratio(runs, REPEATS, FULL), ">=", 1.5),
    )
    print()
    for name, value, sense, bar in bars:
        met = value >= bar if sense == ">=" else value <= bar
        print(f"{name:34}{value:10.2f}   bar {sense} {bar:<6} {'met' if met else 'MISSED'}")


def ratio(runs: Sequence[Found], above: str, below: str) -> float:
    """The middle of a ratio that is taken within each run."""
    return statistics.median(run[above] / run[below] for run in runs)


def main() -> None:
    """Measure and print."""
    given = _arguments()
    runs: list[Found] = []
    with ground() as place, ExitStack() as stack:
        ports = [stack.enter_context(web(place)) for _ in range(2)]
        orm_ports = [stack.enter_context(web(place, module=ORM_MODULE)) for _ in range(2)]
        bench = Bench(place, ports, orm_ports, DOORS[given.door](), given.seconds)
        script = ceiling.prepare(place, webhooks().make(1)[0].split(b"\r\n\r\n", 1)[1])
        bench.fresh()  # caches, prepared statements, free space in tables
        place.do("ANALYZE")
        for number in range(given.runs):
            runs.append(one_run(bench, script))
            print(f"run {number + 1} of {given.runs} done", flush=True)
    _report(runs)
    if given.save:
        given.save.write_text(json.dumps(medians(runs), indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--door", choices=DOORS, default="webhooks")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--save", type=Path, help="write the medians to this JSON file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
