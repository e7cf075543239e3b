"""Bring what the ledger says to the channels: owe what moved, start who tells it."""

import asyncio

from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
)

from oms.db import transaction
from oms.publishing import channels, ledger, owing
from oms.settings import settings
from workflows.messages import Subject
from workflows.publishing import PublishStock
from workflows.queues import CORE

_EVERY_S = 0.5
_START_EVERY_S = 1.0


class Feeder:
    """Reads the ledger now and then, and sees that every channel that is owed stock is told."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._read_at = 0.0
        self._started_at: dict[str, float] = {}

    async def step(self) -> bool:
        """Look once, if it is time to; say whether more is known to wait in the ledger."""
        now = asyncio.get_running_loop().time()
        if now - self._read_at < _EVERY_S:
            return False
        self._read_at = now
        more, due = await asyncio.to_thread(_look)
        for code in due:
            if now - self._started_at.get(code, 0.0) >= _START_EVERY_S:
                self._started_at[code] = now
                await self._start(code)
        return more

    async def _start(self, code: str) -> None:
        """Start the channel's workflow; one that runs already goes on until nothing is due."""
        await self._client.start_workflow(
            PublishStock.run,
            Subject(code),
            id=f"stock:{code}",
            task_queue=CORE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"Tell {code} what may be sold",
            search_attributes=TypedSearchAttributes(
                [
                    SearchAttributePair(SearchAttributeKey.for_keyword("OmsKind"), "stock"),
                    SearchAttributePair(SearchAttributeKey.for_keyword("OmsChannel"), code),
                ]
            ),
        )


def _look() -> tuple[bool, frozenset[str]]:
    codes = channels.publishing(settings())
    with transaction() as session:
        more = ledger.advance(session, channels=codes)
    with transaction() as session:
        due = owing.due(session, channels=channels.reachable(session, codes))
    return more, due
