"""Returns seen through by their workflow, with time running ahead where they wait."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from oms.db import transaction
from oms.exceptions.models import OpenException
from oms.notifications import notices
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.payments import capturing, card_client, cards, statements
from oms.returns import asking, disposing, receiving, ruling
from oms.returns.asking import Wanted
from oms.returns.models import Condition, Disposition, Return, ReturnedGoods, ReturnStatus, Way
from oms.returns.rules import Rule, RuleSet
from oms.settings import settings
from tests import builders
from tests.oms.payments.stripe_double import KEY, Double, served
from tests.workflows import shop
from tests.workflows.conftest import AtWork, run, until
from tests.workflows.test_stories import closed
from workflows.activities import reconciling


def sent_order(*, channel: str = "till", paid: bool = True) -> UUID:
    """An order for two mugs; one of a till is paid there."""
    with transaction() as session:
        row = builders.an_order(session, {"MUG": 2}, channel=channel)
        if paid and channel == "till":
            capturing.take(
                session, row.id, tender="cash", amount_minor=2_500, reference="T1/1",
                key=str(row.id), actor="till",
            )  # fmt: skip
    return row.id


async def give_to_carrier(order_id: UUID) -> None:
    [part] = await until(lambda: shop.fulfilments(order_id))
    await asyncio.to_thread(shop.pack, part.id, {"MUG": 2})
    await until(lambda: shop.parcels(part.id)[0].tracking_number)
    await asyncio.to_thread(shop.give_to_carrier, part.id)


def ask(order_id: UUID, units: int = 1) -> UUID:
    with transaction() as session:
        [line] = orders.lines(session, order_id)
        wanted = [Wanted(line.id, units)]
        return asking.ask(session, order_id, wanted, way=Way.MAIL, actor="customer").id


def receive(return_id: UUID) -> None:
    with transaction() as session:
        place = builders.a_store(session, "S09")
        receiving.receive(session, return_id, {"MUG": 1}, location_id=place.id, actor="anna")


def inspect(return_id: UUID) -> UUID:
    with transaction() as session:
        one = session.exec(select(ReturnedGoods).where(ReturnedGoods.return_id == return_id)).one()
        receiving.inspect(session, return_id, one.id, condition=Condition.AS_NEW, actor="anna")
        return one.id


def dispose(return_id: UUID, goods_id: UUID) -> None:
    with transaction() as session:
        disposing.dispose(session, return_id, goods_id, Disposition.SELLABLE, actor="anna")


def found(return_id: UUID) -> Return:
    with transaction() as session:
        return session.get_one(Return, return_id)


def refunded(order_id: UUID) -> list[int]:
    with transaction() as session:
        order = session.get_one(Order, order_id)
        return [one.amount_minor for one in statements.of_order(session, order).refunds]


def captured(order_id: UUID) -> int:
    with transaction() as session:
        order = session.get_one(Order, order_id)
        payments = statements.of_order(session, order).payments
        return sum(one.captured_minor for one in payments)


async def until_shown(client: Client, return_id: UUID, **wanted: str) -> None:
    """Wait until the return's workflow runs and shows these search attributes."""
    handle = client.get_workflow_handle(f"return:{return_id}")
    async with asyncio.timeout(20):
        while True:
            try:
                described = await handle.describe()
            except RPCError:
                described = None  # the relay has not started it yet
            if described and described.status is WorkflowExecutionStatus.RUNNING:
                shown = {key: values[0] for key, values in described.search_attributes.items()}
                if wanted.items() <= shown.items():
                    return
            await asyncio.sleep(0.05)


