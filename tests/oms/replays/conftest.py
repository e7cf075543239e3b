"""A day on which orders went every way there is: whole, split, late, collected, waiting."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from oms import clock, db
from oms.db import transaction
from oms.ordering import placing
from oms.settings import settings
from oms.sourcing import moving, policies, routing_orders, runs
from oms.sourcing.joint import solve_jointly
from oms.sourcing.policy import parse
from oms.sourcing.snapshots import unpack_snapshot
from oms.sourcing.solving_apart import Attempt
from tests.builders import a_new_order, stock
from tests.channel_settings import CHANNELS
from tests.oms.shop import a_shop

NOON = datetime(2027, 3, 2, 17, tzinfo=UTC)
"""A Tuesday in New York."""
PATIENT: Mapping[str, Any] = {
    "name": "patient",
    "holds": [{"channel": "reference", "service": "standard", "minutes": 30}],
    "exclusions": [{"location": "W01", "reason": "no signature", "category": "fragile"}],
}


@dataclass(frozen=True, slots=True)
class Day:
    """The orders of the day, by what is special about them."""

    orders: Mapping[str, UUID]


def placed(
    wanted: Mapping[str, int], *, pickup_store: str | None = None, by: datetime | None = None
) -> UUID:
    new = replace(a_new_order(wanted, pickup_store=pickup_store), deliver_by=by)
    with transaction() as session:
        return placing.place(session, new, actor="test").id


def a_joint_run() -> None:
    [run_id] = runs.collect("routing:test", asked_by="test")
    with transaction() as session:
        snapshot = unpack_snapshot(runs.read(session, run_id).snapshot)
    runs.record(run_id, snapshot, Attempt(solve_jointly(snapshot.problem, None), None, 0.1))
    runs.make_proposal(run_id)
    moving.carry_out(run_id)
    runs.finish(run_id)


@pytest.fixture(scope="module")
def day(own_database: str) -> Iterator[Day]:
    """The day, for tests that read it or leave it as it was."""
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("DATABASE_URL", own_database)
        environ.setenv("TRIBUTARY_CHANNELS", json.dumps(CHANNELS))
        settings.cache_clear()
        db.close_engine()
        yield _a_day()
        db.close_engine()
    settings.cache_clear()


def _a_day() -> Day:
    with clock.at(NOON), transaction() as session:
        shop = a_shop(session)
        stock(session, shop.riverside, MUG=9)
        stock(session, shop.harbour, LAMP=9)
        stock(session, shop.depot, ANVIL=2)
    with clock.at(NOON):
        found = {
            "whole": placed({"MUG": 1}),
            "split": placed({"MUG": 1, "LAMP": 1}),
            "collected": placed({"MUG": 1}, pickup_store="S01"),
            "lacking": placed({"MUG": 1, "ANVIL": 5}),
            "late": placed({"LAMP": 1}, by=NOON + timedelta(hours=8)),
        }
        for order_id in found.values():
            routing_orders.route(order_id, actor="system")
    with clock.at(NOON + timedelta(hours=1)):
        with transaction() as session:
            policies.add(session, parse(PATIENT), effective_from=None, actor="olga")
        found["waiting"] = placed({"LAMP": 1})
    with clock.at(NOON + timedelta(hours=1, minutes=10)):
        with transaction() as session:
            stock(session, shop.riverside, LAMP=1)
        a_joint_run()
    with clock.at(NOON + timedelta(hours=1, minutes=15)):
        found["kept"] = placed({"LAMP": 1})
        with transaction() as session:
            stock(session, shop.riverside, LAMP=1)
    with clock.at(NOON + timedelta(hours=2)):
        for name in ("waiting", "kept"):
            routing_orders.route(found[name], actor="system")
    return Day(found)
