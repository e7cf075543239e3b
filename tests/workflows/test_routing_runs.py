"""Orders wait, are looked at together by a joint run, and are released with time running ahead."""

import asyncio
import json
import os
import signal
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from temporalio.client import Client
from temporalio.testing import TimeSkipper
from typer.testing import CliRunner, Result

from api.cli import application, command_of
from oms.db import transaction
from oms.locations import queries as locations
from oms.ordering import cancelling
from oms.orders.models import Order
from oms.sourcing import policies, runs
from oms.sourcing.policy import parse
from tests import builders
from tests.oms.shop import held
from tests.workflows import shop
from tests.workflows.conftest import AtWork, run, until
from tests.workflows.test_stories import closed
from workflows import setup
from workflows.messages import RunEnded
from workflows.queues import CORE
from workflows.routing_runs import RoutingRun


def open_patient_shop() -> UUID:
    """An order that waits is held in the warehouse; then the store near by has the goods."""
    shop.open_shop(s01=0, w01=10)
    hold = {"service": "standard", "minutes": 30}
    with transaction() as session:
        builders.no_cut_off_soon(session)
        policy = parse({"name": "patient", "holds": [hold]})
        policies.add(session, policy, effective_from=None, actor="test")
    order_id = shop.order({"MUG": 1})
    assert at(order_id) == {"W01"}
    with transaction() as session:
        builders.stock(session, locations.by_code(session, "S01"), MUG=5)
    return order_id


def at(order_id: UUID) -> set[str]:
    with transaction() as session:
        found = held(session, session.get_one(Order, order_id))
    return {code for _, code in found}


async def a_run(client: Client) -> RunEnded:
    workflow_id = f"routing:{uuid4().hex[:8]}"
    handle = await client.start_workflow(RoutingRun.run, "test", id=workflow_id, task_queue=CORE)
    async with asyncio.timeout(60):
        [ended] = await handle.result()
    await closed(client, workflow_id)
    return ended


def test_an_order_waits_is_moved_and_is_released_where_it_was_put(at_work: AtWork) -> None:
    async def story() -> None:
        order_id = open_patient_shop()
        async with at_work() as client:
            handle = client.get_workflow_handle(f"order:{order_id}")
            await until_waiting(client, order_id)
            assert shop.fulfilments(order_id) == []
            ended = await a_run(client)
            assert (ended.orders, ended.committed, ended.fallback) == (1, 1, "")
            assert at(order_id) == {"S01"}
            assert shop.fulfilments(order_id) == []
            await TimeSkipper(client).fast_forward(handle, timedelta(minutes=31))
            [part] = await until(lambda: shop.fulfilments(order_id))
            with transaction() as session:
                assert part.location_id == locations.by_code(session, "S01").id
            await asyncio.to_thread(call_off, order_id)
            assert await closed(client, f"order:{order_id}") == "cancelled"

    def call_off(order_id: UUID) -> None:
        with transaction() as session:
            cancelling.cancel(session, order_id, actor="test", reason="changed mind")

    run(story())


async def until_waiting(client: Client, order_id: UUID) -> None:
    """The order's workflow shows until when it waits."""
    handle = client.get_workflow_handle(f"order:{order_id}")
    async with asyncio.timeout(20):
        while True:
            try:
                described = await handle.describe()
                if "OmsNextDeadline" in described.search_attributes:
                    return
            except Exception as error:
                if "not found" not in str(error):
                    raise
            await asyncio.sleep(0.05)


def test_an_operator_ends_the_wait_from_the_temporal_ui(at_work: AtWork) -> None:
    async def story() -> None:
        order_id = open_patient_shop()
        async with at_work() as client:
            await until_waiting(client, order_id)
            handle = client.get_workflow_handle(f"order:{order_id}")
            assert await handle.execute_update("release_now") == "captured"
            [part] = await until(lambda: shop.fulfilments(order_id))
            assert part.status.value == "allocated"

    run(story())


