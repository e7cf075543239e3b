"""Requests at the writer: asked once, refused in words, left when somebody else must look."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import select

from api.routes import placing as door
from api.schemas.orders import OrderIn
from oms import clock
from oms.access.models import ServiceKey
from oms.capture.arrivals import Arrival, Fate, Outcome
from oms.capture.writer import Writer
from oms.db import transaction
from oms.inventory import supplies
from tests.api.asking import an_order
from tests.builders import later, stock
from tests.oms.capture.test_writer import captured, fates, statuses, writing
from tests.oms.shop import Shop


def request(till: str, units: int = 1, *, key: str | None = None, **changes: Any) -> Arrival:
    lines = [{"sku": "MUG", "quantity": units, "unit_price_minor": 1_250}]
    body = OrderIn.model_validate(an_order(lines=lines) | changes)
    arrival = door.arrival(body, secret=till, key=key or str(uuid4()))
    assert arrival is not None
    return arrival


def commands() -> int:
    with transaction() as session:
        return int(session.execute(text("SELECT count(*) FROM commands")).scalar_one())


def test_more_than_there_is_is_refused_and_spoils_no_other(shop: Shop, till: str) -> None:
    outcomes = captured(*(request(till) for _ in range(20)))
    assert fates(outcomes) == [Fate.PLACED] * 15 + [Fate.REFUSED] * 5
    assert outcomes[-1].missing == {"MUG": 1}
    assert statuses() == ["captured"] * 15
    assert commands() == 15


def test_what_a_refused_one_does_not_get_is_left_for_the_next(shop: Shop, till: str) -> None:
    lines = [{"sku": sku, "quantity": 5, "unit_price_minor": 1} for sku in ("MUG", "ANVIL")]
    greedy = request(till, lines=lines)
    outcomes = captured(greedy, *(request(till, 5) for _ in range(3)))
    assert fates(outcomes) == [Fate.REFUSED] + [Fate.PLACED] * 3
    assert outcomes[0].missing == {"ANVIL": 5}


def test_what_came_in_meanwhile_is_not_refused(shop: Shop, till: str) -> None:
    async def work(one: Writer) -> Sequence[Outcome]:
        first = await one.capture(request(till, 6))
        with transaction() as session:
            stock(session, shop.depot, MUG=1)
        return [first, await one.capture(request(till, 6))]

    assert fates(writing(work)) == [Fate.REFUSED, Fate.PLACED]


def test_a_key_answers_as_before_whoever_is_first(shop: Shop, till: str) -> None:
    async def work(one: Writer) -> Sequence[Outcome]:
        many = [request(till, key="key-00000001") for _ in range(3)]
        first = await asyncio.gather(*map(one.capture, many))
        return [*first, await one.capture(request(till, key="key-00000001"))]

    outcomes = writing(work)
    assert fates(outcomes) == [Fate.PLACED] + [Fate.REPEATED] * 3
    answers = [outcome.answer for outcome in outcomes]
    assert answers[0] is not None
    assert answers == [answers[0]] * 4
    with transaction() as session:
        [number] = session.scalars(text("SELECT number FROM orders")).all()
    assert answers[0]["number"] == number


def test_a_key_with_another_body_is_for_the_endpoint_to_refuse(shop: Shop, till: str) -> None:
    async def work(one: Writer) -> Sequence[Outcome]:
        both = [request(till, units, key="key-00000001") for units in (1, 2)]
        first = await asyncio.gather(*map(one.capture, both))
        return [*first, await one.capture(request(till, 2, key="key-00000001"))]

    assert fates(writing(work)) == [Fate.PLACED, Fate.LEFT, Fate.LEFT]
    assert statuses() == ["captured"]


def test_a_request_that_somebody_has_in_hand_is_left_at_once(shop: Shop, till: str) -> None:
    with transaction() as session:
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": "command:service:till:key-00000001"},
        )
        outcomes = captured(request(till, key="key-00000001"), request(till))
    assert fates(outcomes) == [Fate.LEFT, Fate.PLACED]


@pytest.mark.parametrize(
    "changes",
    [
        {"revoked_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"expires_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"scopes": ["orders:read"]},
        {"key_hash": "another"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whoever_may_not_ask_gets_nothing_written(
    shop: Shop, till: str, changes: dict[str, Any]
) -> None:
    with transaction() as session:
        key = session.exec(select(ServiceKey)).one()
        for name, value in changes.items():
            setattr(key, name, value)
    assert fates(captured(request(till))) == [Fate.LEFT]
    assert (statuses(), commands()) == ([], 0)


@pytest.mark.parametrize(("seconds", "noted"), [(None, True), (30, False), (90, True)])
def test_the_use_of_a_key_is_noted_to_the_minute(
    shop: Shop, till: str, seconds: int | None, noted: bool
) -> None:
    before = None if seconds is None else clock.now() - timedelta(seconds=seconds)
    with transaction() as session:
        session.exec(select(ServiceKey)).one().last_used_at = before
    captured(request(till), request(till))
    with transaction() as session:
        used = session.exec(select(ServiceKey.last_used_at)).one()
    assert (used != before) is noted


def test_whoever_is_to_be_told_when_goods_come_gets_the_ordinary_way(shop: Shop, till: str) -> None:
    with transaction() as session:
        supplies.announce(
            session,
            document="PO-1",
            sku="MUG",
            location_id=shop.depot.id,
            units=9,
            expected_at=later(days=3),
            actor="olga",
        )
    waits = request(till, 6, when_out_of_stock="backorder")
    assert fates(captured(waits, request(till, 6), request(till))) == [
        Fate.LEFT,
        Fate.REFUSED,
        Fate.PLACED,
    ]
