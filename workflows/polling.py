"""See that no order is missed: ask every channel for what changed, listen to those with a queue."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows.activities import polling
    from workflows.messages import Polled, Subject
    from workflows.queues import DATABASE_CALL, DATABASE_RETRY, channel_queue

_ONE_POLL = timedelta(minutes=20)
_LISTENING = timedelta(minutes=2)
_SIGN_OF_LIFE = timedelta(minutes=2)
_FEW_TRIES = RetryPolicy(
    initial_interval=timedelta(seconds=5),
    maximum_interval=timedelta(minutes=4),
    maximum_attempts=3,
)
"""The next round is minutes away; a channel that is away holds up no other."""
_ONCE = RetryPolicy(maximum_attempts=1)
"""The next minute listens again."""


@workflow.defn
class PollChannels:
    """Ask every channel for its orders once: what webhooks missed is found and applied."""

    @workflow.run
    async def run(self, only: list[str]) -> list[Polled]:
        """Make one round over these channels, or over all. One that is away is left out."""
        codes = only or await workflow.execute_activity(
            polling.polled_channels,
            summary="Which channels are asked for their orders",
            start_to_close_timeout=DATABASE_CALL,
            retry_policy=DATABASE_RETRY,
        )
        polls = await asyncio.gather(*(self._poll(code) for code in codes))
        return [one for one in polls if one is not None]

    async def _poll(self, code: str) -> Polled | None:
        try:
            return await workflow.execute_activity(
                polling.poll_channel,
                Subject(code),
                task_queue=channel_queue(code),
                summary=f"Ask {code} for what changed",
                start_to_close_timeout=_ONE_POLL,
                heartbeat_timeout=_SIGN_OF_LIFE,
                retry_policy=_FEW_TRIES,
            )
        except ActivityError:
            return None  # why is kept with the channel; the next round goes on where it was


@workflow.defn
class ListenToQueues:
    """Listen to the queues of the channels that have one, for about a minute."""

    @workflow.run
    async def run(self) -> int:
        """Listen; return how many notifications came."""
        codes = await workflow.execute_activity(
            polling.listened_channels,
            summary="Which channels have a queue",
            start_to_close_timeout=DATABASE_CALL,
            retry_policy=DATABASE_RETRY,
        )
        return sum(await asyncio.gather(*(self._listen(code) for code in codes)))

    async def _listen(self, code: str) -> int:
        try:
            return await workflow.execute_activity(
                polling.listen,
                Subject(code),
                task_queue=channel_queue(code),
                summary=f"Listen to the queue of {code}",
                start_to_close_timeout=_LISTENING,
                heartbeat_timeout=_SIGN_OF_LIFE,
                retry_policy=_ONCE,
            )
        except ActivityError:
            return 0  # why is kept with the channel