def test_a_return_is_received_inspected_refunded_and_closed(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop()
        order_id = sent_order(channel="reference")
        async with at_work() as client:
            await give_to_carrier(order_id)
            await until(lambda: captured(order_id) == 2_500)
            return_id = await asyncio.to_thread(ask, order_id)
            handle = client.get_workflow_handle(f"return:{return_id}")
            await until(lambda: found(return_id).status is ReturnStatus.AUTHORISED)
            await asyncio.to_thread(receive, return_id)
            await until_shown(
                client, return_id, OmsStage="received", OmsKind="return", OmsLocation="S09"
            )
            assert refunded(order_id) == []
            await handle.terminate("a crash: the row carries on")
            goods_id = await asyncio.to_thread(inspect, return_id)
            await until(lambda: refunded(order_id) == [1_250])
            await asyncio.to_thread(dispose, return_id, goods_id)
            assert await closed(client, f"return:{return_id}") == "closed"
            assert refunded(order_id) == [1_250]

    run(story())


def test_a_return_that_never_comes_runs_out_and_can_be_reopened(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop()
        order_id = sent_order()
        async with at_work() as client:
            await give_to_carrier(order_id)
            return_id = await asyncio.to_thread(ask, order_id)
            handle = client.get_workflow_handle(f"return:{return_id}")
            skipper = TimeSkipper(client)
            await until(lambda: found(return_id).status is ReturnStatus.AUTHORISED)
            await until_shown(client, return_id, OmsStage="authorised")
            await skipper.fast_forward(handle, timedelta(days=14.1))
            await until(lambda: found(return_id).reminded_at)
            await skipper.fast_forward(handle, timedelta(days=7.1))
            assert await closed(client, f"return:{return_id}") == "expired"
            with transaction() as session:
                told = [one.kind.value for one in notices.of_order(session, order_id)]
                assert told == ["confirmed", "shipped", "return_reminder"]

            def reopen() -> None:
                with transaction() as session:
                    asking.authorise(session, return_id, reason="the post", actor="operator:o")

            await asyncio.to_thread(reopen)
            await until(lambda: found(return_id).status is ReturnStatus.AUTHORISED)
            await until_shown(client, return_id, OmsStage="authorised")

    run(story())


def test_money_that_nobody_took_asks_for_a_person_and_goes_on_afterwards(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop()
        with transaction() as session:
            rules = RuleSet(rules=(Rule(name="quick", refund="instant"),))
            ruling.publish(session, rules, note="test", actor="olga")
        order_id = sent_order(paid=False)
        async with at_work() as client:
            await give_to_carrier(order_id)
            return_id = await asyncio.to_thread(ask, order_id)
            await asyncio.to_thread(receive, return_id)

            def cases() -> list[str]:
                with transaction() as session:
                    rows = session.exec(select(OpenException)).all()
                    return [row.cause_type for row in rows if row.resolved_at is None]

            await until(lambda: cases() == ["return"])

            def pay() -> None:
                with transaction() as session:
                    capturing.take(
                        session, order_id, tender="cash", amount_minor=2_500, reference="T1/1",
                        key=str(order_id), actor="till",
                    )  # fmt: skip

            await asyncio.to_thread(pay)
            handle = client.get_workflow_handle(f"return:{return_id}")
            said = await handle.execute_update("retry_step")
            assert "nothing is left" in said
            await until(lambda: refunded(order_id) == [1_250])
            await until(lambda: cases() == [])

    run(story())


def test_a_return_without_a_workflow_is_found_and_followed(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop()
        order_id = sent_order()
        async with at_work() as client:
            await give_to_carrier(order_id)
            return_id = await asyncio.to_thread(ask, order_id)
            await until_shown(client, return_id, OmsStage="authorised")
            await client.get_workflow_handle(f"return:{return_id}").terminate("by mistake")
            await asyncio.to_thread(_age, return_id)
            await asyncio.to_thread(lambda: reconciling._mend(frozenset()))
            await until_shown(client, return_id, OmsStage="authorised")

    run(story())


def _age(return_id: UUID) -> None:
    with transaction() as session:
        row = session.get_one(Return, return_id)
        row.asked_at -= timedelta(minutes=1)


def test_a_card_is_charged_by_its_workflow_and_the_label_of_a_return_is_bought(
    at_work: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        shop.open_shop()
        order_id = sent_order(paid=False)
        intent = double.pay(2_500)
        async with at_work() as client:

            def claim() -> UUID:
                with transaction() as session:
                    return cards.claim(session, order_id, intent, actor="shop").id

            payment_id = await asyncio.to_thread(claim)
            await give_to_carrier(order_id)
            await until(lambda: double.intents[intent]["amount_received"] == 2_500)
            assert await closed(client, f"payment:{payment_id}") == "spent"

            def send_back() -> UUID:
                with transaction() as session:
                    [line] = orders.lines(session, order_id)
                    wanted = [Wanted(line.id, 1)]
                    return asking.ask(
                        session, order_id, wanted, way=Way.MAIL, actor="customer", label=True
                    ).id

            return_id = await asyncio.to_thread(send_back)
            await until(lambda: found(return_id).tracking_number)
            await asyncio.to_thread(receive, return_id)
            await asyncio.to_thread(inspect, return_id)
            await until(lambda: [one["amount"] for one in double.refunds.values()] == [1_250])

    double = Double()
    with served(double) as url:
        monkeypatch.setenv("TRIBUTARY_STRIPE_API_KEY", KEY)
        monkeypatch.setenv("TRIBUTARY_STRIPE_API_URL", url)
        settings.cache_clear()
        card_client.cards.cache_clear()
        run(story())
    card_client.cards.cache_clear()
