"""The worker process: workflows, activities and the relay."""

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.worker import Worker

from oms.settings import settings
from workflows import relay
from workflows.activities import (
    attention,
    cards,
    filing,
    importing,
    notices,
    orders,
    pickups,
    polling,
    reconciling,
    return_labels,
    returns,
    routing_runs,
    shipping,
    stock,
    storing,
    transfers,
    writebacks,
)
from workflows.card_payment import CardPayment
from workflows.client import TemporalAway, connect
from workflows.filing import FileManifest
from workflows.importing import ImportFile
from workflows.notice import SendNotice
from workflows.order import OrderWorkflow
from workflows.pickup import PickupFulfilment
from workflows.polling import ListenToQueues, PollChannels
from workflows.privacy import ErrorsByName
from workflows.publishing import PublishStock, ReconcileStock
from workflows.queues import CARRIER, CORE, NOTIFY, PAYMENTS, SOLVER, channel_queue
from workflows.reconciling import Reconcile
from workflows.returning import ReturnWorkflow
from workflows.routing_runs import RoutingRun
from workflows.ship import ShipFulfilment
from workflows.storing import KeepStorage
from workflows.transfer import TransferFulfilment
from workflows.writeback import TrackingWriteback

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

WORKFLOWS = [
    OrderWorkflow,
    ShipFulfilment,
    PickupFulfilment,
    TransferFulfilment,
    ReturnWorkflow,
    CardPayment,
    TrackingWriteback,
    SendNotice,
    Reconcile,
    PublishStock,
    ReconcileStock,
    PollChannels,
    ListenToQueues,
    ImportFile,
    RoutingRun,
    KeepStorage,
    FileManifest,
]
CORE_ACTIVITIES: list[Callable[..., Any]] = [
    attention.ask_for_help,
    orders.view_order,
    orders.route,
    orders.cancel,
    orders.reroute,
    orders.release_now,
    pickups.view_pickup,
    pickups.meet_deadline,
    pickups.settle_hand_over,
    pickups.meet_arrival,
    transfers.view_transfer,
    transfers.ask_where_it_is,
    cards.view_card,
    cards.replace,
    returns.view_return,
    returns.give_money_back,
    returns.close_return,
    returns.meet_return_deadline,
    shipping.view_shipment,
    filing.view_manifest,
    writebacks.view_writeback,
    notices.view_notice,
    reconciling.reconcile,
    importing.run_import,
    stock.publishing_channels,
    stock.ask_about_stock,
    polling.polled_channels,
    polling.listened_channels,
    routing_runs.collect_waiting,
    routing_runs.propose_moves,
    routing_runs.move_orders,
    storing.make_partitions,
    storing.archive_what_is_old,
]
CHANNEL_ACTIVITIES: list[Callable[..., Any]] = [
    writebacks.tell,
    stock.publish_stock,
    stock.compare_stock,
    polling.poll_channel,
    polling.listen,
]
PAYMENTS_ACTIVITIES: list[Callable[..., Any]] = [
    cards.look,
    cards.capture,
    cards.void,
    cards.renew,
    cards.refund,
]
CARRIER_ACTIVITIES: list[Callable[..., Any]] = [
    shipping.buy_labels,
    shipping.void_labels,
    shipping.track,
    filing.file_manifest,
    return_labels.buy_return_label,
    return_labels.give_return_label_back,
    return_labels.track_return,
]
NOTIFY_ACTIVITIES: list[Callable[..., Any]] = [
    notices.word_notice,
    notices.send_email,
    notices.send_sms,
    notices.send_webhook,
]
SOLVER_ACTIVITIES: list[Callable[..., Any]] = [routing_runs.solve_run]
_THREADS = 8
_LAST_WORDS_S = 5.0


def workers(
    client: Client, threads: ThreadPoolExecutor, *, queues: Sequence[str] | None = None
) -> list[Worker]:
    """A worker for each queue that this process serves; by default all of them."""
    guard = ErrorsByName()
    return [
        Worker(
            client,
            task_queue=queue,
            workflows=WORKFLOWS if queue == CORE else (),
            activities=activities,
            activity_executor=threads,
            max_concurrent_activities=most,
            interceptors=[guard],
        )
        for queue, activities, most in _served()
        if queues is None or queue in queues
    ]


def _served() -> Iterator[tuple[str, Sequence[Callable[..., Any]], int | None]]:
    """Queues, their activities, and how many of them run at a time."""
    yield CORE, CORE_ACTIVITIES, _THREADS
    yield CARRIER, CARRIER_ACTIVITIES, None
    yield NOTIFY, NOTIFY_ACTIVITIES, 4
    yield PAYMENTS, PAYMENTS_ACTIVITIES, 4
    yield SOLVER, SOLVER_ACTIVITIES, 1  # it takes all of a processor and much memory
    for code in settings().channels:
        yield channel_queue(code), CHANNEL_ACTIVITIES, 4


async def run(*, queues: Sequence[str] | None = None) -> None:
    """Work until SIGINT or SIGTERM, then finish what is in hand."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    client = await _connect_patiently(stop)
    if client is None:
        return
    with ThreadPoolExecutor(_THREADS * 2, thread_name_prefix="activity") as threads:
        group = workers(client, threads, queues=queues)
        tasks = [asyncio.create_task(worker.run()) for worker in group]
        relaying = asyncio.create_task(relay.run(client, stop=stop))
        log.info("worker_ready", queues=[worker.task_queue for worker in group])
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, relaying, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.gather(*(worker.shutdown() for worker in group))
        await asyncio.wait_for(asyncio.gather(relaying, *tasks), timeout=_LAST_WORDS_S)


async def _connect_patiently(stop: asyncio.Event) -> Client | None:
    """Wait for Temporal: the worker may be up first."""
    while not stop.is_set():
        try:
            return await connect()
        except TemporalAway as error:
            log.warning("temporal_unreachable", why=error.message)
            await asyncio.sleep(1.0)
    return None
