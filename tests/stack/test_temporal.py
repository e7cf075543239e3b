"""Temporal's development server: what it knows survives a kill, and its clock can be moved."""

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path

import httpx2
from temporalio import workflow
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

from api.stack.temporal import SEARCH_ATTRIBUTES, running_temporal

QUEUE = "stack-tests"


@workflow.defn(sandboxed=False)  # the sandbox would import this test's own HTTP client
class WaitAWeek:
    """Ends after seven days."""

    @workflow.run
    async def run(self) -> int:
        await workflow.sleep(timedelta(days=7))
        return 7


async def start_one(address: str) -> None:
    client = await Client.connect(address)
    await client.start_workflow(WaitAWeek.run, id="order:1", task_queue=QUEUE)


async def running_ids(address: str) -> list[str]:
    client = await Client.connect(address)
    return [each.id async for each in client.list_workflows("ExecutionStatus = 'Running'")]


async def search_attributes(address: str) -> set[str]:
    client = await Client.connect(address)
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return set(answer.custom_attributes)


async def skip_a_week(address: str) -> int:
    skipper = TimeSkipper(await Client.connect(address))
    async with Worker(skipper.client, task_queue=QUEUE, workflows=[WaitAWeek]):
        handle = await skipper.client.start_workflow(WaitAWeek.run, id="order:2", task_queue=QUEUE)
        return await asyncio.wait_for(handle.result(), timeout=30)


def test_workflows_are_there_after_the_server_was_killed(tmp_path: Path) -> None:
    with running_temporal(tmp_path) as (server, child):
        assert httpx2.get(server.ui_url, trust_env=False).status_code == 200
        assert asyncio.run(search_attributes(server.address)) >= set(SEARCH_ATTRIBUTES)
        asyncio.run(start_one(server.address))
        os.kill(child.pid, signal.SIGKILL)
    with running_temporal(tmp_path) as (server, _):
        assert asyncio.run(running_ids(server.address)) == ["order:1"]
        assert asyncio.run(search_attributes(server.address)) >= set(SEARCH_ATTRIBUTES)


def test_a_week_passes_in_no_time_when_the_server_may_skip_it(tmp_path: Path) -> None:
    with running_temporal(tmp_path, time_skipping=True) as (server, _):
        assert asyncio.run(skip_a_week(server.address)) == 7
