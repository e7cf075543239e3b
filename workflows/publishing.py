"""Keep the channels' stock figures right: tell what is owed, compare what they show."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows.activities import stock
    from workflows.messages import Failure, StockCompared, Subject
    from workflows.queues import DATABASE_CALL, DATABASE_RETRY, HTTP_RETRY, channel_queue

from workflows.following import cause_of

_ONE_BATCH = timedelta(seconds=90)
"""Shorter than the lease of a batch, so that no two tellings of one article overlap."""
_PAUSE = timedelta(seconds=1)
"""Between two batches: the rate limit of a channel."""
_LOOK_AGAIN = timedelta(minutes=10)
_ONE_COMPARISON = timedelta(hours=1)
_SIGN_OF_LIFE = timedelta(minutes=1)
_FEW_TRIES = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    maximum_interval=timedelta(seconds=10),
    maximum_attempts=4,
)
"""A channel that is away must not hold up the comparison of the others."""
_ATTENTION = SearchAttributeKey.for_keyword("OmsAttention")


@workflow.defn
class PublishStock:
    """Tell one channel what it is owed, batch by batch, until nothing is due.

    The rows are the truth: it may be terminated and started again at any moment.
    """

    def __init__(self) -> None:
        self._asked = False
        self._attention = ""

    @workflow.run
    async def run(self, channel: Subject) -> str:
        """Tell it all; return how much that was."""
        told = 0
        while True:
            try:
                batch = await workflow.execute_activity(
                    stock.publish_stock,
                    channel,
                    task_queue=channel_queue(channel.id),
                    summary=f"Tell {channel.id} a batch of stock figures",
                    start_to_close_timeout=_ONE_BATCH,
                    heartbeat_timeout=_SIGN_OF_LIFE,
                    retry_policy=HTTP_RETRY,
                )
            except ActivityError as error:
                await self._wait_for_help(channel, *cause_of(error))
                continue
            self._well()
            told += batch.count
            if batch.wait_s is None:
                return f"{told} figures told"
            await workflow.sleep(max(timedelta(seconds=batch.wait_s), _PAUSE))
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(channel)

    @workflow.update
    async def retry_step(self) -> str:
        """Try again now."""
        self._asked = True
        return self._attention or "nothing was stuck; looked again"

    async def _wait_for_help(self, channel: Subject, code: str, message: str) -> None:
        self._asked = False
        self._attention = message
        workflow.upsert_search_attributes([_ATTENTION.value_set(code)])
        workflow.set_current_details(f"**Needs a person**: {message}")
        await workflow.execute_activity(
            stock.ask_about_stock,
            Failure(channel.id, "publish_stock", code, message),
            summary="Open a case: the channel cannot be told of stock",
            start_to_close_timeout=DATABASE_CALL,
            retry_policy=DATABASE_RETRY,
        )
        try:
            await workflow.wait_condition(lambda: self._asked, timeout=_LOOK_AGAIN)
        except TimeoutError:
            return

    def _well(self) -> None:
        if self._attention:
            self._attention = ""
            workflow.upsert_search_attributes([_ATTENTION.value_unset()])
            workflow.set_current_details("")


@workflow.defn
class ReconcileStock:
    """Compare every channel's figures with what it was told; what differs is told again."""

    @workflow.run
    async def run(self, only: list[str]) -> list[StockCompared]:
        """Make one pass over these channels, or over all. One that is away is left out."""
        codes = only or await workflow.execute_activity(
            stock.publishing_channels,
            summary="Which channels are told of stock",
            start_to_close_timeout=DATABASE_CALL,
            retry_policy=DATABASE_RETRY,
        )
        passes = await asyncio.gather(*(self._compare(code) for code in codes))
        return [one for one in passes if one is not None]

    async def _compare(self, code: str) -> StockCompared | None:
        try:
            return await workflow.execute_activity(
                stock.compare_stock,
                Subject(code),
                task_queue=channel_queue(code),
                summary=f"Compare the stock figures of {code}",
                start_to_close_timeout=_ONE_COMPARISON,
                heartbeat_timeout=_SIGN_OF_LIFE,
                retry_policy=_FEW_TRIES,
            )
        except ActivityError:
            return None  # why is kept with the channel; the next pass is minutes away
