"""The writer: many at once, one bad order spoils no other, nobody waits for ever."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import text

from oms import clock
from oms.capture import writer
from oms.capture.arrivals import Arrival, Fate, Message, Outcome
from oms.capture.writer import Writer
from oms.channels.base import Hint
from oms.channels.models import ARCHIVED
from oms.db import transaction
from oms.errors import Busy
from oms.inventory import rules
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope
from oms.ordering import checkout, placing, preordering
from oms.ordering.checkout import Basket
from oms.orders.new_order import NewOrder
from tests.builders import a_new_order, an_order, later, stock
from tests.oms.shop import Shop

Result = TypeVar("Result")


def arrival(new: NewOrder | None = None, *, key: str | None = None) -> Arrival:
    new = new or a_new_order()
    hint = Hint(key or uuid4().hex, "order.created", new.external_id, None, {})
    return Arrival(new, Message(hint, b"{}"), at=clock.now(), request_id=None)


def writing(work: Callable[[Writer], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        one = Writer()
        one.start()
        try:
            return await work(one)
        finally:
            await one.stop()

    return asyncio.run(run())


def captured(*arrivals: Arrival) -> Sequence[Outcome]:
    async def work(one: Writer) -> Sequence[Outcome]:
        return await asyncio.gather(*map(one.capture, arrivals))

    return writing(work)


def fates(outcomes: Sequence[Outcome]) -> list[Fate]:
    return [outcome.fate for outcome in outcomes]


def statuses() -> list[str]:
    with transaction() as session:
        return sorted(session.scalars(text("SELECT status FROM orders")).all())


def test_many_at_once_take_what_there_is_and_no_more(shop: Shop) -> None:
    outcomes = captured(*(arrival() for _ in range(40)))
    assert fates(outcomes) == [Fate.PLACED] * 40
    assert statuses() == ["backordered"] * 25 + ["captured"] * 15


def test_a_bad_order_spoils_no_other(shop: Shop) -> None:
    new = a_new_order()
    bad = arrival(replace(new, lines=(replace(new.lines[0], title="a\x00b"),)))
    outcomes = captured(arrival(), arrival(), bad, arrival(), arrival())
    assert fates(outcomes) == [Fate.PLACED, Fate.PLACED, Fate.LEFT, Fate.PLACED, Fate.PLACED]
    assert statuses() == ["captured"] * 4


@pytest.mark.parametrize(
    "new",
    [
        a_new_order({"VASE": 1}),
        a_new_order(pickup_store="S99"),
        a_new_order(pickup_store="W01"),
        replace(a_new_order(), currency="JPY"),
    ],
    ids=["unknown article", "unknown store", "no pickups there", "no tariff"],
)
def test_what_needs_a_word_is_left_to_the_ordinary_way(shop: Shop, new: NewOrder) -> None:
    assert fates(captured(arrival(new), arrival())) == [Fate.LEFT, Fate.PLACED]
    assert statuses() == ["captured"]


def test_an_order_that_exists_is_left(shop: Shop) -> None:
    with transaction() as session:
        known = an_order(session)
    again = replace(a_new_order(), channel=known.channel, external_id=known.external_id)
    assert fates(captured(arrival(again))) == [Fate.LEFT]


def test_an_order_that_somebody_works_on_is_left_at_once(shop: Shop) -> None:
    new = a_new_order()
    with transaction() as session:
        placing.lock_reference(session, channel=new.channel, external_id=new.external_id)
        assert fates(captured(arrival(new), arrival())) == [Fate.LEFT, Fate.PLACED]


def test_the_same_message_in_one_batch_and_in_the_next_is_counted(shop: Shop) -> None:
    new = a_new_order()

    async def work(one: Writer) -> Sequence[Outcome]:
        first = await asyncio.gather(*(one.capture(arrival(new, key="k")) for _ in range(3)))
        return [*first, await one.capture(arrival(new, key="k"))]

    outcomes = writing(work)
    assert fates(outcomes) == [Fate.PLACED] + [Fate.REPEATED] * 3
    assert len({outcome.message_id for outcome in outcomes}) == 1
    with transaction() as session:
        assert session.scalars(text("SELECT repeats FROM channel_messages")).all() == [3]


def test_the_repeat_of_an_archived_message_is_known_by_its_key(shop: Shop) -> None:
    new = a_new_order()
    [first] = captured(arrival(new, key="k"))
    with transaction() as session:
        session.execute(text("DELETE FROM channel_messages"))
    again = captured(arrival(new, key="k"), arrival(a_new_order()), arrival(new, key="k"))
    assert fates(again) == [Fate.REPEATED, Fate.PLACED, Fate.REPEATED]
    assert [(one.message_id, one.status) for one in again[::2]] == [
        (first.message_id, ARCHIVED)
    ] * 2
    assert len(statuses()) == 2


def test_stock_that_others_took_meanwhile_is_not_promised_again(shop: Shop) -> None:
    async def work(one: Writer) -> None:
        await one.capture(arrival())
        with transaction() as session:
            for _ in range(14):
                an_order(session)
        await one.capture(arrival())

    writing(work)
    assert statuses() == ["backordered"] + ["captured"] * 15


def test_stock_that_came_in_meanwhile_is_promised_at_once(shop: Shop) -> None:
    async def work(one: Writer) -> None:
        await one.capture(arrival(a_new_order({"MUG": 6})))
        with transaction() as session:
            stock(session, shop.depot, MUG=1)
        await one.capture(arrival(a_new_order({"MUG": 6})))

    writing(work)
    assert statuses() == ["backordered", "captured"]


def test_channels_with_unlike_shares_get_the_ordinary_way(shop: Shop) -> None:
    with transaction() as session:
        buffer = Scope(sku="MUG", channel="shopify")
        rules.set_rule(session, RuleKind.BUFFER, buffer, units=2, actor="olga")
    outcomes = captured(arrival(), arrival(a_new_order({"LAMP": 1})))
    assert fates(outcomes) == [Fate.LEFT, Fate.PLACED]


def test_what_rules_keep_back_from_everybody_is_not_promised(shop: Shop) -> None:
    with transaction() as session:
        rules.set_rule(session, RuleKind.SAFETY, Scope(sku="MUG"), units=4, actor="olga")
    assert fates(captured(*(arrival() for _ in range(4)))) == [Fate.PLACED] * 4
    assert statuses() == ["backordered"] + ["captured"] * 3


def test_a_preorder_gets_the_ordinary_way(shop: Shop) -> None:
    with transaction() as session:
        preordering.set_release(session, "MUG", later(days=3), actor="olga")
    assert fates(captured(arrival())) == [Fate.LEFT]


def test_a_checkout_hold_that_ran_out_does_not_make_an_order_wait(shop: Shop) -> None:
    basket = Basket(
        channel="reference", currency="USD", lines=(("MUG", 5), ("LAMP", 5)), country="US",
        postcode="10002", latitude=40.71, longitude=-74.0,
    )  # fmt: skip
    with transaction() as session, clock.at(later(hours=-1)):
        for _ in range(3):
            checkout.keep(session, basket, minutes=15, actor="web")
    assert fates(captured(arrival())) == [Fate.LEFT]


def test_a_changed_network_is_read_again_before_anything_is_promised(shop: Shop) -> None:
    async def work(one: Writer) -> list[str]:
        await one.capture(arrival())
        with transaction() as session:
            session.execute(text("UPDATE locations SET active = false WHERE code = 'S01'"))
        await one.capture(arrival())
        with transaction() as session:
            return list(
                session.scalars(
                    text(
                        "SELECT code FROM reservations JOIN locations l ON l.id = location_id"
                        " ORDER BY reservations.id"
                    )
                )
            )

    first, second = writing(work)
    assert (first, second == "S01") == ("S01", False)


def test_without_its_connection_it_leaves_everything_and_comes_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_REST_S", 0.01)

    async def work(one: Writer) -> list[Fate]:
        found = [(await one.capture(arrival())).fate]
        with transaction() as session:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'tributary capture'"
                    " AND datname = current_database()"
                )
            )
        found.append((await one.capture(arrival())).fate)
        found.append((await one.capture(arrival())).fate)
        return found

    assert writing(work) == [Fate.PLACED, Fate.LEFT, Fate.PLACED]


def test_more_than_can_wait_are_told_to_come_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 5)

    async def work(one: Writer) -> list[object]:
        return await asyncio.gather(
            *(one.capture(arrival()) for _ in range(8)), return_exceptions=True
        )

    outcomes = writing(work)
    assert [isinstance(one, Busy) for one in outcomes] == [False] * 5 + [True] * 3
    assert len(statuses()) == 5


def test_one_that_does_not_run_leaves_everything(shop: Shop) -> None:
    assert asyncio.run(Writer().capture(arrival())).fate is Fate.LEFT
