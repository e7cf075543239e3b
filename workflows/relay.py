"""Deliver the outbox: owe channels what they must be told, and wake the workflows concerned."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from oms import clock
from oms.channels import inbox, owing
from oms.db import listen_connection, transaction
from oms.notifications import telling
from oms.ordering import waking
from oms.outbox import delivering
from oms.outbox.appending import WAKE_RELAY
from oms.outbox.models import OutboxRow
from oms.payments import capturing
from oms.publishing import channels
from oms.publishing import owing as stock
from oms.settings import settings
from workflows import carrier_news, sweeping
from workflows.feeding import Feeder
from workflows.messages import News, Subject
from workflows.queues import CORE
from workflows.targets import Target, targets

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

BATCH = 100
AT_ONCE = 16
POLL_S = 2.0
LEASE = timedelta(seconds=30)
_UNSETTLED_AFTER_S = 5.0
_MOVES_MONEY = frozenset(
    {
        "order.shipped",
        "order.collected",
        "order.cancelled",
        "order.cancelled_here",
        "order.put_back",
        "order.revised",
        "order.short_picked",
    }
)
"""Topics after which an order's payments are brought in line with its goods."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One workflow to tell, and the rows that are told by it."""

    target: Target
    news: News
    row_ids: tuple[int, ...]


async def run(client: Client, *, stop: asyncio.Event) -> None:
    """Deliver until told to stop. Several relays may run; each row is leased to one at a time."""
    wake = asyncio.Event()
    listening = asyncio.create_task(_listen(wake, stop))
    feeder = Feeder(client)
    while not stop.is_set():
        try:
            busy = await deliver_batch(client)
            busy = await _in_thread(_settle_message) or busy
            busy = await _in_thread(sweeping.sweep) or busy
            busy = await feeder.step() or busy
        except (SQLAlchemyError, RPCError, OSError) as error:
            log.warning("relay_interrupted", error=type(error).__name__)
            busy = False
        if not busy:
            await _pause(wake, stop)
    listening.cancel()


async def deliver_batch(client: Client) -> bool:
    """Deliver what waits, at most one batch; say whether there was any.

    The rows are leased first, so no transaction is open while Temporal is called. A relay
    that dies lets its lease run out, and another delivers the rows again.
    """
    deliveries, alone = await _in_thread(_lease)
    limit = asyncio.Semaphore(AT_ONCE)
    failed = await asyncio.gather(*(_tell(client, one, limit) for one in deliveries))
    refused = {row_id: error for error, ids in failed for row_id in ids if error}
    done = {row_id for one in deliveries for row_id in one.row_ids} | set(alone)
    if done:
        await _in_thread(partial(_settle, done - set(refused), refused))
    return bool(done)


def _lease() -> tuple[list[Delivery], list[int]]:
    """Claim rows, do what is ours to do, and gather whom to tell; rows that tell nobody apart."""
    woken: list[UUID] = []
    moved: set[UUID] = set()
    with transaction() as session:
        rows = delivering.claim(session, limit=BATCH)
        concerned: dict[str, tuple[Target, News, list[int]]] = {}
        alone: list[int] = []
        for row in rows:
            assert row.id is not None
            owing.owe_for(session, row)
            telling.tell_for(session, row)
            if row.topic == "stock.increased":
                woken += waking.wake_waiting(session, row.detail)
            if row.topic in _MOVES_MONEY:
                moved.add(row.subject_id)
            if row.topic == "stock.withheld":
                _owe_stock(session, row.detail)
            found = list(targets(session, row))
            for target in found:
                known = concerned.setdefault(target.workflow_id, (target, _news(row), []))
                known[2].append(row.id)
            if not found:
                alone.append(row.id)
            row.available_at = clock.now() + LEASE
    for order_id in woken:  # one by one: each takes stock, and two would wait for each other
        sweeping.alone(partial(waking.keep_for_held, order_id=order_id))
    for order_id in sorted(moved):  # one by one: each locks its order
        sweeping.alone(partial(capturing.settle, order_id=order_id))
    return [Delivery(t, news, tuple(ids)) for t, news, ids in concerned.values()], alone


def _owe_stock(session: Session, sku: str) -> None:
    """A rule keeps back more or less than before, of one article or, unnamed, of all."""
    codes = channels.publishing(settings())
    if sku:
        stock.owe(session, channels=codes, skus=[sku])
    else:
        stock.owe_everything(session, channels=codes)


def _settle(done: set[int], refused: dict[int, str]) -> None:
    with transaction() as session:
        rows = session.exec(
            select(OutboxRow).where(col(OutboxRow.id).in_(done | set(refused)))
        ).all()
        for row in rows:
            assert row.id is not None
            if row.id in refused:
                delivering.failed(row, error=refused[row.id])
            else:
                delivering.delivered(row)


def _settle_message() -> bool:
    """Apply one message that an error left behind at the door."""
    with transaction() as session:
        message_id = inbox.unsettled(session, older_than_s=_UNSETTLED_AFTER_S)
    if message_id is None:
        return False
    with transaction() as session:
        carrier_news.apply_stored(session, message_id)
    return True


async def _tell(
    client: Client, one: Delivery, limit: asyncio.Semaphore
) -> tuple[str, tuple[int, ...]]:
    """Start or signal one workflow; return the error, if any, and the rows it concerns."""
    async with limit:
        try:
            if one.target.start:
                await client.start_workflow(
                    one.target.kind.run,
                    Subject(one.target.subject_id),
                    id=one.target.workflow_id,
                    task_queue=CORE,
                    static_summary=one.target.summary,
                    search_attributes=one.target.attributes,
                    start_signal="changed",
                    start_signal_args=[one.news],
                )
            else:
                await client.get_workflow_handle(one.target.workflow_id).signal("changed", one.news)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return "", one.row_ids  # its row is closed and nobody waits for it any more
            return f"{error.status.name}: {error.message}", one.row_ids
    return "", one.row_ids


def _news(row: OutboxRow) -> News:
    return News(event=row.topic, version=row.version)


async def _listen(wake: asyncio.Event, stop: asyncio.Event) -> None:
    """Be woken by commits; when the database goes away, polling goes on and we come back."""
    loop = asyncio.get_running_loop()

    def listen() -> None:
        with listen_connection() as connection:
            connection.execute(f"LISTEN {WAKE_RELAY}")
            while not stop.is_set():
                for _ in connection.notifies(timeout=1.0, stop_after=1):
                    loop.call_soon_threadsafe(wake.set)

    while not stop.is_set():
        try:
            await asyncio.to_thread(listen)
        except (OSError, psycopg.Error) as error:
            log.warning("relay_listener_lost", error=type(error).__name__)
            await asyncio.sleep(1.0)


async def _pause(wake: asyncio.Event, stop: asyncio.Event) -> None:
    waits = [asyncio.create_task(wake.wait()), asyncio.create_task(stop.wait())]
    await asyncio.wait(waits, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
    for task in waits:
        task.cancel()
    wake.clear()


async def _in_thread(call: Callable[[], T]) -> T:
    return await asyncio.to_thread(call)
