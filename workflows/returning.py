"""The life of a return: asked for, received, inspected and decided on by people, then refunded."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import returns
    from workflows.messages import Subject

from workflows.following import Act, Follower

_ACTS = {
    "refund": Act(returns.give_money_back, "Give the money back"),
    "close": Act(returns.close_return, "Close the return"),
    "meet_deadline": Act(returns.meet_return_deadline, "Remind the customer, or end the waiting"),
}


@workflow.defn
class ReturnWorkflow(Follower):
    """Remind the customer, give the money back once, close when all that came has its place.

    A return that was refused or has run out ends it; reopened, it is started again under its id.
    """

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """See the return through; return how it ended."""
        return await self.follow(subject, load=returns.view_return, acts=_ACTS)
