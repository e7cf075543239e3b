"""Orders seen through by their workflows, with time running ahead where they wait."""

import asyncio
import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.testing import TimeSkipper
from temporalio.worker import Replayer

from oms.db import transaction
from oms.exceptions.models import OpenException
from oms.fulfilments import giving_back
from oms.fulfilments.models import RejectReason
from oms.locations import queries as locations
from oms.notifications.models import Notice, NoticeKind
from oms.ordering import cancelling, holds
from oms.orders.models import HoldKind
from oms.orders.new_order import NewHold
from oms.pickup import expiry, handover, preparing, rescheduling, undoing
from oms.pickup.handover import Shown
from oms.pickup.models import Proof
from oms.settings import settings
from tests import builders
from tests.workflows import shop
from tests.workflows.conftest import AtWork, run, until
from workflows.activities import carrying, reconciling
from workflows.worker import WORKFLOWS


async def closed(client: Client, workflow_id: str) -> str:
    """Wait for a workflow's end, replay its history, and return its result."""
    handle = client.get_workflow_handle(workflow_id)
    async with asyncio.timeout(20):
        result = await handle.result()
    history = await handle.fetch_history()
    await Replayer(workflows=WORKFLOWS).replay_workflow(history)
    if folder := os.environ.get("RECORD_HISTORIES"):  # how tests/histories is brought up to date
        test = os.environ["PYTEST_CURRENT_TEST"].split("::")[1].split(" ")[0]
        kind = workflow_id.split(":")[0]
        nobody = re.sub(r'"\d+@[^"]+"', '"test"', history.to_json())
        nobody = re.sub(r'("stackTrace": )"(?:[^"\\]|\\.)*"', r'\1""', nobody)
        Path(folder, f"{test}.{kind}.json").write_text(nobody)
    return str(result)


