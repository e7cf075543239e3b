"""The pickup queue of one store among ten million past fulfilments, against a bare SQL read.

    python -m bench.pickup_queue [--fulfilments 10000000] [--runs 3] [--write]

Each order has ten fulfilments, every second of them a pickup, at 500 stores; the newest of each
store are open, those of one store so many that they fill the list. Everything is loaded before it
is analysed. Every run asks in turn, so that all see the same machine; printed are medians over the
runs. `bare SQL` is psycopg: the same rows by two statements, prepared, binary, as they come.
`queue` is `oms.pickup.queue.queue`, from the beginning of a transaction to plain values. Over HTTP
two web processes answer GET /v1/stores/{code}/pickups.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import psycopg

from api.cli.bulk import prepare_for_bulk
from bench import charts, volume
from bench.database import a_database, about
from bench.ground import Ground, network, web
from bench.senders import quantile_ms, send
from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from oms.pickup import queue

STORES, EACH = 500, 10
OPEN_EACH, MOST = 40, 200
"""Open pickups of every store, and as many as its list shows."""
ASKS, WARM = 300, 20
SECONDS: Final = 2.0
CONNECTIONS: Final = (1, 8)
BAR_MS: Final = 15.0
KINDS: Final = ("bare SQL", "queue", *(f"HTTP, {count}" for count in CONNECTIONS))
BARE_ITEMS: Final = """
SELECT f.id, p.id, o.display_number, o.channel, c.name, p.status, f.status, p.version, p.due_at,
       p.shelf, p.pick_up_by, p.locked_until
FROM pickups p
JOIN fulfilments f ON f.id = p.fulfilment_id
JOIN orders o ON o.id = p.order_id
JOIN customers c ON c.id = o.customer_id
WHERE p.location_id = %s AND p.status IN ('preparing', 'ready', 'expired')
ORDER BY p.status <> 'preparing', p.due_at, p.id
LIMIT 200
"""
BARE_LINES: Final = """
SELECT l.fulfilment_id, l.sku, o.title, a.name, l.quantity, l.picked,
       (SELECT array_agg(code) FROM barcodes b WHERE b.sku = l.sku)
