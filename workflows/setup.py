"""Prepare a Temporal namespace: retention, search attributes, schedules. Safe to repeat."""

from dataclasses import replace
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.service import RPCError, RPCStatusCode

from oms.settings import settings
from workflows.polling import ListenToQueues, PollChannels
from workflows.publishing import ReconcileStock
from workflows.queues import CORE
from workflows.reconciling import Reconcile
from workflows.routing_runs import RoutingRun
from workflows.storing import KeepStorage

RETENTION = timedelta(days=30)
RECONCILE_EVERY = timedelta(minutes=1)
RECONCILE_STOCK_EVERY = timedelta(minutes=5)
POLL_EVERY = timedelta(minutes=5)
LISTEN_EVERY = timedelta(minutes=1)
_LONGEST_RUN = timedelta(hours=2)
"""A run that is stuck must not hold up the next for ever."""
KEEP_STORAGE_EVERY = timedelta(hours=1)

KEYWORDS = (
    "OmsOrderId",
    "OmsStage",
    "OmsKind",
    "OmsChannel",
    "OmsLocation",
    "OmsAttention",
    "OmsExternalRef",
)
DATETIMES = ("OmsPromiseBy", "OmsNextDeadline")


async def prepare(client: Client) -> list[str]:
    """Bring the namespace to what we need and return what was done, in words.

    A cluster that does not let this account change the namespace is left as it is and said so.
    """
    return [
        await _retention(client),
        await _search_attributes(client),
        await _schedule(client, "sweep:reconcile", _reconcile(), every=RECONCILE_EVERY),
        await _schedule(client, "sweep:stock", _reconcile_stock(), every=RECONCILE_STOCK_EVERY),
        await _schedule(client, "sweep:channels", _poll_channels(), every=POLL_EVERY),
        *([await _listening(client)] if _queues() else []),
        await _schedule(client, "routing:run", _routing_run(), every=_between_runs()),
        await _schedule(client, "sweep:storage", _keep_storage(), every=KEEP_STORAGE_EVERY),
    ]


async def _retention(client: Client) -> str:
    duration = Duration()
    duration.FromTimedelta(RETENTION)
    try:
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(
                namespace=client.namespace,
                config=NamespaceConfig(workflow_execution_retention_ttl=duration),
            )
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.PERMISSION_DENIED:
            raise
        return "retention left as it is: this account may not change the namespace"
    return f"closed workflows are kept for {RETENTION.days} days"


async def _search_attributes(client: Client) -> str:
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    wanted = {
        **dict.fromkeys(KEYWORDS, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD),
        **dict.fromkeys(DATETIMES, IndexedValueType.INDEXED_VALUE_TYPE_DATETIME),
    }
    missing = {name: kind for name, kind in wanted.items() if name not in known.custom_attributes}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    return f"{len(wanted)} search attributes, {len(missing)} of them new"


async def _schedule(
    client: Client, name: str, action: ScheduleActionStartWorkflow, *, every: timedelta
) -> str:
    spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)])
    try:
        await client.create_schedule(
            name,
            Schedule(
                action=action,
                spec=spec,
                policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
            ),
        )
    except ScheduleAlreadyRunningError:
        # It stays paused if somebody has paused it.
        await client.get_schedule_handle(name).update(
            lambda seen: ScheduleUpdate(replace(seen.description.schedule, spec=spec))
        )
        return f"the schedule {name} was there"
    return f"the schedule {name} was made"


def _reconcile() -> ScheduleActionStartWorkflow:
    return ScheduleActionStartWorkflow(
        Reconcile.run,
        id="sweep:reconcile",
        task_queue=CORE,
        static_summary="Compare open rows with running workflows",
    )


def _reconcile_stock() -> ScheduleActionStartWorkflow:
    return ScheduleActionStartWorkflow(
        ReconcileStock.run,
        [],
        id="sweep:stock",
        task_queue=CORE,
        static_summary="Compare the channels' stock figures with what they were told",
    )


def _poll_channels() -> ScheduleActionStartWorkflow:
    return ScheduleActionStartWorkflow(
        PollChannels.run,
        [],
        id="sweep:channels",
        task_queue=CORE,
        static_summary="Ask the channels for orders that they have not told of",
    )


async def _listening(client: Client) -> str:
    action = ScheduleActionStartWorkflow(
        ListenToQueues.run,
        id="listen:channels",
        task_queue=CORE,
        static_summary="Listen to the channels' queues",
    )
    return await _schedule(client, "listen:channels", action, every=LISTEN_EVERY)


def _queues() -> bool:
    channels = settings().channels.values()
    return any(each.selling_partner and each.selling_partner.queue for each in channels)


def _routing_run() -> ScheduleActionStartWorkflow:
    return ScheduleActionStartWorkflow(
        RoutingRun.run,
        "schedule",
        id="routing:run",
        task_queue=CORE,
        execution_timeout=_LONGEST_RUN,
        static_summary="Find better places for the orders that wait",
    )


def _between_runs() -> timedelta:
    return timedelta(minutes=settings().routing_run_minutes)


def _keep_storage() -> ScheduleActionStartWorkflow:
    return ScheduleActionStartWorkflow(
        KeepStorage.run,
        id="sweep:storage",
        task_queue=CORE,
        static_summary="Make partitions ahead, archive old ones",
    )
