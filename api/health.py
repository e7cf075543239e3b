"""Whether this process lives, and whether the whole can work."""

import asyncio
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from oms import clock
from oms.db import transaction
from workflows.client import TemporalAway, connect
from workflows.queues import CORE

router = APIRouter(tags=["health"])
_PATIENCE_S = 3.0
_POLLED_WITHIN = timedelta(minutes=2)


@router.get("/healthz")
def alive() -> dict[str, str]:
    """This process answers."""
    return {"status": "alive"}


@router.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """Database, Temporal and worker: 200 when all are there, else 503 naming what is missing."""
    database = await run_in_threadpool(_database)
    temporal, worker = await _temporal(request)
    parts = {"database": database, "temporal": temporal, "worker": worker}
    well = all(state == "ok" for state in parts.values())
    body: dict[str, Any] = {"status": "ready" if well else "not ready", **parts}
    return JSONResponse(body, status_code=200 if well else 503)


def _database() -> str:
    try:
        with transaction() as session:
            session.execute(text("SELECT 1 FROM outbox LIMIT 1"))
    except SQLAlchemyError as error:
        return f"no answer ({type(error).__name__})"
    return "ok"


async def _temporal(request: Request) -> tuple[str, str]:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            client = await _client(request)
            return "ok", await _worker(client)
    except (TimeoutError, TemporalAway, RPCError) as error:
        request.app.state.temporal = None
        return f"no answer ({type(error).__name__})", "unknown while Temporal is away"


async def _client(request: Request) -> Client:
    client: Client | None = getattr(request.app.state, "temporal", None)
    if client is None:
        client = request.app.state.temporal = await connect()
    return client


async def _worker(client: Client) -> str:
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=CORE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    fresh = [
        poller
        for poller in described.pollers
        if clock.now() - poller.last_access_time.ToDatetime(tzinfo=clock.now().tzinfo)
        < _POLLED_WITHIN
    ]
    return "ok" if fresh else "nobody polls oms-core; start `oms worker`"
