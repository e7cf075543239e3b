"""Time the steps of a joint run around its solver, and check what must hold afterwards.

    python -m bench.joint_runs [--orders 1000] [--places 100]

Orders of one to three lines wait with their stock held; then stock comes in at other locations,
so that many would better be elsewhere. Generates its own data, starts a PostgreSQL of its own
(durable) and removes both.
"""

import argparse
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.database import a_database, a_network, about
from oms import invariants
from oms.db import transaction
from oms.inventory import receiving
from oms.locations import entering
from oms.ordering import placing
from oms.orders.new_order import NewAddress, NewLine, NewOrder
from oms.sourcing import moving, policies, runs, tariffs
from oms.sourcing.policy import parse

TARIFF = {
    "zone_miles": [50, 150, 300, 600, 1000, 1400, 1800],
    "max_weight_g": [450, 2000, 10_000],
    "cents": [[450 + 40 * zone + 300 * band for zone in range(8)] for band in range(3)],
    "transit_days": [1, 1, 2, 2, 3, 3, 3, 3],
}
_SPREAD = "UPDATE locations SET latitude = 30 + 15 * random(), longitude = 45 * random() - 120"

T = TypeVar("T")


def main() -> None:
    """Measure and print a table."""
    arguments = _arguments()
    dice = random.Random(1)
    steps: list[tuple[str, float]] = []

    def timed(name: str, step: Callable[[], T]) -> T:
        begun = time.perf_counter()
        found = step()
        steps.append((name, time.perf_counter() - begun))
        return found

    with a_database():
        skus, codes = a_network(skus=arguments.orders // 2, places=arguments.places)
        _prepare()
        _receive(skus, codes, dice, rounds=4)
        timed("place the orders, one by one", lambda: _place(skus, dice, arguments.orders))
        _receive(skus, codes, dice, rounds=2)
        [run_id] = timed("collect", lambda: runs.collect("routing:bench", asked_by="bench"))
        timed("solve, in a process of its own", lambda: runs.solve(run_id))
        timed("propose", lambda: runs.make_proposal(run_id))
        timed("move", lambda: moving.carry_out(run_id))
        counts = runs.finish(run_id)
        with transaction() as session:
            run = runs.read(session, run_id)
            assert run.fallback_reason is None, run.fallback_reason
            assert invariants.broken(session) == []
    table = Table("step", "s", title=f"{run.orders:,} orders, {arguments.places} places, {about()}")
    for name, seconds in steps:
        table.add_row(name, f"{seconds:.2f}")
    console = Console()
    console.print(table)
    console.print(
        f"{counts['committed']} moved, {counts['lost']} lost, {counts['kept']} kept;"
        f" snapshot {len(run.snapshot) / 1_000:,.0f} kB"
    )


def _prepare() -> None:
    hold = {"service": "standard", "minutes": 1_440}
    with transaction() as session:
        session.execute(text(_SPREAD))
        tariffs.load(session, name="bench", currency="USD", sheet=TARIFF)
        policy = parse({"name": "bench", "holds": [hold]})
        policies.add(session, policy, effective_from=None, actor="bench")


def _receive(
    skus: Sequence[str], codes: Sequence[str], dice: random.Random, *, rounds: int
) -> None:
    """A unit of every article at so many locations."""
    with transaction() as session:
        ids = entering.ids(session, codes)
        for sku in skus:
            for code in dice.sample(codes, rounds):
                receiving.receive(session, sku=sku, location_id=ids[code], units=1, actor="bench")


def _place(skus: Sequence[str], dice: random.Random, count: int) -> None:
    for number in range(count):
        with transaction() as session:
            placing.place(
                session, _order(number, dice.sample(skus, dice.randint(1, 3)), dice), actor="bench"
            )


def _order(number: int, skus: Sequence[str], dice: random.Random) -> NewOrder:
    now = datetime.now(UTC)
    return NewOrder(
        channel="bench",
        external_id=str(number),
        display_number=f"#{number}",
        placed_at=now,
        updated_at=now,
        currency="USD",
        total_minor=1_250 * len(skus),
        lines=tuple(NewLine(str(at), sku, sku, 1, 1_250) for at, sku in enumerate(skus, start=1)),
        customer_name=f"Customer {number}",
        address=NewAddress(
            name=f"Customer {number}",
            street="5 Main Street",
            city="Town",
            postcode="10002",
            country="US",
            latitude=30 + 15 * dice.random(),
            longitude=-120 + 45 * dice.random(),
        ),
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000)
    parser.add_argument("--places", type=int, default=100)
    return parser.parse_args()


if __name__ == "__main__":
    main()
