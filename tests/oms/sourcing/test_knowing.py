"""What policies may weigh is kept with every decision and every joint run."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlmodel import Session

from oms import clock
from oms.locations import queries as locations
from oms.orders import queries as orders
from oms.sourcing import (
    bid_prices,
    collecting,
    committing,
    decisions,
    overriding,
    policies,
    problems,
    waiting,
)
from oms.sourcing.deciding import solve
from oms.sourcing.knowing import known_document, parse_known
from oms.sourcing.policy import parse
from oms.sourcing.snapshots import pack_snapshot, unpack_snapshot
from routing.parse import parse_tariff
from routing.terms import Known
from tests.builders import TARIFF, an_order, no_cut_off_soon, stock
from tests.oms.shop import Shop, routed


@pytest.fixture
def known(session: Session, shop: Shop) -> Known:
    """Mugs are worth something at the store and, where there are none, at the depot."""
    stock(session, shop.riverside, MUG=5)
    stock(session, shop.harbour, MUG=5, LAMP=5)
    worth = {("MUG", "S01"): 300, ("MUG", "W01"): 300, ("LAMP", "S02"): 300}
    bid_prices.learn(session, worth, run_id=uuid4(), skus={"MUG", "LAMP"}, smoothing_percent=100)
    for code, chance in (("S01", 0.5), ("S02", 0.75)):
        overriding.set_override(
            session, code, probability=chance, reason="some are ill", actor="olga"
        )
    return Known(
        bid_prices={("MUG", "S01"): 300},
        acceptance={("S01", ""): 0.5, ("S02", ""): 0.75},
        classes={"MUG": ""},
        used_parcels={"S01": 1},
    )


def test_a_decision_keeps_what_was_known_of_its_goods_and_their_places(
    session: Session, shop: Shop, known: Known
) -> None:
    routed(session, an_order(session, {"MUG": 1}))
    order = an_order(session, {"MUG": 1})
    routed(session, order)
    [row] = decisions.of_order(session, order.id)
    assert row.inputs is not None
    assert parse_known(row.inputs["known"], categories={"MUG": ""}) == known


def test_a_joint_run_keeps_it_too(session: Session, shop: Shop, known: Known) -> None:
    routed(session, an_order(session, {"MUG": 1}))
    no_cut_off_soon(session)
    patient = parse({"name": "patient", "holds": [{"service": "standard", "minutes": 30}]})
    policies.add(session, patient, effective_from=None, actor="olga")
    an_order(session, {"MUG": 1})
    with clock.at(clock.now() + timedelta(minutes=1)):
        snapshot = collecting.snapshot(
            session,
            waiting.pool(session, currency="USD", most=10),
            places=locations.active(session),
            tariff=parse_tariff(TARIFF),
            policy=patient,
        )
    assert snapshot.known == known
    assert unpack_snapshot(pack_snapshot(snapshot)) == snapshot


def test_it_reads_back_as_it_was_written(known: Known) -> None:
    assert parse_known(known_document(known), categories={"MUG": ""}) == known


def test_it_is_read_with_the_task_and_not_under_the_lock_of_the_decision(
    session: Session, shop: Shop, known: Known
) -> None:
    order = an_order(session, {"MUG": 1})
    task = problems.task(session, orders.locked(session, order.id))
    assert task is not None
    asked: list[str] = []

    def hear(*told: object) -> None:
        asked.append(str(told[2]))

    event.listen(session.connection(), "before_cursor_execute", hear)
    committing.commit(session, task, solve(task), actor="test")
    event.remove(session.connection(), "before_cursor_execute", hear)
    assert any("INSERT INTO routing_decisions" in one for one in asked)
    assert not [one for one in asked if "bid_price" in one or "acceptance" in one]
    [row] = decisions.of_order(session, order.id)
    assert row.inputs is not None
    assert parse_known(row.inputs["known"], categories={"MUG": ""}).bid_prices == known.bid_prices


def test_to_hold_stock_only_what_the_policy_weighs_is_read(
    session: Session, shop: Shop, known: Known
) -> None:
    order = an_order(session, {"MUG": 1})
    task = problems.task(session, order, to_hold=True)
    assert task is not None
    assert (task.known.bid_prices, task.known.acceptance) == ({}, {})
    weights = {"opportunity_percent": 100}
    policy = parse({"name": "weighing", "weights": weights})
    policies.add(session, policy, effective_from=None, actor="olga")
    task = problems.task(session, order, to_hold=True)
    assert task is not None
    assert task.known.bid_prices["MUG", "S01"] == 300
    assert task.known.acceptance == {}
