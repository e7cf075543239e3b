"""A promise for three articles over 2,000 locations and 5,000,000 balances, against bare SQL.

    python -m bench.promise [--runs 5] [--seconds 4] [--places 2000] [--skus 2500]

Every run measures each row once, so that all see the same machine; printed are medians over the
runs, and ratios taken within a run. *bare SQL* reads the same stock rows of the same articles by
one prepared statement, as the database driver gives them. *function* is `oms.promises` in this
process, *GET* one web process over HTTP at several connections. The load generator, PostgreSQL and
the web process share the machine.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import psycopg

from bench.database import about
from bench.ground import Ground, ground, web
from bench.senders import Tally, send
from oms import db
from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from oms.promises import promising
from oms.promises.baskets import Basket
from oms.settings import settings

CONNECTIONS = (1, 8, 32)
WARM = 50
"""Articles that are asked for."""
_BARE = """
SELECT sku, location_id, by_channel, on_hand - reserved - damaged - safety - withheld
FROM stock_balances WHERE sku = ANY(%s::text[])
"""
_HOURS = """
INSERT INTO opening_hours (location_id, weekday, opens, closes)
SELECT id, weekday, '09:00', '20:00' FROM locations, generate_series(0, 6) AS weekday
"""
_POSTCODES = """
INSERT INTO postcodes (country, postcode, latitude, longitude)
SELECT 'US', lpad(n::text, 5, '0'), 30 + 15 * random(), -120 + 45 * random()
FROM generate_series(1, 33000) AS n
"""
_UNITS = "CASE WHEN hashtext(sku || id::text) % 2 = 0 THEN 0 ELSE 20 END"
"""Every other article is nowhere on the shelves of a location, as in shops."""


@dataclass(slots=True)
class Bench:
    """What is measured."""

    place: Ground
    port: int
    key: str
    seconds: float
    chance: random.Random

    def articles(self) -> list[str]:
        """Three of those that are asked for again and again: their pages are in memory."""
        return [f"SKU{self.chance.randint(1, WARM):06}" for _ in range(3)]

    def postcode(self) -> str:
        """One of the map, or now and then one that only begins like some."""
        return f"{self.chance.randint(1, 33_500):05}"

    def bare(self) -> Tally:
        """The stock rows alone."""
        with psycopg.connect(self.place.url, autocommit=True, prepare_threshold=0) as connection:

            def ask(articles: list[str], _postcode: str) -> None:
                connection.execute(_BARE, [articles]).fetchall()

            return self._repeat(ask)

    def function(self) -> Tally:
        """The whole promise, without the web."""

        def ask(articles: list[str], postcode: str) -> None:
            lines = tuple((sku, 1) for sku in dict.fromkeys(articles))
            with transaction() as session:
                promising.promise(session, Basket(lines, postcode=postcode))

        return self._repeat(ask)

    def get(self, connections: int) -> Tally:
        """Over HTTP."""
        requests = [self._request() for _ in range(int(1_000 * self.seconds))]
        return send(requests, ports=[self.port], connections=connections, most_s=self.seconds)

    def _repeat(self, ask: Callable[[list[str], str], None]) -> Tally:
        tally, begun = Tally(), time.perf_counter()
        while time.perf_counter() < begun + self.seconds:
            articles, postcode = self.articles(), self.postcode()
            asked = time.perf_counter()
            ask(articles, postcode)
            tally.times_s.append(time.perf_counter() - asked)
            tally.statuses[200] += 1
        tally.wall_s = time.perf_counter() - begun
        return tally

    def _request(self) -> bytes:
        skus = "&".join(f"sku={sku}" for sku in dict.fromkeys(self.articles()))
        return (
            f"GET /v1/promise?{skus}&postcode={self.postcode()} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {self.key}\r\n\r\n"
        ).encode()


def one_run(bench: Bench) -> dict[str, Tally]:
    """Every row once."""
    found = {"bare SQL": bench.bare(), "function": bench.function()}
    for connections in CONNECTIONS:
        found[f"GET, {connections} connection{'s' * (connections > 1)}"] = bench.get(connections)
    for name, tally in found.items():
        if set(tally.statuses) != {200}:
            raise RuntimeError(f"{name}: answers {dict(tally.statuses)}")
    return found


def _report(runs: Sequence[dict[str, Tally]]) -> None:
    print(f"\n{about()}\n{'':22}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'÷ bare p50':>12}")
    for name in runs[0]:
        tallies = [run[name] for run in runs]
        rate = statistics.median(tally.rate for tally in tallies)
        p50, p99 = (
            statistics.median(tally.quantile_ms(share) for tally in tallies)
            for share in (0.5, 0.99)
        )
        ratio = statistics.median(
            tally.quantile_ms(0.5) / run["bare SQL"].quantile_ms(0.5)
            for tally, run in zip(tallies, runs, strict=True)
        )
        print(f"{name:22}{rate:10.0f}{p50:9.2f}{p99:9.2f}{ratio:12.2f}")
    for name in ("function", "GET, 1 connection"):
        slow = statistics.median(run[name].quantile_ms(0.99) for run in runs)
        print(f"A2 p99 of {name:20}{slow:8.2f} ms   bar <= 25  {'met' if slow <= 25 else 'MISSED'}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--places", type=int, default=2_000)
    parser.add_argument("--skus", type=int, default=2_500)
    given = parser.parse_args()
    with (
        ground(units=_UNITS, places=given.places, skus=given.skus, ledger=False) as place,
        ExitStack() as stack,
    ):
        for statement in (_HOURS, _POSTCODES):
            place.do(statement)
        place.do("VACUUM ANALYZE opening_hours, postcodes")
        os.environ["DATABASE_URL"] = place.url
        settings.cache_clear()
        with transaction() as session:
            key = enrolling.issue_key(session, name="bench", scopes=[Scope.STOCK_READ])
        port = stack.enter_context(web(place))
        bench = Bench(place, port, key, given.seconds, random.Random(1))
        with psycopg.connect(place.url) as connection:
            for number in range(1, WARM + 1):
                connection.execute(_BARE, [[f"SKU{number:06}"]]).fetchall()
        one_run(bench)  # caches and prepared statements
        runs = []
        for number in range(given.runs):
            runs.append(one_run(bench))
            print(f"run {number + 1} of {given.runs} done", flush=True)
        db.close_engine()
    _report(runs)


if __name__ == "__main__":
    main()
