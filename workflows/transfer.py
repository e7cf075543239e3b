"""The life of a transfer: asked for, picked, on the way, received; if it is late, somebody asks."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import transfers
    from workflows.messages import Subject

from workflows.following import Act, Follower

_ACTS = {
    "ask_where_it_is": Act(transfers.ask_where_it_is, "It should have come: ask where it is"),
}


@workflow.defn
class TransferFulfilment(Follower):
    """See that goods between two locations do not stay on the way for good."""

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """See the transfer through; return how it ended."""
        return await self.follow(subject, load=transfers.view_transfer, acts=_ACTS)
