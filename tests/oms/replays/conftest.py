"""Two days: orders went every way there is on the first; all weights counted on the second."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from oms import clock, db
from oms.db import transaction
from oms.locations.models import Location
from oms.ordering import placing
from oms.settings import settings
from oms.sourcing import bid_prices, moving, overriding, policies, routing_orders, runs
from oms.sourcing.joint import solve_jointly
from oms.sourcing.policy import parse
from oms.sourcing.snapshots import unpack_snapshot
from oms.sourcing.solving_apart import Attempt
from tests import databases
from tests.builders import a_new_order, stock
from tests.channel_settings import CHANNELS
from tests.oms.shop import Shop, a_shop

NOON = datetime(2027, 3, 2, 17, tzinfo=UTC)
"""A Tuesday in New York."""
PATIENT: Mapping[str, Any] = {
    "name": "patient",
    "holds": [{"channel": "reference", "service": "standard", "minutes": 30}],
    "exclusions": [{"location": "W01", "reason": "no signature", "category": "fragile"}],
}


WEIGHING: Mapping[str, Any] = {
    "name": "weighing",
    "weights": {
        "opportunity_percent": 100,
        "acceptance_percent": 100,
        "congestion_cents": 300,
        "lateness_cents_per_day": 40,
        "move_cents": 1,
    },
    "holds": [{"channel": "reference", "service": "standard", "minutes": 30}],
}


@dataclass(frozen=True, slots=True)
class Day:
    """The orders of the first and of the second day, by what is special about them."""

    orders: Mapping[str, UUID]
    weighed: Mapping[str, UUID]


def placed(
    wanted: Mapping[str, int], *, pickup_store: str | None = None, by: datetime | None = None
) -> UUID:
    new = replace(a_new_order(wanted, pickup_store=pickup_store), deliver_by=by)
    with transaction() as session:
        return placing.place(session, new, actor="test").id


def a_joint_run() -> None:
    [run_id] = runs.collect(f"routing:{uuid4()}", asked_by="test")
    with transaction() as session:
        snapshot = unpack_snapshot(runs.read(session, run_id).snapshot)
    runs.record(run_id, snapshot, Attempt(solve_jointly(snapshot.problem, None), None, 0.1))
    runs.make_proposal(run_id)
    moving.carry_out(run_id)
    runs.finish(run_id)


@pytest.fixture(scope="package")
def day() -> Iterator[Day]:
    """The days, for tests that read them or leave them as they were."""
    with databases.another() as url, pytest.MonkeyPatch.context() as environ:
        environ.setenv("DATABASE_URL", url)
        environ.setenv("TRIBUTARY_CHANNELS", json.dumps(CHANNELS))
        settings.cache_clear()
        db.close_engine()
        shop, orders = _a_day()
        yield Day(orders, _a_day_with_weights(shop))
        db.close_engine()
    settings.cache_clear()


def _a_day() -> tuple[Shop, Mapping[str, UUID]]:
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
    return shop, found


def _a_day_with_weights(shop: Shop) -> Mapping[str, UUID]:
    """What is known changes between the orders; only the first is decided by no weights."""
    now = NOON + timedelta(days=1)
    express = now + timedelta(hours=40)
    with clock.at(now), transaction() as session:
        stock(session, shop.riverside, MUG=9)
        stock(session, shop.harbour, MUG=9, LAMP=9)
        session.get_one(Location, shop.harbour.id).capacity_parcels = 10
        _is_worth(session, S01=600)
        overriding.set_override(session, "S02", probability=0.9, reason="new staff", actor="olga")
    with clock.at(now):
        found = {"unweighed": placed({"MUG": 1}, by=express)}
        routing_orders.route(found["unweighed"], actor="system")
    with clock.at(now + timedelta(minutes=5)):
        with transaction() as session:
            policies.add(session, parse(WEIGHING), effective_from=None, actor="olga")
        found["alone"] = placed({"MUG": 1}, by=express)
        found["overdue"] = placed({"LAMP": 1}, by=now + timedelta(hours=8))
        for name in ("alone", "overdue"):
            routing_orders.route(found[name], actor="system")
        found["moved"] = placed({"MUG": 1})
    with clock.at(now + timedelta(minutes=10)):
        with transaction() as session:
            _is_worth(session, S02=2_000)
        a_joint_run()
    with clock.at(now + timedelta(hours=1)):
        with transaction() as session:
            _is_worth(session, S01=5)
        routing_orders.route(found["moved"], actor="system")
    return found


def _is_worth(session: Session, **cents: int) -> None:
    """Put bid prices of mugs in force, and none else."""
    worth = {("MUG", code): price for code, price in cents.items()}
    bid_prices.learn(session, worth, run_id=uuid4(), skus={"MUG"}, smoothing_percent=100)