def test_a_shipment_is_labelled_tracked_and_delivered(
    at_work: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBUTARY_TRACKING_POLL_SECONDS", "1")
    monkeypatch.setenv("TRIBUTARY_SIMULATED_CARRIER_SPEED", "200000")
    carrying.registry.cache_clear()

    async def story() -> None:
        shop.open_shop()
        order_id = shop.order({"MUG": 2})
        async with at_work() as client:
            [part] = await until(lambda: shop.fulfilments(order_id))
            await asyncio.to_thread(shop.pack, part.id, {"MUG": 2})
            await until(lambda: shop.parcels(part.id)[0].tracking_number)
            await asyncio.to_thread(shop.give_to_carrier, part.id)
            assert await closed(client, f"fulfilment:{part.id}") == "delivered"
            assert await closed(client, f"order:{order_id}") == "fulfilled"

    run(story())
    carrying.registry.cache_clear()


def test_a_held_order_is_routed_when_it_is_released(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop()
        order_id = shop.order({"MUG": 1}, holds=[NewHold(HoldKind.PAYMENT, "not paid yet")])
        async with at_work() as client:
            handle = client.get_workflow_handle(f"order:{order_id}")
            await until(lambda: shop.status(order_id) == "held")
            assert shop.fulfilments(order_id) == []

            def release() -> None:
                with transaction() as session:
                    holds.release_hold(session, order_id, kind=HoldKind.PAYMENT, actor="test")

            await asyncio.to_thread(release)
            await until(lambda: shop.fulfilments(order_id))
            described = await handle.describe()
            assert described.status is WorkflowExecutionStatus.RUNNING

    run(story())


def test_a_rejected_shipment_goes_to_another_location_and_not_back(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop()
        order_id = shop.order({"MUG": 1})
        async with at_work():
            [first] = await until(lambda: shop.fulfilments(order_id))

            def reject() -> None:
                with transaction() as session:
                    giving_back.reject(
                        session, first.id, reason=RejectReason.TOO_BUSY, actor="test"
                    )

            await asyncio.to_thread(reject)
            [second] = await until(lambda: shop.fulfilments(order_id, status="allocated"))
            assert second.location_id != first.location_id

    run(story())


NEW_YORK = ZoneInfo("America/New_York")


def days_past_the_next_clock_change() -> int:
    """So many days from now the clocks of New York have just been changed."""
    now = datetime.now(NEW_YORK)
    days = range(4, 300)
    return 4 + next(day for day in days if _offset(now + timedelta(days=day)) != _offset(now))


def _offset(moment: datetime) -> timedelta | None:
    return moment.replace(hour=12).utcoffset()


def test_a_customer_is_reminded_twice_and_then_the_goods_go_back(
    at_work: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBUTARY_PICKUP_DAYS", str(days_past_the_next_clock_change()))
    settings.cache_clear()

    async def story() -> None:
        shop.open_shop()
        order_id = shop.order({"MUG": 1}, pickup_store="S01")
        async with at_work() as client:
            waiting = await until(lambda: shop.pickup(order_id))
            await asyncio.to_thread(shop.stage, waiting.id, {"MUG": 1})
            handle = client.get_workflow_handle(f"fulfilment:{waiting.fulfilment_id}")
            skipper = TimeSkipper(client)
            for days, count in ((2.1, 1), (3.1, 2)):
                await skipper.fast_forward(handle, timedelta(days=days))
                await until(lambda count=count: notices("reminder") == count)

            # It waits until the doors close, on the other side of a change of clocks.
            last = closing(order_id)
            assert last.hour == 20
            assert _offset(last) != _offset(datetime.now(NEW_YORK))
            # That day becomes a holiday: the workflow waits a day longer, and the customer knows.
            await asyncio.to_thread(close_on, last)
            await until(lambda: notices("reminder") == 3)
            left = last - datetime.now(NEW_YORK) - timedelta(days=5.2)
            await skipper.fast_forward(handle, left + timedelta(hours=1))
            assert (closing(order_id) - last).days == 1
            assert shop.pickup(order_id).status.value == "ready"
            await skipper.fast_forward(handle, timedelta(days=1))
            await until(lambda: notices("expired") == 1)
            assert shop.pickup(order_id).status.value == "expired"

            def put_back() -> None:
                with transaction() as session:
                    expiry.put_back(session, waiting.id, actor="test")

            await asyncio.to_thread(put_back)
            assert await closed(client, f"fulfilment:{waiting.fulfilment_id}") == "put_back"
            assert await closed(client, f"order:{order_id}") == "cancelled"

    def closing(order_id: UUID) -> datetime:
        until = shop.pickup(order_id).pick_up_by
        assert until is not None
        return until.astimezone(NEW_YORK)

    def close_on(day: datetime) -> None:
        with transaction() as session:
            store = locations.by_code(session, "S01")
            rescheduling.close_on(session, store, day.date(), reason="holiday", actor="test")

    def notices(kind: str) -> int:
        with transaction() as session:
            found = session.exec(select(Notice).where(Notice.kind == NoticeKind(kind))).all()
        return len(found)

    run(story())


def test_a_collected_pickup_closes_pickup_and_order(
    at_work: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBUTARY_HAND_OVER_UNDO_SECONDS", "5")
    settings.cache_clear()

    async def story() -> None:
        shop.open_shop()
        order_id = shop.order({"MUG": 1}, pickup_store="S01")
        async with at_work() as client:
            waiting = await until(lambda: shop.pickup(order_id))
            await asyncio.to_thread(shop.stage, waiting.id, {"MUG": 1})

            def hand_over() -> None:
                with transaction() as session:
                    handover.hand_over(
                        session, waiting.id, Shown(Proof.CODE, waiting.code), actor="test"
                    )

            def undo() -> None:
                with transaction() as session:
                    undoing.undo(session, waiting.id, actor="test")

            await asyncio.to_thread(hand_over)
            assert shop.status(order_id) == "ready_for_pickup"
            await asyncio.to_thread(undo)
            assert shop.pickup(order_id).status.value == "ready"
            await asyncio.to_thread(hand_over)
            assert await closed(client, f"fulfilment:{waiting.fulfilment_id}") == "collected"
            assert await closed(client, f"order:{order_id}") == "fulfilled"

    run(story())


def test_a_pickup_that_its_store_cannot_fill_waits_for_a_person(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop()
        order_id = shop.order({"MUG": 1}, pickup_store="S01")
        async with at_work():
            waiting = await until(lambda: shop.pickup(order_id))

            def reject() -> None:
                with transaction() as session:
                    preparing.reject(
                        session, waiting.id, reason=RejectReason.NOT_FOUND, actor="test"
                    )

            await asyncio.to_thread(reject)
            await until(lambda: cases() == ["cannot_fill"])
            await until(lambda: shop.status(order_id) == "backordered")
            assert shop.fulfilments(order_id, status="allocated") == []

    def cases() -> list[str]:
        with transaction() as session:
            return [case.kind.value for case in session.exec(select(OpenException)).all()]

    run(story())


def test_a_backordered_order_is_filled_when_stock_comes_in(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop(s01=0, w01=0)
        order_id = shop.order({"MUG": 3})
        async with at_work():
            await until(lambda: shop.status(order_id) == "backordered")

            def receive() -> None:
                with transaction() as session:
                    from oms.locations import queries

                    builders.stock(session, queries.by_code(session, "W01"), MUG=5)

            await asyncio.to_thread(receive)
            [part] = await until(lambda: shop.fulfilments(order_id))
            assert part.status.value == "allocated"

    run(story())


def test_a_terminated_workflow_is_started_again_and_carries_on(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop()
        order_id = shop.order({"MUG": 1})
        async with at_work() as client:
            [part] = await until(lambda: shop.fulfilments(order_id))
            handle = client.get_workflow_handle(f"fulfilment:{part.id}")
            await until_running(client, f"fulfilment:{part.id}")
            await handle.terminate("an operator's mistake")
            monkey = reconciling._SETTLING
            reconciling._SETTLING = timedelta(0)
            try:
                await until_listed(client, gone=f"fulfilment:{part.id}")
                await reconciling.reconcile()
            finally:
                reconciling._SETTLING = monkey
            await until_running(client, f"fulfilment:{part.id}")
            assert len(shop.fulfilments(order_id)) == 1

    run(story())


def test_cancelling_ends_order_and_fulfilment_and_frees_the_stock(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop(s01=1, w01=0)
        order_id = shop.order({"MUG": 1})
        async with at_work() as client:
            [part] = await until(lambda: shop.fulfilments(order_id))

            def cancel() -> None:
                with transaction() as session:
                    cancelling.cancel(session, order_id, actor="test", reason="changed mind")

            await asyncio.to_thread(cancel)
            assert await closed(client, f"fulfilment:{part.id}") == "cancelled"
            assert await closed(client, f"order:{order_id}") == "cancelled"
            again = shop.order({"MUG": 1})
            await until(lambda: shop.fulfilments(again))

    run(story())


def test_an_operator_cancels_from_the_temporal_ui(at_work: AtWork) -> None:
    async def story() -> None:
        shop.open_shop()
        order_id = shop.order({"MUG": 1})
        async with at_work() as client:
            await until(lambda: shop.fulfilments(order_id))
            handle = client.get_workflow_handle(f"order:{order_id}")
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await handle.execute_update("cancel", " ")
            assert str(refused.value.cause) == "no_reason: say why the order is cancelled"
            assert shop.status(order_id) == "in_fulfilment"
            assert await handle.execute_update("cancel", "the customer called") == "cancelled"
            assert await closed(client, f"order:{order_id}") == "cancelled"

    run(story())


async def until_running(client: Client, workflow_id: str) -> None:
    async with asyncio.timeout(15):
        while True:
            async for found in client.list_workflows(
                f"WorkflowId = '{workflow_id}' AND ExecutionStatus = 'Running'"
            ):
                if found:
                    return
            await asyncio.sleep(0.1)


async def until_listed(client: Client, *, gone: str) -> None:
    async with asyncio.timeout(15):
        while True:
            running = [
                found.id
                async for found in client.list_workflows(
                    f"WorkflowId = '{gone}' AND ExecutionStatus = 'Running'"
                )
            ]
            if not running:
                return
            await asyncio.sleep(0.1)
