"""Outcomes of many associates at once, on real connections: none is lost, nobody deadlocks."""

from collections.abc import Callable
from uuid import UUID

from sqlmodel import select

from oms.db import transaction
from oms.fulfilments import giving_back, packing, picking
from oms.fulfilments.models import Fulfilment, RejectReason
from oms.fulfilments.outcome_models import OutcomeCount
from oms.sourcing import overriding, routing_orders
from oms.sourcing.models import AcceptanceOverride
from tests.builders import a_product, a_store, a_tariff, an_order, stock
from tests.concurrency import at_once

BOTH = {"MUG": 1, "LAMP": 1}


def a_store_with_work(orders: int) -> list[UUID]:
    """Shipments of a mug and a lamp, of two classes, at one store."""
    with transaction() as session:
        a_tariff(session)
        for sku, category in (("MUG", "kitchen"), ("LAMP", "light")):
            a_product(session, sku).category = category
        stock(session, a_store(session), MUG=50, LAMP=50)
        made = [an_order(session, BOTH).id for _ in range(orders)]
    for order_id in made:
        routing_orders.route(order_id, actor="test")
    with transaction() as session:
        return list(session.exec(select(Fulfilment.id)).all())


def pack(fulfilment_id: UUID) -> Callable[[], None]:
    def call() -> None:
        with transaction() as session:
            picking.start(session, fulfilment_id, actor="anna")
            packing.pack(session, fulfilment_id, picked=BOTH, actor="anna")

    return call


def give_back(fulfilment_id: UUID) -> Callable[[], None]:
    def call() -> None:
        with transaction() as session:
            giving_back.reject(
                session, fulfilment_id, reason=RejectReason.NOT_FOUND, skus=["MUG"], actor="ben"
            )

    return call


def test_every_outcome_is_counted_once(live_database: str) -> None:
    work = a_store_with_work(8)
    calls = [pack(one) for one in work[:5]] + [give_back(one) for one in work[5:]]
    assert at_once(calls) == [None] * 8
    with transaction() as session:
        rows = session.exec(select(OutcomeCount)).all()
        counts = {row.sku_class: (round(row.accepted, 3), round(row.declined, 3)) for row in rows}
    assert counts == {"": (5, 3), "kitchen": (5, 3), "light": (5, 0)}


def test_two_who_override_at_once_leave_one_word_in_force(live_database: str) -> None:
    with transaction() as session:
        a_store(session)

    def say(percent: int) -> Callable[[], None]:
        def call() -> None:
            with transaction() as session:
                overriding.set_override(
                    session, "S01", probability=percent / 100, reason="ill", actor="olga"
                )

        return call

    assert at_once([say(percent) for percent in range(10, 60, 10)]) == [None] * 5
    with transaction() as session:
        rows = session.exec(select(AcceptanceOverride)).all()
    assert len(rows) == 5
    assert sum(row.ended_at is None for row in rows) == 1
