"""The life of an order: held or released, routed, then watched until every part is closed."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import orders
    from workflows.messages import Subject

from workflows.following import Act, Follower

_ACTS = {
    "route": Act(orders.route, "Choose the locations and give them their work"),
    "retry_backorder": Act(orders.route, "Look again for stock of what is backordered"),
}


@workflow.defn
class OrderWorkflow(Follower):
    """Route the order when nothing holds it, and again whatever comes back."""

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """See the order through; return how it ended."""
        return await self.follow(subject, load=orders.view_order, acts=_ACTS)
