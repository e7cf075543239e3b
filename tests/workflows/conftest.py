"""One Temporal development server for all workflow tests, with time skipping."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from api.stack.temporal import running_temporal
from workflows import relay, worker

AtWork = Callable[[], AbstractAsyncContextManager[Client]]


@pytest.fixture(scope="session")
def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("temporal")
    with running_temporal(folder, time_skipping=True) as (server, _):
        yield server.address


@pytest.fixture
def at_work(live_database: str, temporal_address: str, monkeypatch: pytest.MonkeyPatch) -> AtWork:
    """Worker and relay at work for the length of the block; afterwards nothing runs on."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)

    @asynccontextmanager
    async def working() -> AsyncGenerator[Client]:
        client = await Client.connect(temporal_address)
        stop = asyncio.Event()
        with ThreadPoolExecutor(8) as threads:
            group = worker.workers(client, threads)
            tasks = [asyncio.create_task(one.run()) for one in group]
            tasks.append(asyncio.create_task(relay.run(client, stop=stop)))
            try:
                yield client
            finally:
                await _terminate_all(client)
                stop.set()
                await asyncio.gather(*(one.shutdown() for one in group))
                await asyncio.gather(*tasks)

    return working


async def _terminate_all(client: Client) -> None:
    async for found in client.list_workflows("ExecutionStatus = 'Running'"):
        try:
            await client.get_workflow_handle(found.id).terminate("the test is over")
        except RPCError:
            continue  # it has ended by itself meanwhile


async def until(condition: Callable[[], Any], *, within_s: float = 20.0) -> Any:
    """Wait until something is true and return it; read it in a thread, as an activity would."""
    async with asyncio.timeout(within_s):
        while not (found := await asyncio.to_thread(condition)):
            await asyncio.sleep(0.05)
    return found


def run(story: Coroutine[Any, Any, None]) -> None:
    """Run one story to its end."""
    asyncio.run(story)
