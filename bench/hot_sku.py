"""One article in every order: does it serialise the shop?

    python -m bench.hot_sku [--runs 3] [--seconds 2] [--write]

Three ways to write the same order of two lines, each with articles drawn evenly and with one hot
article in every order, that lies at one location or is spread over all:

* one transaction an order: `bench/ceiling.sql` by pgbench, pipelined; the row lock does the work;
* the same, each order taking the hot article from any of its locations, as a router spreads them;
* our group commit, over signed HTTP: two web processes, 128 connections.

Every run measures each row once, so that all see the same machine; printed are medians, and ratios
taken within a run. pgbench has the machine to itself while it runs; HTTP shares it with the load
generator, so compare the ratios, not the rates.
"""

import argparse
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import ceiling, charts
from bench.capture import Bench, Found, note, ratio
from bench.database import about
from bench.ground import LOCATION_ID, LOCATIONS, Ground, ground, web
from bench.orders import webhooks

CLIENTS: Final = (8, 32)
UNIFORM, HOT = "uniform", "one hot article"
ONE, SPREAD = "at one location", f"over {LOCATIONS} locations"
HTTP: Final = "group commit over HTTP, 128 connections"
BAR: Final = 0.80
"""P4: what must remain of the uniform rate with one hot article."""
_ONLY_HERE: Final = (
    "UPDATE stock_balances SET safety = on_hand WHERE sku = 'SKU000001' AND location_id <> "
    + LOCATION_ID.format(number=1)
)
_EVERYWHERE: Final = "UPDATE stock_balances SET safety = 0 WHERE sku = 'SKU000001'"


@dataclass(frozen=True, slots=True)
class Way:
    """How orders are written, and where the hot article lies."""

    name: str
    place: str

    def figure(self, skus: str) -> str:
        """The name under which its rate is kept."""
        return f"{self.name}, {self.place}, {skus}"


def plain(clients: int, place: str) -> Way:
    """One transaction an order, by so many clients of pgbench."""
    return Way(f"a transaction an order, {clients} clients", place)


WAYS: Final = (
    *(plain(clients, place) for clients in CLIENTS for place in (ONE, SPREAD)),
    Way(HTTP, ONE),
    Way(HTTP, SPREAD),
)


def main() -> None:
    """Measure, print, and with `--write` put the figures into the document."""
    given = _arguments()
    runs: list[Found] = []
    with ground() as place, ExitStack() as stack:
        ports = [stack.enter_context(web(place)) for _ in range(2)]
        bench = Bench(place, ports, (), webhooks(), given.seconds)
        scripts = _scripts(place)
        bench.fresh()  # caches, prepared statements, free space in tables
        place.do("ANALYZE")
        for _ in range(given.runs):
            runs.append(one_run(bench, scripts))
            print(f"run {len(runs)} of {given.runs} done", flush=True)
    figures = _figures(runs)
    print(figures)
    if given.write:
        _draw(runs)
        charts.put_figures(charts.DOCS / "hot-sku.md", figures)


def _scripts(place: Ground) -> dict[tuple[str, str], Path]:
    ceiling.prepare(place, webhooks().make(1)[0].split(b"\r\n\r\n", 1)[1])
    return {
        (where, skus): ceiling.script(place, name=f"{where}, {skus}", first=first, store=store)
        for where, store in ((ONE, "1"), (SPREAD, ceiling.ANY_STORE))
        for skus, first in ((UNIFORM, ceiling.ANY_FIRST), (HOT, "1"))
    }


def one_run(bench: Bench, scripts: dict[tuple[str, str], Path]) -> Found:
    """Every row once, the hot one right after the uniform one."""
    found: Found = {}
    for clients in CLIENTS:
        for (where, skus), script in scripts.items():
            found[plain(clients, where).figure(skus)] = ceiling.run(
                bench.place, script, clients=clients, seconds=max(1, int(bench.seconds))
            )
    good = bench.door.good
    for where, statement in ((ONE, _ONLY_HERE), (SPREAD, _EVERYWHERE)):
        way = Way(HTTP, where)
        bench.place.do(statement)
        note(found, way.figure(UNIFORM), bench.fresh(), good)
        note(found, way.figure(HOT), bench.fresh(skus="hot"), good)
    return found


def _figures(runs: Sequence[Found]) -> str:
    rows = []
    for way in WAYS:
        uniform, hot = way.figure(UNIFORM), way.figure(HOT)
        rates = [f"{_middle(runs, name):,.0f}" for name in (uniform, hot)]
        rows.append([way.name, way.place, *rates, f"{ratio(runs, hot, uniform):.2f}"])
    times = [
        [skus, way.place, *(f"{_middle(runs, f'{way.figure(skus)} {share}'):.0f}"
                            for share in ("p50", "p99"))]
        for way in WAYS if way.name == HTTP
        for skus in (UNIFORM, HOT)
    ]  # fmt: skip
    reached = min(ratio(runs, w.figure(HOT), w.figure(UNIFORM)) for w in WAYS if w.name == HTTP)
    met = "met" if reached >= BAR else "MISSED"
    head = ["orders a second", "the hot article lies", UNIFORM, HOT, "hot / uniform"]
    return "\n\n".join(
        (
            f"{about()}; medians of {len(runs)} runs",
            charts.table(head, rows),
            charts.table([HTTP, "the hot article lies", "p50 ms", "p99 ms"], times),
            f"P4: {reached:.2f} of the uniform rate, the lower of both (bar {BAR}): {met}.",
        )
    )


def _draw(runs: Sequence[Found]) -> None:
    short = {HTTP: "group commit, HTTP"} | {
        plain(clients, ONE).name: f"pgbench, {clients} clients" for clients in CLIENTS
    }
    charts.bars(
        charts.DOCS / "hot-sku.svg",
        title="One article in every order",
        unit="orders a second",
        groups=[f"{short[way.name]}\n{way.place}" for way in WAYS],
        series={skus: [_middle(runs, way.figure(skus)) for way in WAYS] for skus in (UNIFORM, HOT)},
    )


def _middle(runs: Sequence[Found], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