FROM fulfilment_lines l
JOIN order_lines o ON o.id = l.line_id
JOIN products a ON a.sku = l.sku
WHERE l.fulfilment_id = ANY(%s)
ORDER BY o.position
"""
_TABLES: Final = (
    "customers", "orders", "order_lines", "routing_decisions", "fulfilments", "fulfilment_lines",
    "pickups",
)  # fmt: skip
_BUSY: Final = """
WITH moved AS (
    UPDATE pickups SET location_id = %(to)s
    WHERE status = 'preparing' AND location_id = ANY(%(of)s)
    RETURNING fulfilment_id
)
UPDATE fulfilments SET location_id = %(to)s FROM moved WHERE id = fulfilment_id
"""
Found: TypeAlias = dict[tuple[str, str], tuple[float, float]]
"""p50 and p99 in milliseconds by store and by how it was asked."""


@dataclass(frozen=True, slots=True)
class Case:
    """Which stores are asked for, by number."""

    name: str
    stores: Sequence[int]


_LENT: Final = MOST // OPEN_EACH
"""So many stores lose their open pickups to the first, whose list is full then."""
CASES: Final = (
    Case(f"a store with {OPEN_EACH} open pickups", range(_LENT + 2, STORES + 1)),
    Case(f"the store with more than {MOST}", range(1, 2)),
)


def main() -> None:
    """Measure, print, and with `--write` put the figures into the document."""
    given = _arguments()
    prepare_for_bulk()
    runs: list[Found] = []
    with a_database() as url, ExitStack() as stack:
        begun = time.perf_counter()
        load(url, fulfilments=given.fulfilments)
        print(f"loaded in {time.perf_counter() - begun:.0f} s", flush=True)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tributary-bench-"))
        ports = [stack.enter_context(web(Ground(url, Path(folder)))) for _ in range(2)]
        runs = measure(url, ports, runs=given.runs)
    figures = _figures(_medians(runs), fulfilments=given.fulfilments, runs=given.runs)
    print(figures)
    if given.write:
        _draw(_medians(runs))
        charts.put_figures(charts.DOCS / "pickup-queue.md", figures)


def load(url: str, *, fulfilments: int) -> None:
    """Stores and their past, and what is open of each."""
    size = volume.Size(
        locations=STORES,
        orders=fulfilments // EACH,
        fulfilments_each=EACH,
        open_fulfilments=2 * STORES * OPEN_EACH,
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        network(connection, locations=STORES, skus=size.skus)
        volume.history(connection, size, tables=_TABLES)
        lent = [volume.location_id(number) for number in range(2, _LENT + 2)]
        connection.execute(_BUSY.encode(), {"to": volume.location_id(1), "of": lent})
        connection.execute("VACUUM ANALYZE pickups, fulfilments")


def measure(url: str, ports: Sequence[int], *, runs: int) -> list[Found]:
    """Each row once a run."""
    key = _key()
    found: list[Found] = []
    for number in range(runs):
        found.append(_direct(url, seed=number) | _over_http(ports, key, seed=number))
        print(f"run {number + 1} of {runs} done", flush=True)
    return found


def _direct(url: str, *, seed: int) -> Found:
    """Bare SQL and the function for the same store, one after the other in one process."""
    found: Found = {}
    with psycopg.connect(url, autocommit=True) as bare:
        asks: dict[str, Callable[[int], object]] = {
            "bare SQL": partial(_bare, bare),
            "queue": _queue,
        }
        for case in CASES:
            taken: dict[str, list[float]] = {kind: [] for kind in asks}
            for at, store in enumerate(_picks(case, ASKS + WARM, seed=seed)):
                for kind, ask in asks.items():
                    begun = time.perf_counter()
                    ask(store)
                    if at >= WARM:
                        taken[kind].append(time.perf_counter() - begun)
            found |= {(case.name, kind): _quantiles(times) for kind, times in taken.items()}
    return found


def _bare(connection: psycopg.Connection, store: int) -> list[tuple[Any, ...]]:
    with connection.cursor(binary=True) as cursor:
        place = volume.location_id(store)
        items = cursor.execute(BARE_ITEMS.encode(), [place], prepare=True).fetchall()
        wanted = [item[0] for item in items]
        lines = cursor.execute(BARE_LINES.encode(), [wanted], prepare=True).fetchall()
    if not len(items) == len(lines) > 0:
        raise RuntimeError(f"store {store} has {len(items)} pickups with {len(lines)} lines")
    return [*items, *lines]


def _queue(store: int) -> list[queue.QueueItem]:
    with transaction() as session:
        return queue.queue(session, location_id=volume.location_id(store))


def _over_http(ports: Sequence[int], key: str, *, seed: int) -> Found:
    found: Found = {}
    for case in CASES:
        for count in CONNECTIONS:
            asked = [_request(store, key) for store in _picks(case, 2_000, seed=seed)]
            tally = send(asked, ports=ports, connections=count, most_s=SECONDS)
            if set(tally.statuses) != {200}:
                raise RuntimeError(f"{case.name}: answers {tally.statuses}")
            found[case.name, f"HTTP, {count}"] = _quantiles(tally.times_s)
    return found


def _request(store: int, key: str) -> bytes:
    return (
        f"GET /v1/stores/S{store:04}/pickups HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {key}\r\n\r\n"
    ).encode()


def _picks(case: Case, count: int, *, seed: int) -> list[int]:
    return random.Random(seed).choices(case.stores, k=count)


def _key() -> str:
    with transaction() as session:
        return enrolling.issue_key(session, name="bench", scopes=[Scope.STORE_WORK])


def _quantiles(times_s: Sequence[float]) -> tuple[float, float]:
    return quantile_ms(times_s, 0.5), quantile_ms(times_s, 0.99)


def _medians(runs: Sequence[Found]) -> Found:
    return {
        name: (
            statistics.median(run[name][0] for run in runs),
            statistics.median(run[name][1] for run in runs),
        )
        for name in runs[0]
    }


def _figures(middle: Found, *, fulfilments: int, runs: int) -> str:
    rows = [
        [case.name, kind, *(f"{number:.1f}" for number in middle[case.name, kind]),
         f"{middle[case.name, 'bare SQL'][0] / middle[case.name, kind][0]:.2f}"]
        for case in CASES
        for kind in KINDS
    ]  # fmt: skip
    usual = CASES[0].name
    p99_ms = {kind: middle[usual, kind][1] for kind in ("queue", "HTTP, 1")}
    met = "met" if max(p99_ms.values()) <= BAR_MS else "MISSED"
    return "\n\n".join(
        (
            f"{about()}; {fulfilments:,} fulfilments, {fulfilments // 2:,} of them pickups;"
            f" medians of {runs} runs",
            charts.table(["", "asked by", "p50 ms", "p99 ms", "bare / this, p50"], rows),
            f"Q1, {usual}: p99 {p99_ms['queue']:.1f} ms by the function and"
            f" {p99_ms['HTTP, 1']:.1f} ms over HTTP, one connection (bar {BAR_MS:.0f} ms): {met}.",
        )
    )


def _draw(middle: Found) -> None:
    charts.bars(
        charts.DOCS / "pickup-queue.svg",
        title="The pickup queue of one store, p99",
        unit="ms",
        groups=[case.name for case in CASES],
        series={kind: [middle[case.name, kind][1] for case in CASES] for kind in KINDS},
        bar=BAR_MS,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fulfilments", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
