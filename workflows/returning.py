"""The life of a return: asked for, sent, received and decided on by people, then refunded."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import return_labels, returns
    from workflows.messages import Subject

from workflows.following import Act, Follower
from workflows.queues import CARRIER

_ACTS = {
    "buy_label": Act(
        return_labels.buy_return_label, "Buy the customer's label", CARRIER, outside=True
    ),
    "give_label_back": Act(
        return_labels.give_return_label_back, "Give the label back", CARRIER, outside=True
    ),
    "track": Act(return_labels.track_return, "Ask the carrier where it is", CARRIER, outside=True),
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
