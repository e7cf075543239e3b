"""Availability of three articles over 2,000 locations, against the same rows read by bare SQL.

    python -m bench.availability [--runs 5] [--write]

Five million balances, loaded before they are analysed. Every run asks each question in turn, so
that all see the same machine; printed are medians over the runs. `bare SQL` is psycopg: prepared,
binary, by primary key, rows as they come. `of` adds every deduction, `promisable` is the one
number, both from a transaction to plain values. Over HTTP two web processes answer; writers take
2,000 units a second, as capture would at 1,000 orders.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, TypeAlias

import psycopg

from api.cli.bulk import prepare_for_bulk
from bench import charts, volume
from bench.database import a_database, about, empty
from bench.ground import CHANNEL, Ground, network, web
from bench.senders import send
from oms.access import enrolling
from oms.access.models import Scope
from oms.capture import questions
from oms.db import transaction
from oms.inventory import availability, rules
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope as Range

LOCATIONS, SKUS, RULED_EVERY = 2_000, 2_500, 50
ASKS = 150
BAR_MS, BAR_RATIO = 10.0, 0.5
BARE: Final = """
SELECT sku, location_id, on_hand, reserved, safety, damaged, withheld, by_channel
FROM stock_balances WHERE sku = ANY(%s::text[])
"""
KINDS: Final = ("bare SQL", "of", "promisable")
Found: TypeAlias = dict[tuple[str, str], tuple[float, float]]
"""p50 and p99 in milliseconds by circumstances and by what was asked."""


@dataclass(frozen=True, slots=True)
class Case:
    """Circumstances: which articles are asked for, and whether somebody writes."""

    name: str
    skus: str = "uniform"
    channel: str | None = None
    writers: bool = False
    connections: Sequence[int] = ()
    """Over HTTP with so many."""


CASES: Final = (
    Case("uniform", connections=(1, 8, 32)),
    Case("Zipf", skus="zipf", connections=(1, 8)),
    Case("with rules, for a channel", skus="ruled", channel=CHANNEL, connections=(1, 8)),
    Case("uniform, while units are taken", writers=True, connections=(1, 8)),
)
SCATTERED: Final = "rows location by location on the disk"


def main() -> None:
    """Measure, print, and with `--write` put the figures into the document."""
    given = _arguments()
    prepare_for_bulk()
    runs: list[Found] = []
    scattered: list[Found] = []
    with a_database() as url, ExitStack() as stack:
        _load(url)
        place = Ground(
            url, Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tributary-bench-")))
        )
        ports = [stack.enter_context(web(place)) for _ in range(2)]
        key = _key()
        for _ in range(given.runs):
            runs.append(_direct(url, CASES) | _over_http(url, ports, key))
            print(f"run {len(runs)} of {given.runs} done", flush=True)
        empty(url, "stock_balances")
        with psycopg.connect(url, autocommit=True) as connection:
            volume.stock(connection, layout="location")
        scattered = [_direct(url, (Case(SCATTERED),)) for _ in range(given.runs)]
    figures = _figures(_medians(runs) | _medians(scattered))
    print(figures)
    if given.write:
        _draw(_medians(runs))
        charts.put_figures(charts.DOCS / "availability.md", figures)


def _load(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        network(connection, locations=LOCATIONS, skus=SKUS)
        volume.stock(connection, layout="article")
        ruled = (
            f"UPDATE products SET category = 'ruled' WHERE right(sku, 6)::int % {RULED_EVERY} = 0"
        )
        connection.execute(ruled.encode())
    with transaction() as session:
        for kind, units, channel in (
            (RuleKind.SAFETY, 2, None),
            (RuleKind.SAFETY, 3, CHANNEL),
            (RuleKind.BUFFER, 1, CHANNEL),
        ):
            scope = Range(category="ruled", channel=channel)
            rules.set_rule(session, kind, scope, units=units, actor="bench")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE stock_balances")


def _direct(url: str, cases: Sequence[Case]) -> Found:
    """Every question of every case, one after the other in one process."""
    found: Found = {}
    with psycopg.connect(url, autocommit=True) as bare:
        for case in cases:
            asks: dict[str, Callable[[list[str]], Any]] = {
                "bare SQL": partial(_bare, bare),
                "of": partial(_of, case.channel),
                "promisable": partial(_promisable, case.channel),
            }
            with _writing(url, really=case.writers):
                taken: dict[str, list[float]] = {kind: [] for kind in asks}
                picks = _picks(case.skus, ASKS + 10)
                for at, skus in enumerate(picks):
                    for kind, ask in asks.items():
                        begun = time.perf_counter()
                        ask(skus)
                        if at >= 10:
                            taken[kind].append(1_000 * (time.perf_counter() - begun))
            found |= {(case.name, kind): _quantiles(times) for kind, times in taken.items()}
    return found


def _bare(connection: psycopg.Connection, skus: list[str]) -> list[tuple[Any, ...]]:
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(BARE, [skus], prepare=True).fetchall()


def _of(channel: str | None, skus: list[str]) -> object:
    with transaction() as session:
        return availability.of(session, skus, channel=channel)


def _promisable(channel: str | None, skus: list[str]) -> object:
    with transaction() as session:
        return availability.promisable(session, skus, channel=channel)


def _over_http(url: str, ports: Sequence[int], key: str) -> Found:
    found: Found = {}
    for case in CASES:
        with _writing(url, really=case.writers):
            for count in case.connections:
                asked = [_request(skus, case.channel, key) for skus in _picks(case.skus, 4_000)]
                tally = send(asked, ports=ports, connections=count, most_s=2.5)
                if set(tally.statuses) != {200}:
                    raise RuntimeError(f"{case.name}: answers {tally.statuses}")
                found[case.name, f"HTTP {count}"] = (
                    tally.quantile_ms(0.5),
                    tally.quantile_ms(0.99),
                )
    return found


def _request(skus: Sequence[str], channel: str | None, key: str) -> bytes:
    asked = "&".join(
        [*(f"sku={sku}" for sku in skus), *([f"channel={channel}"] if channel else [])]
    )
    return (
        f"GET /v1/availability?{asked} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {key}\r\n\r\n"
    ).encode()


def _picks(how: str, count: int) -> list[list[str]]:
    chance = random.Random(7)
    every = [f"SKU{number:06}" for number in range(1, SKUS + 1)]
    if how == "ruled":
        every = every[RULED_EVERY - 1 :: RULED_EVERY]
    weights = [1 / rank**1.1 for rank in range(1, len(every) + 1)] if how == "zipf" else None
    found = []
    for _ in range(count):
        three: set[str] = set()
        while len(three) < 3:
            three.update(chance.choices(every, weights))
        found.append(sorted(three))
    return found


@contextmanager
def _writing(url: str, *, really: bool) -> Iterator[None]:
    """While the block runs, another process takes units as capture does."""
    if not really:
        yield
        return
    process = get_context("spawn").Process(target=take_units, args=(url,), daemon=True)
    process.start()
    time.sleep(1.5)
    yield
    process.terminate()
    process.join()


def take_units(url: str) -> None:
    """Take 100 units in a transaction, twenty times a second."""
    chance = random.Random(1)
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            begun = time.perf_counter()
            skus = [f"SKU{chance.randint(1, SKUS):06}" for _ in range(100)]
            places = [volume.location_id(chance.randint(1, LOCATIONS)) for _ in range(100)]
            connection.execute(questions.RESERVE.encode(), [skus, places, [1] * 100], prepare=True)
            time.sleep(max(0.0, 0.05 - (time.perf_counter() - begun)))


def _key() -> str:
    with transaction() as session:
        return enrolling.issue_key(session, name="bench", scopes=[Scope.STOCK_READ])


def _quantiles(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[int(0.99 * len(ordered))]


def _medians(runs: Sequence[Found]) -> Found:
    return {
        name: (
            statistics.median(run[name][0] for run in runs),
            statistics.median(run[name][1] for run in runs),
        )
        for name in runs[0]
    }


def _figures(middle: Found) -> str:
    cases = list(dict.fromkeys(name for name, _ in middle))
    direct = [
        [name, *(f"{number:.1f}" for kind in KINDS for number in middle[name, kind]),
         f"{middle[name, 'bare SQL'][0] / middle[name, 'of'][0]:.2f}"]
        for name in cases
    ]  # fmt: skip
    http = [
        [case.name, str(count), *(f"{number:.1f}" for number in middle[case.name, f"HTTP {count}"]),
         f"{1_000 * count / middle[case.name, f'HTTP {count}'][0]:.0f}"]
        for case in CASES
        for count in case.connections
    ]  # fmt: skip
    p50, p99 = middle["uniform", "of"]
    ratio = middle["uniform", "bare SQL"][0] / p50
    met = "met" if p99 <= BAR_MS and ratio >= BAR_RATIO else "MISSED"
    head = ["ms, p50 and p99", *(name for kind in KINDS for name in (kind, "p99")), "bare / of"]
    return "\n\n".join(
        (
            about(),
            charts.table(head, direct),
            charts.table(["over HTTP", "connections", "p50 ms", "p99 ms", "a second, about"], http),
            f"A1: p99 {p99:.1f} ms (bar {BAR_MS:.0f} ms), {ratio:.2f} of the bare SQL"
            f" (bar {BAR_RATIO}): {met}.",
        )
    )


def _draw(middle: Found) -> None:
    charts.bars(
        charts.DOCS / "availability.svg",
        title="Availability of 3 articles over 2,000 locations, p99",
        unit="ms",
        groups=[case.name for case in CASES],
        series={kind: [middle[case.name, kind][1] for case in CASES] for kind in KINDS},
        bar=BAR_MS,
    )
    counts = CASES[0].connections
    charts.lines(
        charts.DOCS / "availability-http.svg",
        title="The same over HTTP: 6,000 rows, 1.1 MB of JSON",
        unit="ms",
        across="connections",
        at=counts,
        series={
            name: [middle[CASES[0].name, f"HTTP {count}"][at] for count in counts]
            for at, name in enumerate(("p50", "p99"))
        },
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