def solver_of_this_process() -> int | None:
    """The process id of the solver that the worker has started."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended
        if b"oms.sourcing.solver_process" in words and parent == os.getpid():
            return int(folder.name)
    return None


def test_a_solver_that_is_killed_moves_nothing_and_the_order_is_decided_all_the_same(
    at_work: AtWork,
) -> None:
    async def story() -> None:
        order_id = open_patient_shop()
        async with at_work() as client:
            await until_waiting(client, order_id)
            making = asyncio.create_task(a_run(client))
            os.kill(await until(solver_of_this_process), signal.SIGKILL)
            ended = await making
            assert (ended.committed, ended.kept) == (0, 1)
            assert ended.fallback == "the solver was ended by SIGKILL"
            with transaction() as session:
                [row] = runs.newest(session, limit=5)
            assert row.fallback_reason == ended.fallback
            assert at(order_id) == {"W01"}
            handle = client.get_workflow_handle(f"order:{order_id}")
            await TimeSkipper(client).fast_forward(handle, timedelta(minutes=31))
            await until(lambda: shop.fulfilments(order_id))

    run(story())


def test_a_run_that_is_terminated_and_started_again_goes_on(at_work: AtWork) -> None:
    async def story() -> None:
        order_id = open_patient_shop()
        async with at_work() as client:
            await until_waiting(client, order_id)
            workflow_id = f"routing:{uuid4().hex[:8]}"
            first = await client.start_workflow(
                RoutingRun.run, "test", id=workflow_id, task_queue=CORE
            )
            await until(collected)
            await first.terminate("an operator's mistake")
            again = await client.start_workflow(
                RoutingRun.run, "test", id=workflow_id, task_queue=CORE
            )
            async with asyncio.timeout(60):
                [ended] = await again.result()
            assert (ended.orders, ended.committed) == (1, 1)
            assert at(order_id) == {"S01"}
            assert len(collected()) == 1

    def collected() -> list[UUID]:
        with transaction() as session:
            return [row.id for row in runs.newest(session, limit=5)]

    run(story())


def test_an_operator_asks_for_a_run_on_the_command_line(at_work: AtWork) -> None:
    def oms(*words: str) -> Result:
        return CliRunner().invoke(application(command_of(words)), list(words))

    async def story() -> None:
        order_id = open_patient_shop()
        assert oms("route", "runs").stdout == "No joint run was made yet.\n"
        async with at_work() as client:
            await until_waiting(client, order_id)
            answer = await asyncio.to_thread(oms, "route", "run")
            assert (answer.exit_code, answer.stdout) == (
                0,
                "run 1: 1 orders waited, 1 moved, 0 lost, 0 kept\n",
            )
            assert at(order_id) == {"S01"}
            again = await asyncio.to_thread(oms, "route", "run", "--json")
            [ended] = json.loads(again.stdout)
            assert (ended["number"], ended["committed"], ended["kept"]) == (2, 0, 1)
            assert oms("route", "runs").stdout.count("optimal") == 2

    run(story())


def test_a_file_is_routed_although_there_are_words_for_runs() -> None:
    assert command_of(["route", "problem.json"]) == "route"
    assert command_of(["route", "run"]) == "route run"
    assert command_of(["route"]) == "route"
    assert command_of([]) is None


def test_joint_runs_are_on_a_schedule_that_follows_the_setting(
    at_work: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with at_work() as client:
            await setup.prepare(client)
            handle = client.get_schedule_handle("routing:run")
            await handle.pause(note="by hand")
            monkeypatch.setenv("TRIBUTARY_ROUTING_RUN_MINUTES", "7")
            setup.settings.cache_clear()
            assert "the schedule routing:run was there" in await setup.prepare(client)
            schedule = (await handle.describe()).schedule
            assert [one.every for one in schedule.spec.intervals] == [timedelta(minutes=7)]
            assert schedule.state.paused
            for name in ("routing:run", "sweep:reconcile", "sweep:stock"):
                await client.get_schedule_handle(name).delete()

    run(story())
