"""Tell a channel one fact until it has accepted it, or a person has to look."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import writebacks
    from workflows.messages import Subject

from workflows.following import Act, Follower
from workflows.queues import channel_queue


@workflow.defn
class TrackingWriteback(Follower):
    """Write one fact back, once, however often the channel fails."""

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """See the fact accepted; return the channel's word."""
        code = workflow.info().workflow_id.split(":")[1]
        tell = Act(writebacks.tell, f"Tell {code}", channel_queue(code), outside=True)
        return await self.follow(subject, load=writebacks.view_writeback, acts={"tell": tell})
